import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClassicHistogram, histogramFromClassic } from '#shared/model/histogram/from-classic.ts';
import { plain, type Sample, sample } from './sample.ts';

const infinity = Number.POSITIVE_INFINITY;

function classic(
  buckets: readonly (readonly [number, number])[],
  rest: { count?: number; sum?: number },
): ClassicHistogram {
  return { buckets: buckets.map(([upperBound, cumulativeCount]) => ({ upperBound, cumulativeCount })), ...rest };
}

test('histogramFromClassic() takes the bounds over', () => {
  const cases: readonly { of: ClassicHistogram; expected: Sample }[] = [
    { of: classic([], { count: 10, sum: 2.5 }), expected: { bounds: [], count: 10, sum: 2.5, positive: [[0, 10]] } },
    { of: classic([[0.5, 10]], {}), expected: { bounds: [0.5], count: 10, positive: [[0, 10]] } },
    { of: classic([[0.5, 13.42]], {}), expected: { bounds: [0.5], count: 13.42, positive: [[0, 13.42]] } },
    {
      of: classic(
        [
          [0.5, 50],
          [1, 950],
          [infinity, 1000],
        ],
        { count: 1000, sum: 3 },
      ),
      expected: { bounds: [0.5, 1], count: 1000, sum: 3, positive: [[0, 50, 900, 50]] },
    },
    {
      of: classic(
        [
          [infinity, 1000],
          [1, 950.5],
          [0.5, 50],
          [1, 7],
        ],
        { count: 1000 },
      ),
      expected: { bounds: [0.5, 1], count: 1000, positive: [[0, 50, 900.5, 49.5]] },
    },
    {
      of: classic(
        [
          [0.5, 50],
          [1, 50],
        ],
        { count: 60 },
      ),
      expected: { bounds: [0.5, 1], count: 60, positive: [[0, 50, 0, 10]] },
    },
    {
      of: classic(
        [
          [0.5, 50],
          [1, 50],
        ],
        { count: 60.5 },
      ),
      expected: {
        bounds: [0.5, 1],
        count: 60.5,
        positive: [
          [0, 50],
          [2, 10.5],
        ],
      },
    },
    {
      of: classic(
        [
          [1, 5],
          [2, 5],
          [3, 5],
          [4, 5],
        ],
        { count: 6 },
      ),
      expected: {
        bounds: [1, 2, 3, 4],
        count: 6,
        positive: [
          [0, 5],
          [4, 1],
        ],
      },
    },
    {
      of: classic(
        [
          [1, 0],
          [2, 0],
        ],
        {},
      ),
      expected: { bounds: [1, 2], count: 0, positive: [] },
    },
  ];
  for (const { of, expected } of cases) assert.deepEqual(plain(histogramFromClassic(of)), plain(sample(expected)));
});

test('histogramFromClassic() refuses what no client can have counted', () => {
  const negative = 'histogram has a bucket whose observation count is negative';
  const cases: readonly { of: ClassicHistogram; message: string }[] = [
    { of: classic([], { sum: 1 }), message: 'count must be provided when no buckets are present' },
    { of: classic([[1, 5]], { count: -3 }), message: 'count must be non-negative: count=-3' },
    {
      of: classic(
        [
          [1, 5],
          [Number.NaN, 6],
        ],
        {},
      ),
      message: 'bucket boundary must not be NaN',
    },
    { of: classic([[1, -5]], {}), message: 'bucket count must be non-negative: le=1, count=-5' },
    {
      of: classic(
        [
          [1, 5],
          [2, 4],
        ],
        {},
      ),
      message: 'count is not cumulative: 4 < 5',
    },
    {
      of: classic(
        [
          [2, 5],
          [1, 6],
        ],
        {},
      ),
      message: 'count is not cumulative: 6 > 5',
    },
    {
      of: classic(
        [
          [1, 1],
          [3, 5],
          [2, 0.5],
        ],
        {},
      ),
      message: 'count is not cumulative: 0.5 < 1',
    },
    { of: classic([[infinity, 2e6]], { count: 1e6 }), message: 'count mismatch: count=1000000 != le=+Inf count=2e+06' },
    { of: classic([[infinity, 2.5]], { count: 1e6 }), message: 'count mismatch: count=1e+06 != le=+Inf count=2.5' },
    {
      of: classic([[1, 5]], { count: 4 }),
      message: `invalid histogram: positive side: bucket number 2 has observation count of -1: ${negative}`,
    },
    {
      of: classic([[1, 5.5]], { count: 4 }),
      message: `invalid float histogram: positive side: bucket number 2 has observation count of -1.5: ${negative}`,
    },
  ];
  for (const { of, message } of cases) {
    assert.throws(() => histogramFromClassic(of), { name: 'HistogramError', message });
  }
});
