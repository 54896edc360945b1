import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addHistograms,
  divideHistogram,
  hasOverflow,
  multiplyHistogram,
  negateHistogram,
  subtractHistograms,
  withCounterReset,
} from '#shared/model/histogram/arithmetic.ts';
import type { CounterReset } from '#shared/model/histogram.ts';
import { plain, type Sample, sample } from './sample.ts';

interface PairCase {
  readonly name: string;
  readonly a: Sample;
  readonly b: Sample;
  readonly sum: Sample;
  readonly difference: Sample;
  readonly boundsReconciled?: boolean;
}

const pairs: readonly PairCase[] = [
  {
    name: 'the same buckets',
    a: {
      schema: 1,
      zero: [0.01, 11],
      count: 30,
      sum: 2.5,
      positive: [
        [-2, 1],
        [1, 3, 4, 7],
      ],
      negative: [[3, 3, 1]],
    },
    b: {
      schema: 1,
      zero: [0.01, 8],
      count: 21,
      sum: 1.25,
      positive: [
        [-2, 5],
        [1, 4, 2, 3],
      ],
      negative: [[3, 1, 1]],
    },
    sum: {
      schema: 1,
      zero: [0.01, 19],
      count: 51,
      sum: 3.75,
      positive: [
        [-2, 6],
        [1, 7, 6, 10],
      ],
      negative: [[3, 4, 2]],
    },
    difference: {
      schema: 1,
      zero: [0.01, 3],
      count: 9,
      sum: 1.25,
      positive: [
        [-2, -4],
        [1, -1, 2, 4],
      ],
      negative: [[3, 2, 0]],
    },
  },
  {
    name: 'buckets before, between and after',
    a: {
      positive: [
        [-2, 1],
        [2, 2],
      ],
      negative: [[4, 1]],
    },
    b: {
      positive: [
        [-5, 10],
        [-1, 20, 30],
        [2, 40, 50],
      ],
      negative: [[1, 60]],
    },
    sum: {
      positive: [
        [-5, 10],
        [-2, 1, 20, 30],
        [2, 42, 50],
      ],
      negative: [
        [1, 60],
        [4, 1],
      ],
    },
    difference: {
      positive: [
        [-5, -10],
        [-2, 1, -20, -30],
        [2, -38, -50],
      ],
      negative: [
        [1, -60],
        [4, 1],
      ],
    },
  },
  {
    name: 'nothing and something',
    a: {},
    b: { count: 3, sum: 1, positive: [[1, 3]] },
    sum: { count: 3, sum: 1, positive: [[1, 3]] },
    difference: { count: -3, sum: -1, positive: [[1, -3]] },
  },
  {
    name: 'a lower resolution on the right',
    a: { schema: 1, positive: [[1, 1, 2, 3, 4]] },
    b: { schema: 0, positive: [[1, 10]] },
    sum: { schema: 0, positive: [[1, 13, 7]] },
    difference: { schema: 0, positive: [[1, -7, 7]] },
  },
  {
    name: 'a lower resolution on the left',
    a: { schema: 0, positive: [[1, 10]], negative: [[1, 1]] },
    b: { schema: 1, positive: [[1, 1, 2, 3, 4]], negative: [[0, 5]] },
    sum: { schema: 0, positive: [[1, 13, 7]], negative: [[0, 5, 1]] },
    difference: { schema: 0, positive: [[1, 7, -7]], negative: [[0, -5, 1]] },
  },
  {
    name: 'a wider zero bucket on the right, which takes in buckets of the left',
    a: {
      zero: [0.25, 1],
      positive: [[0, 2, 3]],
      negative: [
        [-1, 4],
        [2, 5],
      ],
    },
    b: { zero: [1, 10], positive: [[1, 7]] },
    sum: { zero: [1, 17], positive: [[1, 10]], negative: [[2, 5]] },
    difference: { zero: [1, -3], positive: [[1, -4]], negative: [[2, 5]] },
  },
  {
    name: 'a wider zero bucket on the left, which takes in buckets of the right',
    a: { zero: [1, 10], positive: [[1, 7]] },
    b: {
      zero: [0.25, 1],
      positive: [[0, 2, 3]],
      negative: [
        [-1, 4],
        [2, 5],
      ],
    },
    sum: { zero: [1, 17], positive: [[1, 10]], negative: [[2, 5]] },
    difference: { zero: [1, 3], positive: [[1, 4]], negative: [[2, -5]] },
  },
  {
    name: 'a zero bucket that ends within a populated bucket widens to its end',
    a: { zero: [0.1, 1], positive: [[0, 2, 3]] },
    b: {
      zero: [1.5, 10],
      negative: [
        [1, 0],
        [3, 6],
      ],
    },
    sum: { zero: [2, 16], positive: [], negative: [[3, 6]] },
    difference: { zero: [2, -4], positive: [], negative: [[3, -6]] },
  },
  {
    name: 'a zero bucket that ends within a populated negative bucket',
    a: { schema: -1, zero: [0.1, 1], positive: [[1, 3]], negative: [[0, 4]] },
    b: { schema: -1, zero: [0.5, 10] },
    sum: { schema: -1, zero: [1, 15], positive: [[1, 3]] },
    difference: { schema: -1, zero: [1, -5], positive: [[1, 3]] },
  },
  {
    name: 'buckets of the right within a zero bucket of the same width are left out',
    a: { zero: [1, 1], positive: [[0, 2, 3]] },
    b: { zero: [1, 1], positive: [[0, 20, 30]] },
    sum: { zero: [1, 2], positive: [[0, 2, 33]] },
    difference: { zero: [1, 0], positive: [[0, 2, -27]] },
  },
  {
    name: 'the same custom bounds',
    a: {
      bounds: [1, 2, 3],
      count: 6,
      sum: 1,
      positive: [
        [0, 1, 2],
        [3, 3],
      ],
    },
    b: { bounds: [1, 2, 3], count: 9, sum: 2, positive: [[1, 4, 5]] },
    sum: { bounds: [1, 2, 3], count: 15, sum: 3, positive: [[0, 1, 6, 5, 3]] },
    difference: { bounds: [1, 2, 3], count: -3, sum: -1, positive: [[0, 1, -2, -5, 3]] },
  },
  {
    name: 'different custom bounds',
    a: { bounds: [1, 2, 3, 4], positive: [[0, 1, 2, 3, 4, 5]] },
    b: { bounds: [0, 2, 4, 5], positive: [[0, 10, 20, 30, 40, 50]] },
    sum: { bounds: [2, 4], positive: [[0, 33, 37, 95]] },
    difference: { bounds: [2, 4], positive: [[0, -27, -23, -85]] },
    boundsReconciled: true,
  },
  {
    name: 'custom bounds of which none is the same: buckets that come out empty are left out',
    a: { bounds: [1], positive: [[0, 1, 2]] },
    b: { bounds: [2], positive: [[0, 2, 1]] },
    sum: { bounds: [], positive: [[0, 6]] },
    difference: { bounds: [], positive: [] },
    boundsReconciled: true,
  },
];

