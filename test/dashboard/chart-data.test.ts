import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_SERIES, stack, summarize, toChartData } from '../../dashboard/query/chart-data.ts';

const range = { startMs: 1000, endMs: 5000, stepMs: 2000 };

test('toChartData() puts samples on the grid; what is missing or cannot be drawn is a gap', () => {
  const matrix = [
    { metric: { __name__: 'a' }, values: [[1, '1'] as const, [5, '3'] as const] },
    { metric: { __name__: 'b' }, values: [[1, 'NaN'] as const, [3, '+Inf'] as const, [5, '-1e3'] as const] },
    { metric: { __name__: 'c' } },
  ];
  const { times, series, omitted } = toChartData(matrix, range);
  assert.deepEqual(times, [1, 3, 5]);
  assert.deepEqual(
    series.map(({ values }) => values),
    [
      [1, null, 3],
      [null, null, -1000],
      [null, null, null],
    ],
  );
  assert.equal(series[0].text, 'a');
  assert.equal(omitted, 0);
});

test('toChartData() leaves out samples off the grid, and says how many series it leaves out', () => {
  const many = Array.from({ length: MAX_SERIES + 3 }, (_, i) => ({ metric: { i: String(i) }, values: [] }));
  const { series, omitted } = toChartData(many, range);
  assert.equal(series.length, MAX_SERIES);
  assert.equal(omitted, 3);
  const outside = [{ metric: {}, values: [[99, '1'] as const, [0, '1'] as const] }];
  assert.deepEqual(toChartData(outside, { ...range, startMs: 3000 }).series[0].values, [null, null]);
});

test('stack() adds each series to those before it that are shown', () => {
  const series = [
    [1, 2, null],
    [10, null, 30],
    [100, 200, 300],
  ];
  assert.deepEqual(
    stack(series, () => true),
    [
      [1, 2, null],
      [11, null, 30],
      [111, 202, 330],
    ],
  );
  assert.deepEqual(
    stack(series, (i) => i !== 1),
    [
      [1, 2, null],
      [10, null, 30],
      [101, 202, 300],
    ],
  );
});

test('summarize() knows nothing of gaps', () => {
  assert.deepEqual(summarize([null, 3, 1, null, 2, null]), { last: 2, min: 1, max: 3, mean: 2 });
  assert.deepEqual(summarize([null]), { last: undefined, min: undefined, max: undefined, mean: undefined });
});
