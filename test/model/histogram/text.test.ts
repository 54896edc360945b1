import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundariesRule, populatedBuckets } from '#shared/model/histogram/buckets.ts';
import { equalHistograms } from '#shared/model/histogram/equal.ts';
import { histogramSizeBytes } from '#shared/model/histogram/size.ts';
import { formatHistogram, formatTestExpression } from '#shared/model/histogram/text.ts';
import { type Sample, sample } from './sample.ts';

const exponential: Sample = {
  schema: 1,
  zero: [0.01, 5.5],
  count: 3493.3,
  sum: 2349209.324,
  positive: [
    [-2, 1],
    [1, 3.3, 0, 0.1],
  ],
  negative: [
    [3, 3.1, 3],
    [8, 123400, 1000],
  ],
};
const custom: Sample = {
  bounds: [1, 2, 5, 10],
  count: 9,
  sum: -3,
  positive: [
    [0, 1],
    [3, 3, 5],
  ],
};

test('formatHistogram() lists populated buckets from the lowest', () => {
  const negative = '[-22.62741699796952,-16):1000, [-16,-11.31370849898476):123400, [-4,-2.82842712474619):3';
  const zero = '[-2.82842712474619,-2):3.1, [-0.01,0.01]:5.5';
  const positive = '(0.35355339059327373,0.5]:1, (1,1.414213562373095]:3.3, (2,2.82842712474619]:0.1';
  const cases: readonly { of: Sample; expected: string }[] = [
    { of: {}, expected: '{count:0, sum:0}' },
    { of: exponential, expected: `{count:3493.3, sum:2.349209324e+06, ${negative}, ${zero}, ${positive}}` },
    { of: custom, expected: '{count:9, sum:-3, [-Inf,1]:1, (5,10]:3, (10,+Inf]:5}' },
    { of: { zero: [0, -1], sum: Number.NaN }, expected: '{count:0, sum:NaN, [-0,0]:-1}' },
  ];
  for (const { of, expected } of cases) assert.equal(formatHistogram(sample(of)), expected);
});

test('formatTestExpression() writes what is not 0', () => {
  const cases: readonly { of: Sample; expected: string }[] = [
    { of: {}, expected: '{{}}' },
    {
      of: exponential,
      expected:
        '{{schema:1 count:3493.3 sum:2.349209324e+06 z_bucket:5.5 z_bucket_w:0.01 ' +
        'offset:-2 buckets:[1 0 0 3.3 0 0.1] n_offset:3 n_buckets:[3.1 3 0 0 0 123400 1000]}}',
    },
    { of: custom, expected: '{{schema:-53 count:9 sum:-3 custom_values:[1 2 5 10] buckets:[1 0 0 3 5]}}' },
    { of: { bounds: [] }, expected: '{{schema:-53 custom_values:[]}}' },
    { of: { positive: [[-1, 0, 0, 2, 0]] }, expected: '{{offset:1 buckets:[2]}}' },
    { of: { hint: 'reset' }, expected: '{{counter_reset_hint:reset}}' },
    { of: { hint: 'not-reset' }, expected: '{{counter_reset_hint:not_reset}}' },
    { of: { hint: 'gauge', negative: [[0, 1]] }, expected: '{{counter_reset_hint:gauge n_buckets:[1]}}' },
  ];
  for (const { of, expected } of cases) assert.equal(formatTestExpression(sample(of)), expected);
});

test('populatedBuckets() goes from the lowest to the highest, with which bounds are included', () => {
  const infinity = Number.POSITIVE_INFINITY;
  const cases: readonly { of: Sample; expected: readonly (readonly number[])[] }[] = [
    {
      of: {
        zero: [0.5, 2],
        positive: [[1, 3, 0, 4]],
        negative: [
          [0, 0, 5],
          [3, 6],
        ],
      },
      expected: [
        [1, -8, -4, 6],
        [1, -2, -1, 5],
        [3, -0.5, 0.5, 2],
        [0, 1, 2, 3],
        [0, 4, 8, 4],
      ],
    },
    // Buckets begin where the zero bucket ends.
    {
      of: { zero: [1.5, 1], positive: [[1, 1]], negative: [[1, 1]] },
      expected: [
        [1, -2, -1.5, 1],
        [3, -1.5, 1.5, 1],
        [0, 1.5, 2, 1],
      ],
    },
    {
      of: { bounds: [-1, 1], positive: [[0, 1, 2, 3]] },
      expected: [
        [3, -infinity, -1, 1],
        [0, -1, 1, 2],
        [0, 1, infinity, 3],
      ],
    },
    { of: { zero: [1, 0] }, expected: [] },
  ];
  for (const { of, expected } of cases) {
    const buckets = populatedBuckets(sample(of));
    assert.deepEqual(
      buckets.map((bucket) => [boundariesRule(bucket), bucket.lower, bucket.upper, bucket.count]),
      expected,
    );
  }
  const open = { lower: 0, upper: 1, count: 1, lowerInclusive: false, upperInclusive: false };
  assert.equal(boundariesRule(open), 2);
});

test('equalHistograms() compares data bit by bit', () => {
  const cases: readonly { a: Sample; b: Sample; expected: boolean }[] = [
    { a: exponential, b: exponential, expected: true },
    { a: exponential, b: { ...exponential, hint: 'gauge' }, expected: true },
    { a: { ...exponential, sum: Number.NaN }, b: { ...exponential, sum: Number.NaN }, expected: true },
    { a: { sum: 0 }, b: { sum: -0 }, expected: false },
    { a: exponential, b: { ...exponential, count: 1 }, expected: false },
    { a: exponential, b: { ...exponential, schema: 2 }, expected: false },
    { a: exponential, b: { ...exponential, zero: [0.02, 5.5] }, expected: false },
    { a: exponential, b: { ...exponential, zero: [0.01, 5] }, expected: false },
    { a: { positive: [[1, 1, 0]] }, b: { positive: [[1, 1]] }, expected: false },
    { a: { positive: [[1, 1]] }, b: { positive: [[2, 1]] }, expected: false },
    { a: { positive: [[1, 1]] }, b: { negative: [[1, 1]] }, expected: false },
    { a: { negative: [[1, 1]] }, b: { negative: [[1, 2]] }, expected: false },
    { a: custom, b: custom, expected: true },
    { a: custom, b: { ...custom, bounds: [1, 2, 5, 11] }, expected: false },
    { a: custom, b: { ...custom, bounds: [1, 2, 5, 10, 20] }, expected: false },
  ];
  for (const { a, b, expected } of cases) {
    assert.equal(equalHistograms(sample(a), sample(b)), expected, JSON.stringify({ a, b }));
  }
});

test('histogramSizeBytes() is what upstream counts', () => {
  const cases: readonly { of: Sample; expected: number }[] = [
    { of: {}, expected: 168 },
    { of: exponential, expected: 168 + 4 * 8 + 8 * 8 },
    { of: custom, expected: 168 + 2 * 8 + 3 * 8 + 4 * 8 },
  ];
  for (const { of, expected } of cases) assert.equal(histogramSizeBytes(sample(of)), expected);
});
