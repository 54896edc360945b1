import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsFromRecord } from '#shared/model/labels.ts';
import type { Querier } from '#shared/model/storage.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { engineWith, errorOf, fakeQuerier, ramps } from './engine-support.ts';

test('instant() gives each kind of value', async () => {
  const querier = fakeQuerier(ramps('m', ['a']));
  const engine = engineWith();
  const labels = labelsFromRecord({ __name__: 'm', instance: 'a' });
  const cases = [
    { query: '1 + 2', expected: { kind: 'scalar', timeMs: 35_000, value: 3 } },
    { query: '"text"', expected: { kind: 'string', timeMs: 35_000, value: 'text' } },
    { query: 'm', expected: { kind: 'vector', samples: [{ labels, timeMs: 35_000, value: 30 }] } },
    {
      query: 'm[20s]',
      expected: {
        kind: 'matrix',
        series: [{ labels, timestampsMs: Float64Array.of(20_000, 30_000), values: Float64Array.of(20, 30) }],
      },
    },
    {
      query: 'm[20s:5s]',
      expected: {
        kind: 'matrix',
        series: [
          {
            labels,
            timestampsMs: Float64Array.of(20_000, 25_000, 30_000, 35_000),
            values: Float64Array.of(20, 20, 30, 30),
          },
        ],
      },
    },
  ];
  for (const { query, expected } of cases) {
    const { value } = await engine.instant(query, 35_000, { querier });
    if (value.kind !== 'matrix') {
      assert.deepEqual(value, expected, query);
      continue;
    }
    const series = value.series.map((one) => ({ ...one }));
    const plain = series.map(({ labels, timestampsMs, values }) => ({ labels, timestampsMs, values }));
    assert.deepEqual({ kind: 'matrix', series: plain }, expected, query);
  }
});

test('range() gives a matrix ordered by labels, a scalar as a series without labels', async () => {
  const engine = engineWith();
  const times = { startMs: 20_000, endMs: 45_000, stepMs: 10_000 };
  const vector = await engine.range('-m', times, { querier: fakeQuerier(ramps('m', ['b', 'a'])) });
  assert.ok(vector.value.kind === 'matrix');
  assert.deepEqual(
    vector.value.series.map(({ labels }) => labels),
    [
      ['instance', 'a'],
      ['instance', 'b'],
    ],
  );
  const scalar = await engine.range('time()', times, { querier: fakeQuerier([]) });
  assert.ok(scalar.value.kind === 'matrix');
  assert.deepEqual(scalar.value.series[0].labels, []);
  assert.deepEqual([...scalar.value.series[0].timestampsMs], [20_000, 30_000, 40_000]);
  assert.deepEqual([...scalar.value.series[0].values], [20, 30, 40]);
});

test('a query may be given as an expression; its annotations have no position', async () => {
  const querier = fakeQuerier(ramps('m', ['a']));
  const engine = engineWith();
  const text = 'rate(m[1m])';
  const remark = 'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "m"';
  assert.deepEqual((await engine.instant(text, 60_000, { querier })).infos, [`${remark} (1:6)`]);
  assert.deepEqual((await engine.instant(parseExpr(text), 60_000, { querier })).infos, [remark]);
});

test('selectors ask storage for the samples they can look at, equal ones once', async () => {
  const lookback = { lookbackDeltaMs: 60_000 };
  const cases = [
    { query: 'm', expected: [[40_001, 160_000]] },
    { query: 'm offset 10s', expected: [[30_001, 150_000]] },
    { query: 'm offset -10s', expected: [[50_001, 170_000]] },
    { query: 'm @ 500', expected: [[440_001, 500_000]] },
    { query: 'm @ end()', expected: [[100_001, 160_000]] },
    { query: 'rate(m[30s])', expected: [[70_001, 160_000]] },
    { query: 'rate(m[30s] @ 500 offset 1s)', expected: [[469_001, 499_000]] },
    { query: 'max_over_time(m[30s:10s])', expected: [[10_001, 160_000]] },
    { query: 'max_over_time(rate(m[20s])[30s:10s] offset 5s)', expected: [[45_001, 155_000]] },
    { query: 'max_over_time(rate(m[20s])[30s:10s] @ 500)', expected: [[450_001, 500_000]] },
    { query: 'rate(m[30s] anchored)', expected: [[10_001, 160_000]] },
    { query: 'rate(m[30s] smoothed)', expected: [[10_001, 220_000]] },
    { query: 'm smoothed', expected: [[40_001, 220_000]] },
    { query: 'm + m', expected: [[40_001, 160_000]] },
    { query: 'm + rate(m[60s])', expected: [[40_001, 160_000]] },
    {
      query: 'm + n',
      expected: [
        [40_001, 160_000],
        [40_001, 160_000],
      ],
    },
  ];
  for (const { query, expected } of cases) {
    const querier = fakeQuerier([]);
    await engineWith(lookback).range(query, { startMs: 100_000, endMs: 160_000, stepMs: 10_000 }, { querier });
    assert.deepEqual(
      querier.asked.map(({ minMs, maxMs }) => [minMs, maxMs]),
      expected,
      query,
    );
  }
});

