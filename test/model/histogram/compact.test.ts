import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import { plain, type Runs, sample } from './sample.ts';

test('compactHistogram() drops empty buckets and fills short gaps', () => {
  const cases: readonly { of: Runs; maxEmpty?: number; expected: Runs }[] = [
    { of: [], expected: [] },
    {
      of: [
        [-2, 1],
        [2, 3, 4],
      ],
      expected: [
        [-2, 1],
        [2, 3, 4],
      ],
    },
    {
      of: [
        [-2, 0, 1, 0, 0, 2, 0],
        [9, 0],
      ],
      expected: [
        [-1, 1],
        [2, 2],
      ],
    },
    {
      of: [
        [-2, 0, 0],
        [9, 0],
      ],
      expected: [],
    },
    { of: [[0, -0, 1]], expected: [[1, 1]] },
    { of: [[0, Number.NaN, 0]], expected: [[0, Number.NaN]] },
    {
      of: [
        [-2, 0, 1, 0, 0, 2, 0],
        [9, 3],
      ],
      maxEmpty: 1,
      expected: [
        [-1, 1],
        [2, 2],
        [9, 3],
      ],
    },
    {
      of: [
        [-2, 0, 1, 0, 0, 2, 0],
        [9, 3],
      ],
      maxEmpty: 2,
      expected: [
        [-1, 1, 0, 0, 2],
        [9, 3],
      ],
    },
    {
      of: [
        [1, 1],
        [4, 2],
        [6, 3],
      ],
      maxEmpty: 2,
      expected: [[1, 1, 0, 0, 2, 0, 3]],
    },
    {
      of: [
        [1, 1],
        [4, 2],
        [6, 3],
      ],
      maxEmpty: 1,
      expected: [
        [1, 1],
        [4, 2, 0, 3],
      ],
    },
    {
      of: [
        [-7, 1],
        [5, 2],
      ],
      maxEmpty: Number.POSITIVE_INFINITY,
      expected: [[-7, 1, ...new Array(11).fill(0), 2]],
    },
  ];
  for (const { of, maxEmpty, expected } of cases) {
    const positive = compactHistogram(sample({ positive: of }), maxEmpty);
    assert.deepEqual(plain(positive), plain(sample({ positive: expected })), JSON.stringify({ of, maxEmpty }));
    const negative = compactHistogram(sample({ negative: of }), maxEmpty);
    assert.deepEqual(plain(negative), plain(sample({ negative: expected })), JSON.stringify({ of, maxEmpty }));
  }
});

test('compactHistogram() returns a compact histogram itself', () => {
  const histogram = sample({
    zero: [1, 0],
    positive: [
      [1, 2],
      [5, 3],
    ],
  });
  assert.equal(compactHistogram(histogram), histogram);
});
