import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutOracle } from '#test/support/oracle.ts';
import { type Failure, fuzz } from './fuzz/fuzz.ts';

/** A few of the queries that `node test/conformance/fuzz/main.ts` compares with the real Prometheus. */
const QUERIES = 300;

test('random queries over random data give what the real Prometheus gives', {
  skip: skipWithoutOracle('prometheus'),
}, async () => {
  const failures: Failure[] = [];
  const { passed, withSamples } = await fuzz({
    seed: 1,
    queries: QUERIES,
    shrink: 3,
    onFailure: (failure) => failures.push(failure),
  });
  const report = failures.map(({ script, difference: { expected, got } }) => `${script}\n  ${expected}\n  ${got}`);
  assert.deepEqual(report, []);
  assert.ok(passed > QUERIES * 0.9, `only ${passed} of ${QUERIES} could be compared`);
  assert.ok(withSamples > QUERIES * 0.5, `only ${withSamples} of ${QUERIES} have a result`);
});
