import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { aggregate } from '#shared/promql/engine/aggregate.ts';
import { finishWork, type OperatorContext } from '#shared/promql/engine/operator-context.ts';
import { selectQuantile } from '#shared/promql/engine/quantile-select.ts';
import { QueryError } from '#shared/promql/engine/query-error.ts';
import type { Value, VectorSeries } from '#shared/promql/engine/value.ts';
import { quantile } from '#shared/promql/functions/quantile.ts';
import type { AggregateExpr } from '#shared/promql/syntax/ast.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';

function series(name: string, values: readonly number[], dropName = false): VectorSeries {
  const labels = labelsFromRecord({ __name__: 'm', name });
  return { labels, dropName, values: Float64Array.from(values), present: new Uint8Array(values.length).fill(1) };
}

function run(
  query: string,
  input: readonly VectorSeries[],
  param?: number | Value,
  context?: Partial<OperatorContext>,
) {
  const expr = parseExpr(query, { experimentalFunctions: true }) as AggregateExpr;
  const steps = input[0].values.length;
  const scalar: Value | undefined =
    typeof param === 'number' ? { kind: 'scalar', values: new Float64Array(steps).fill(param) } : param;
  const whole: OperatorContext = { steps, delayedNameRemoval: false, annotate: () => {}, ...context };
  return finishWork(aggregate({ expr, series: input }, scalar, whole)).series;
}

function names(result: readonly VectorSeries[]): string {
  return result.map(({ labels }) => labels[3]).join('');
}

test('topk() and bottomk() order a single step best first, NaN last, equal ones as Go does', () => {
  const values = { a: 3, b: Number.NaN, c: 7, d: 3, e: 7, f: -1, g: 3 };
  const input = Object.entries(values).map(([name, value]) => series(name, [value]));
  // The orders are those that Prometheus 3.16 gives for series read in this order.
  const cases = [
    { query: 'topk(1, m)', k: 1, expected: 'c' },
    { query: 'topk(3, m)', k: 3, expected: 'eca' },
    { query: 'topk(9, m)', k: 9, expected: 'ecadgfb' },
    { query: 'bottomk(2, m)', k: 2, expected: 'fa' },
    { query: 'bottomk(9, m)', k: 9, expected: 'fdagecb' },
    { query: 'limitk(3, m)', k: 3, expected: 'bac' },
    { query: 'limitk(9, m)', k: 9, expected: 'bafdecg' },
    { query: 'limit_ratio(0.6, m)', k: 0.6, expected: 'bfdcg' },
  ];
  for (const { query, k, expected } of cases) assert.equal(names(run(query, input, k)), expected, query);
});

test('topk() chooses at each step for itself', () => {
  const input = [series('a', [1, 9, 5]), series('b', [2, 8, 6]), series('c', [3, 7, 4])];
  const counts: Value = { kind: 'scalar', values: Float64Array.of(1, 2, 0) };
  const result = run('topk(1, m)', input, counts);
  assert.deepEqual(
    result.map(({ labels, present }) => [labels[3], ...present]),
    [
      ['a', 0, 1, 0],
      ['b', 0, 1, 0],
      ['c', 1, 0, 0],
    ],
  );
});

test('a parameter out of range is refused or remarked on', () => {
  const input = [series('a', [1])];
  const cases = [
    { query: 'topk(NaN, m)', param: Number.NaN, expected: 'Parameter value is NaN' },
    { query: 'topk(1e30, m)', param: 1e30, expected: 'Scalar value 1e+30 overflows int64' },
    { query: 'limit_ratio(NaN, m)', param: Number.NaN, expected: 'Ratio value is NaN' },
  ];
  for (const { query, param, expected } of cases) {
    const isExpected = (error: unknown) => error instanceof QueryError && error.message === expected;
    assert.throws(() => run(query, input, param), isExpected, query);
  }
  const texts: string[] = [];
  run('quantile(2, m)', input, 2, { annotate: ({ text }) => texts.push(text) });
  run('limit_ratio(-2, m)', input, -2, { annotate: ({ text }) => texts.push(text) });
  assert.deepEqual(texts, [
    'quantile value should be between 0 and 1, got 2',
    'ratio value should be between -1 and 1, got -2, capping to -1',
  ]);
});

test('a group keeps the name that is to be dropped when the series of its last value says so', () => {
  const dropped = { ...series('a', [1, 0], true), present: Uint8Array.of(1, 0) };
  const kept = { ...series('b', [0, 1]), present: Uint8Array.of(0, 1) };
  assert.equal(run('sum by (__name__) (m)', [dropped, kept])[0].dropName, false);
  assert.equal(run('sum by (__name__) (m)', [kept, series('a', [1, 1], true)])[0].dropName, true);
});

test('memory is asked for before it is used', () => {
  const input = Array.from({ length: 10 }, (_, i) => series(`s${i}`, [i, i + 100, i + 200]));
  const queries = ['sum by (name) (m)', 'count_values("v", m)', 'topk(2, m)'];
  for (const query of queries) {
    let bytes = 0;
    const label: Value = { kind: 'string', value: 'v' };
    run(query, input, query.startsWith('count') ? label : 2, { reserve: (more) => (bytes += more) });
    assert.ok(bytes > 0, query);
  }
});

test('selectQuantile() is quantile()', () => {
  const value = fc.oneof(
    fc.integer({ min: -5, max: 5 }),
    fc.double(),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  );
  const phi = fc.oneof(fc.constantFrom(0, 0.5, 0.9, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  const property = fc.property(phi, fc.array(value, { minLength: 1, maxLength: 200 }), (of, values) => {
    const expected = quantile(of, Float64Array.from(values));
    // Of zeros of both signs either may come first.
    assert.equal(selectQuantile(of, Float64Array.from(values)) + 0, expected + 0);
  });
  fc.assert(property, { seed: 11, numRuns: 500 });
});
