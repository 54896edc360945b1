import { globSync, readFileSync, statSync } from 'node:fs';
import { runScript } from '#test/support/promql-script-runner.ts';

/** Runs PromQL test scripts in upstream's notation: `npm run conformance:promql -- FILE_OR_FOLDER…`. Prints every eval
 *  command that fails and the counts; ends with exit code 1 when any failed or none was found. */
const paths = process.argv.slice(2);
if (paths.length === 0) {
  console.error('Usage: npm run conformance:promql -- FILE_OR_FOLDER…');
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const file of paths.flatMap(filesOf)) {
  const outcome = await runScript(readFileSync(file, 'utf8'));
  for (const { line, query, problem } of outcome.failures) console.log(`${file}:${line}: ${query}\n    ${problem}`);
  passed += outcome.passed;
  failed += outcome.failures.length;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return globSync(`${path}/**/*.test`).sort();
}
