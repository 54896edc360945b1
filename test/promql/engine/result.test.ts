import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toInstantResult } from '#shared/promql/engine/result.ts';
import type { MatrixValue, RangeSeries } from '#shared/promql/engine/value.ts';

function series(name: string, timesMs: readonly number[], dropName: boolean): RangeSeries {
  const labels = name === '' ? ['job', 'x'] : ['__name__', name, 'job', 'x'];
  return { labels, dropName, timestampsMs: Float64Array.from(timesMs), values: Float64Array.from(timesMs) };
}

function matrix(...all: readonly RangeSeries[]): MatrixValue {
  return { kind: 'matrix', series: all };
}

test('toInstantResult() joins range vectors that lost the names that told them apart', () => {
  const value = matrix(series('m', [1000, 3000], true), series('', [2000, 4000], false));
  const result = toInstantResult(value, 5000, true);
  assert.deepEqual(result, {
    kind: 'matrix',
    series: [
      {
        labels: ['job', 'x'],
        timestampsMs: Float64Array.of(1000, 2000, 3000, 4000),
        values: Float64Array.of(1000, 2000, 3000, 4000),
      },
    ],
  });
});

test('toInstantResult() refuses range vectors with the same labels that have samples at the same time', () => {
  const value = matrix(series('m', [1000], true), series('', [1000], false));
  assert.throws(() => toInstantResult(value, 5000, true), {
    message: 'vector cannot contain metrics with the same labelset',
  });
});
