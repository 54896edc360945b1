import { spawnSync } from 'node:child_process';

/** `npm run check`: types, lint and format, import rules. Runs all, then fails if one did. */
const STEPS: readonly (readonly [name: string, ...command: string[]])[] = [
  ['types', 'node_modules/typescript/bin/tsc', '-p', '.'],
  ['types of the dashboard', 'node_modules/typescript/bin/tsc', '-p', 'dashboard'],
  ['lint and format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  ['import rules', '--test', '--test-reporter=dot', 'test/architecture.test.ts'],
];

let failed = 0;
for (const [name, ...command] of STEPS) {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  if (status !== 0) failed++;
}
console.log(`${STEPS.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
