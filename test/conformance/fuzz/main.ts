import { parseArgs } from 'node:util';
import { skipWithoutOracle } from '#test/support/oracle.ts';
import { type Failure, fuzz } from './fuzz.ts';
import { textOf } from './term.ts';

/** Compares random queries over random data with the real Prometheus:
 *  `node test/conformance/fuzz/main.ts --seed 1 --queries 20000`. The same seed gives the same cases. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    queries: { type: 'string', default: '2000' },
    from: { type: 'string', default: '0' },
    data: { type: 'boolean', default: true },
    floats: { type: 'boolean', default: false },
    shrink: { type: 'string', default: '20' },
  },
  allowNegative: true,
});

const missing = skipWithoutOracle('prometheus');
if (missing) {
  console.error(`Cannot compare: ${missing}`);
  process.exit(1);
}
const startedMs = performance.now();
const seed = Number(values.seed);
const { passed, failed, unstable, withSamples, refused } = await fuzz({
  seed,
  from: Number(values.from),
  queries: Number(values.queries),
  shrink: Number(values.shrink),
  floats: values.floats,
  onFailure: report,
  onProgress: (done) => console.error(`${done} queries, ${seconds()} s`),
});
console.log(`${withSamples} queries have a result, ${refused} are refused, seed ${seed}, ${seconds()} s`);
if (unstable > 0) console.log(`${unstable} not comparable: the real server gives different answers to them`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function seconds(): string {
  return ((performance.now() - startedMs) / 1000).toFixed(0);
}

function report({ found, smallest, difference, script }: Failure): void {
  console.log(`--- case ${found.index}${found.features ? '' : ', default features'}: ${difference.kind}`);
  if (values.data) console.log(script);
  else console.log(script.slice(script.lastIndexOf('\neval ') + 1));
  if (smallest !== found) console.log(`  found as ${textOf(found.query)}`);
  console.log(`  expected ${difference.expected}\n  got      ${difference.got}`);
}
