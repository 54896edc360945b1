import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addHistograms } from '#shared/model/histogram/arithmetic.ts';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import {
  addCompensated,
  type CompensatedHistogram,
  compensatedTotal,
  divideCompensated,
  multiplyCompensated,
} from '#shared/model/histogram/compensated.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { plain, type Sample, sample } from './sample.ts';

function sumOf(samples: readonly Sample[]): CompensatedHistogram {
  const [first, ...rest] = samples.map(sample);
  let total: CompensatedHistogram = { histogram: first };
  for (const histogram of rest) {
    const sum = addCompensated(total, histogram);
    assert.ok(sum);
    total = sum;
  }
  return total;
}

test('compensatedTotal() has what a plain sum would lose', () => {
  const cases: readonly { name: string; of: readonly Sample[]; expected: Sample }[] = [
    { name: 'one', of: [{ count: 2, positive: [[1, 0]] }], expected: { count: 2, positive: [[1, 0]] } },
    {
      name: 'everything',
      of: [
        { zero: [1, 1e100], count: 1e100, sum: 1e100, positive: [[1, 1e100]], negative: [[1, 1e100]] },
        { zero: [1, 1], count: 2, sum: 3, positive: [[1, 4]], negative: [[1, 5]] },
        { zero: [1, -1e100], count: -1e100, sum: -1e100, positive: [[1, -1e100]], negative: [[1, -1e100]] },
      ],
      expected: { zero: [1, 1], count: 2, sum: 3, positive: [[1, 4]], negative: [[1, 5]] },
    },
    {
      name: 'buckets of either only',
      of: [
        { positive: [[1, 1e100]] },
        {
          positive: [
            [0, 1, 2],
            [5, 3],
          ],
        },
        { positive: [[1, -1e100]] },
      ],
      expected: {
        positive: [
          [0, 1, 2],
          [5, 3],
        ],
      },
    },
    {
      name: 'a lower resolution later',
      of: [
        { schema: 1, positive: [[1, 1e100, 1]] },
        { schema: 0, positive: [[1, 2]] },
        { schema: 0, positive: [[1, -1e100]] },
      ],
      expected: { schema: 0, positive: [[1, 3]] },
    },
    {
      name: 'a lower resolution before',
      of: [
        { schema: 0, positive: [[1, 1e100]] },
        { schema: 1, positive: [[1, 1, 2]] },
        { schema: 0, positive: [[1, -1e100]] },
      ],
      expected: { schema: 0, positive: [[1, 3]] },
    },
    {
      name: 'what was lost of buckets goes with them into a wider zero bucket',
      of: [
        { zero: [0.5, 1], positive: [[0, 1e100, 7]] },
        { zero: [0.5, 1], positive: [[0, 1]], negative: [[0, 3]] },
        { zero: [1, -1e100], positive: [[1, 1]] },
      ],
      expected: { zero: [1, 6], positive: [[1, 8]] },
    },
    {
      name: 'a narrower zero bucket later',
      of: [{ zero: [1, 1e100] }, { zero: [0.5, 1], positive: [[0, 2]] }, { zero: [1, -1e100] }],
      expected: { zero: [1, 3] },
    },
    {
      name: 'an empty bucket that lost something stays',
      of: [
        { zero: [0.5, 0], positive: [[2, 1e100]] },
        { zero: [0.5, 0], positive: [[2, 1]] },
        { zero: [0.5, 0], positive: [[2, -1e100]] },
        { zero: [1, 0] },
      ],
      expected: { zero: [1, 0], positive: [[2, 1]] },
    },
    {
      name: 'the same custom bounds',
      of: [
        { bounds: [1], positive: [[0, 1e100]] },
        { bounds: [1], positive: [[0, 1, 2]] },
        { bounds: [1], positive: [[0, -1e100]] },
      ],
      expected: { bounds: [1], positive: [[0, 1, 2]] },
    },
    {
      name: 'different custom bounds',
      of: [
        { bounds: [1, 2], positive: [[0, 1e100]] },
        { bounds: [1, 2], positive: [[0, 1, 2]] },
        { bounds: [2, 3], positive: [[0, 0, 3]] },
        { bounds: [2], positive: [[0, -1e100]] },
      ],
      expected: { bounds: [2], positive: [[0, 3, 3]] },
    },
  ];
  for (const { name, of, expected } of cases) {
    assert.deepEqual(plain(compensatedTotal(sumOf(of))), plain(sample(expected)), name);
  }
});

