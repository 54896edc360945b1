import { benchPromql } from './promql.ts';

/** Measures: `npm run bench -- promql [flags]`. Not a test: it takes minutes, and its times depend on the machine. */
const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<boolean>>> = { promql: benchPromql };

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`Unknown benchmark "${name}", expected one of ${Object.keys(BENCHES).join(', ')}`);
  process.exit(1);
}
process.exit((await bench(args)) ? 0 : 1);