test('addHistograms() and subtractHistograms() reconcile buckets', () => {
  for (const { name, a, b, sum, difference, boundsReconciled = false } of pairs) {
    const flags = { counterResetCollision: false, boundsReconciled };
    const added = addHistograms(sample(a), sample(b));
    assert.ok(added, name);
    assert.deepEqual(
      { ...added, histogram: plain(added.histogram) },
      { histogram: plain(sample(sum)), ...flags },
      name,
    );
    const subtracted = subtractHistograms(sample(a), sample(b));
    assert.ok(subtracted, name);
    const expected = { histogram: plain(sample(difference)), ...flags };
    assert.deepEqual({ ...subtracted, histogram: plain(subtracted.histogram) }, expected, name);
  }
});

test('addHistograms() leaves its operands as they are', () => {
  for (const { name, a, b } of pairs) {
    const [left, right] = [sample(a), sample(b)];
    addHistograms(left, right);
    subtractHistograms(left, right);
    assert.deepEqual([plain(left), plain(right)], [plain(sample(a)), plain(sample(b))], name);
  }
});

test('addHistograms() refuses a mix of exponential and custom buckets', () => {
  assert.equal(addHistograms(sample(), sample({ bounds: [1] })), undefined);
  assert.equal(subtractHistograms(sample({ bounds: [1] }), sample()), undefined);
});