test('addCompensated() tells what addHistograms() tells', () => {
  const total = { histogram: sample({ bounds: [1, 2], hint: 'reset' }) };
  const sum = addCompensated(total, sample({ bounds: [2], hint: 'not-reset' }));
  assert.deepEqual([sum?.counterResetCollision, sum?.boundsReconciled], [true, true]);
  assert.equal(sum?.histogram.counterReset, 'unknown');
  assert.equal(addCompensated(total, sample()), undefined);
});

test('a sum that overflows loses its compensation', () => {
  const total = compensatedTotal(sumOf([{ count: Number.MAX_VALUE }, { count: 1 }, { count: Number.MAX_VALUE }]));
  assert.equal(total.count, Number.POSITIVE_INFINITY);
});

test('multiplyCompensated() and divideCompensated() scale also what was lost', () => {
  const total = sumOf([
    { zero: [1, 1e100], count: 1e100, sum: 1e100, positive: [[1, 1e100]], negative: [[1, 1e100]] },
    { zero: [1, 2], count: 4, sum: 6, positive: [[1, 8]], negative: [[1, 10]] },
  ]);
  const lost = { zeroCount: 1, count: 2, sum: 3, positive: Float64Array.of(4), negative: Float64Array.of(5) };
  assert.deepEqual(multiplyCompensated(total, 0.5).compensation, lost);
  assert.deepEqual(divideCompensated(total, 2).compensation, lost);
  assert.equal(divideCompensated(total, 2).histogram.count, 5e99);
  assert.equal(divideCompensated({ histogram: total.histogram }, 2).compensation, undefined);
});

test('a long sum leaves its terms, and the sum before it, as they are', () => {
  const terms = Array.from({ length: 9 }, (_, i) =>
    sample({ zero: [0.5, i], positive: i % 3 === 0 ? [] : [[1, i, 2 * i]], negative: [[i % 2, 1, 1]] }),
  );
  const before = terms.map(plain);
  let total: CompensatedHistogram = { histogram: terms[0] };
  for (const [i, term] of terms.entries()) {
    const kept = plain(compensatedTotal(total));
    const next = addCompensated(total, term);
    assert.ok(next);
    assert.deepEqual(plain(compensatedTotal(total)), kept);
    total = next;
    const count = terms.slice(0, i + 1).reduce((sum, { zeroCount }) => sum + zeroCount, 0);
    assert.equal(total.histogram.zeroCount, count);
  }
  assert.deepEqual(terms.map(plain), before);
  assert.deepEqual(
    plain(compensatedTotal(total)),
    plain(sample({ zero: [0.5, 36], positive: [[1, 27, 54]], negative: [[0, 6, 10, 4]] })),
  );
});

/** Counts that add up without rounding. */
const anyHistogram = fc
  .record({
    schema: fc.integer({ min: -1, max: 2 }),
    zero: fc.tuple(fc.constantFrom(0, 0.3, 1, 2), fc.nat(100)),
    count: fc.nat(1000),
    sum: fc.integer({ min: -1000, max: 1000 }),
    positive: fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat(9)), { maxLength: 6 }),
    negative: fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat(9)), { maxLength: 6 }),
  })
  .map((of) => sample({ ...of, positive: inOrder(of.positive), negative: inOrder(of.negative) }));

function inOrder(buckets: readonly (readonly [number, number])[]): [number, number][] {
  return [...new Map(buckets)].sort(([a], [b]) => a - b);
}

test('where nothing is lost, addCompensated() gives the sum of addHistograms()', () => {
  fc.assert(
    fc.property(fc.array(anyHistogram, { minLength: 2, maxLength: 5 }), ([first, ...rest]) => {
      let plainSum: Histogram | undefined = first;
      let total: CompensatedHistogram | undefined = { histogram: first };
      for (const histogram of rest) {
        plainSum = plainSum && addHistograms(plainSum, histogram)?.histogram;
        total = total && addCompensated(total, histogram);
      }
      assert.ok(plainSum && total);
      assert.deepEqual(plain(compactHistogram(compensatedTotal(total))), plain(compactHistogram(plainSum)));
    }),
    { seed: 1, numRuns: 300 },
  );
});
