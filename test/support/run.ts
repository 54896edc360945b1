import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

/** Runs one suite with node:test: `node test/support/run.ts unit|conformance|simulation|acceptance|cloud|browser [file or filter …]`. */
const SUITES = {
  unit: { files: 'test/**/*.test.ts', except: /^test\/(conformance|simulation|acceptance|cloud|browser|bench)\// },
  conformance: { files: 'test/conformance/**/*.test.ts', except: undefined },
  acceptance: { files: 'test/acceptance/**/*.test.ts', except: undefined },
  browser: { files: 'test/browser/**/*.test.ts', except: undefined },
  cloud: { files: 'test/cloud/**/*.test.ts', except: undefined },
  simulation: { files: 'test/simulation/**/*.test.ts', except: undefined },
};

const [name, ...filters] = process.argv.slice(2);
const suite = SUITES[name as keyof typeof SUITES];
if (suite === undefined) {
  console.error(`Unknown suite "${name}", expected one of ${Object.keys(SUITES).join(', ')}`);
  process.exit(1);
}
const files = globSync(suite.files)
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !suite.except?.test(file))
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .sort();
if (files.length === 0) {
  console.error(`No test file of suite ${name} matches ${filters.join(' ')}`);
  process.exit(1);
}
// Each file is run by a process of its own, which would compile all it imports anew.
const env = { NODE_COMPILE_CACHE: 'node_modules/.cache/node', ...process.env };
const run = spawnSync(process.execPath, ['--test', '--test-concurrency=2', ...files], { stdio: 'inherit', env });
process.exit(run.status ?? 1);