test('a query that cannot be evaluated is refused with Prometheus words', async () => {
  const querier = fakeQuerier(ramps('m', ['a', 'b']));
  const engine = engineWith();
  const times = { startMs: 0, endMs: 60_000, stepMs: 10_000 };
  const cases = [
    { query: 'm[', error: errorOf('bad_data', /^1:3: parse error: /) },
    {
      query: 'm[5m]',
      error: errorOf(
        'bad_data',
        'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
      ),
    },
    {
      query: '"s"',
      error: errorOf('bad_data', 'invalid expression type "string" for range query, must be Scalar or instant Vector'),
    },
    { query: 'rate(m[step()-10])', error: errorOf('bad_data', '7:16: duration must be greater than 0') },
    { query: 'rate(m[10/(step()-step())])', error: errorOf('bad_data', '7:24: division by zero') },
    { query: 'topk(NaN, m)', error: errorOf('execution', 'Parameter value is NaN') },
    { query: 'topk(1e30, m)', error: errorOf('execution', 'Scalar value 1e+30 overflows int64') },
    { query: 'count_values("", m)', error: errorOf('execution', 'invalid label name ""') },
    {
      query: 'label_replace(m, "x", "$1", "y", "(")',
      error: errorOf('execution', 'invalid regular expression in label_replace(): ('),
    },
    {
      query: 'label_replace(m, "instance", "", "instance", ".*")',
      error: errorOf('execution', 'vector cannot contain metrics with the same labelset'),
    },
    {
      query: 'max_over_time(m[1m] anchored)',
      error: errorOf(
        'execution',
        'anchored modifier can only be used with: changes, delta, increase, rate, resets - not with max_over_time',
      ),
    },
    {
      query: 'resets(m[1m] smoothed)',
      error: errorOf('execution', 'smoothed modifier can only be used with: delta, increase, rate - not with resets'),
    },
  ];
  for (const { query, error } of cases) await assert.rejects(engine.range(query, times, { querier }), error, query);
});

test('range() refuses steps and times that make no sense', async () => {
  const engine = engineWith();
  const context = { querier: fakeQuerier([]) };
  await assert.rejects(engine.range('1', { startMs: 0, endMs: 10, stepMs: 0 }, context), RangeError);
  await assert.rejects(engine.range('1', { startMs: 10, endMs: 0, stepMs: 5 }, context), RangeError);
});

test('statistics count the samples of every step and window', async () => {
  const querier = fakeQuerier(ramps('m', ['a', 'b']));
  const times = { startMs: 60_000, endMs: 80_000, stepMs: 10_000 };
  const cases = [
    { query: 'm', expected: [2, 2, 2] },
    { query: 'rate(m[30s])', expected: [6, 6, 6] },
    { query: 'm @ 10', expected: [2, 2, 2] },
    { query: 'm + rate(m[30s])', expected: [8, 8, 8] },
    { query: 'sum_over_time(m[30s:10s])', expected: [6, 6, 6] },
    { query: '1', expected: [0, 0, 0] },
  ];
  for (const { query, expected } of cases) {
    const { stats } = await engineWith().range(query, times, { querier });
    assert.deepEqual([...stats.totalQueryableSamplesPerStep], expected, query);
    assert.equal(
      stats.totalQueryableSamples,
      expected.reduce((a, b) => a + b),
      query,
    );
  }
});

test('a failure of storage ends the query', async () => {
  const broken: Querier = {
    select: () => Promise.reject(new Error('block 01ABC is missing')),
    series: async () => [],
  };
  await assert.rejects(
    engineWith().instant('m', 0, { querier: broken }),
    errorOf('execution', 'expanding series: block 01ABC is missing'),
  );
});

test('the columns of storage are not written to', async () => {
  const series = ramps('m', ['a', 'b']);
  for (const { timestampsMs, values } of series) {
    const before = [timestampsMs.slice(), values.slice()];
    await engineWith().range(
      'sort(-m) + on(instance) quantile_over_time(0.5, m[1m]) - on(instance) m offset 10s',
      { startMs: 0, endMs: 600_000, stepMs: 7000 },
      { querier: fakeQuerier(series) },
    );
    assert.deepEqual([timestampsMs, values], before);
  }
});