test('addHistograms() ends where a threshold is no number', () => {
  assert.ok(addHistograms(sample({ zero: [Number.NaN, 1] }), sample({ zero: [1, 1] })));
});

test('addHistograms() combines counter reset hints', () => {
  const cases: readonly { a: CounterReset; b: CounterReset; expected: CounterReset; collision?: boolean }[] = [
    { a: 'unknown', b: 'unknown', expected: 'unknown' },
    { a: 'reset', b: 'reset', expected: 'reset' },
    { a: 'not-reset', b: 'not-reset', expected: 'not-reset' },
    { a: 'gauge', b: 'reset', expected: 'gauge' },
    { a: 'unknown', b: 'gauge', expected: 'gauge' },
    { a: 'unknown', b: 'reset', expected: 'unknown' },
    { a: 'not-reset', b: 'unknown', expected: 'unknown' },
    { a: 'reset', b: 'not-reset', expected: 'unknown', collision: true },
    { a: 'not-reset', b: 'reset', expected: 'unknown', collision: true },
  ];
  for (const { a, b, expected, collision = false } of cases) {
    for (const combine of [addHistograms, subtractHistograms]) {
      const result = combine(sample({ hint: a }), sample({ hint: b }));
      assert.deepEqual([result?.histogram.counterReset, result?.counterResetCollision], [expected, collision]);
    }
  }
});

test('multiplyHistogram() and divideHistogram() scale everything', () => {
  const of: Sample = { schema: 1, zero: [0.01, 4], count: 20, sum: -8, positive: [[1, 2, 0]], negative: [[-1, 6]] };
  const half: Sample = { schema: 1, zero: [0.01, 2], count: 10, sum: -4, positive: [[1, 1, 0]], negative: [[-1, 3]] };
  assert.deepEqual(plain(multiplyHistogram(sample(of), 0.5)), plain(sample(half)));
  assert.deepEqual(plain(divideHistogram(sample(of), 2)), plain(sample(half)));
  const custom: Sample = { bounds: [1], count: 3, positive: [[0, 1, 2]] };
  assert.deepEqual(
    plain(multiplyHistogram(sample(custom), 2)),
    plain(sample({ ...custom, count: 6, positive: [[0, 2, 4]] })),
  );
});

test('a negative factor or divisor makes a gauge', () => {
  const histogram = sample({ count: 1, hint: 'reset' });
  assert.equal(negateHistogram(histogram).counterReset, 'gauge');
  assert.equal(divideHistogram(histogram, -2).counterReset, 'gauge');
  assert.equal(multiplyHistogram(histogram, 0).counterReset, 'reset');
});

test('divideHistogram() by zero leaves no buckets', () => {
  const divided = divideHistogram(
    sample({ zero: [1, 0], count: 2, sum: -1, positive: [[1, 2]], negative: [[1, 0]] }),
    0,
  );
  const { zeroCount, count, sum } = divided;
  assert.deepEqual([zeroCount, count, sum], [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  assert.deepEqual([divided.positive.counts.length, divided.negative.counts.length], [0, 0]);
});

test('withCounterReset() changes only the hint', () => {
  const histogram = sample({ count: 2, hint: 'reset' });
  assert.deepEqual(withCounterReset(histogram, 'gauge'), { ...histogram, counterReset: 'gauge' });
  assert.equal(withCounterReset(histogram, 'reset'), histogram);
});

test('hasOverflow() finds an infinity anywhere', () => {
  const infinity = Number.POSITIVE_INFINITY;
  const cases: readonly { of: Sample; expected: boolean }[] = [
    { of: { count: Number.MAX_VALUE, sum: Number.NaN, positive: [[0, 1]], negative: [[0, 1]] }, expected: false },
    { of: { count: infinity }, expected: true },
    { of: { sum: -infinity }, expected: true },
    { of: { zero: [1, infinity] }, expected: true },
    { of: { positive: [[0, 1, infinity]] }, expected: true },
    { of: { negative: [[0, infinity]] }, expected: true },
    { of: { bounds: [-infinity, 1] }, expected: true },
  ];
  for (const { of, expected } of cases) assert.equal(hasOverflow(sample(of)), expected, JSON.stringify(of));
});
