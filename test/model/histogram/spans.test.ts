import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HistogramError } from '#shared/model/histogram/error.ts';
import {
  bucketsFromDeltas,
  bucketsFromSpans,
  deltasOf,
  histogramFromSpans,
  type SpannedHistogram,
  spansOf,
} from '#shared/model/histogram/spans.ts';
import { checkSpannedHistogram } from '#shared/model/histogram/validate.ts';
import { plain, type Runs, sample } from './sample.ts';

type Place = readonly [offset: number, length: number];

interface Spanned extends Partial<Omit<SpannedHistogram, 'positiveSpans' | 'negativeSpans' | 'customBounds'>> {
  readonly positiveSpans?: readonly Place[];
  readonly negativeSpans?: readonly Place[];
  readonly bounds?: readonly number[];
}

function spanned({ positiveSpans = [], negativeSpans = [], bounds, ...of }: Spanned): SpannedHistogram {
  const toSpan = ([offset, length]: Place) => ({ offset, length });
  return {
    counterReset: 'unknown',
    schema: bounds === undefined ? 0 : -53,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    isInteger: true,
    positiveBuckets: [],
    negativeBuckets: [],
    ...of,
    positiveSpans: positiveSpans.map(toSpan),
    negativeSpans: negativeSpans.map(toSpan),
    ...(bounds === undefined ? {} : { customBounds: Float64Array.from(bounds) }),
  };
}

test('spans become indexes, and indexes the fewest spans', () => {
  const cases: readonly { spans: readonly Place[]; counts: readonly number[]; runs: Runs; back?: readonly Place[] }[] =
    [
      { spans: [], counts: [], runs: [] },
      {
        spans: [
          [-2, 1],
          [2, 3],
        ],
        counts: [1, 2, 3, 4],
        runs: [
          [-2, 1],
          [1, 2, 3, 4],
        ],
      },
      {
        spans: [
          [3, 2],
          [0, 1],
        ],
        counts: [1, 2, 3],
        runs: [[3, 1, 2, 3]],
        back: [[3, 3]],
      },
      {
        spans: [
          [0, 1],
          [1, 0],
          [2, 1],
        ],
        counts: [1, 2],
        runs: [
          [0, 1],
          [4, 2],
        ],
        back: [
          [0, 1],
          [3, 1],
        ],
      },
    ];
  for (const { spans, counts, runs, back = spans } of cases) {
    const { positiveSpans } = spanned({ positiveSpans: spans });
    const buckets = bucketsFromSpans(positiveSpans, counts);
    assert.deepEqual(buckets, sample({ positive: runs }).positive);
    assert.deepEqual(spansOf(buckets), spanned({ positiveSpans: back }).positiveSpans);
  }
});

test('deltas add up to counts', () => {
  const buckets = bucketsFromDeltas([{ offset: 1, length: 4 }], [5, -2, 0, 1]);
  assert.deepEqual(Array.from(buckets.counts), [5, 3, 3, 4]);
  assert.deepEqual(Array.from(deltasOf(buckets)), [5, -2, 0, 1]);
});

test('spansOf() is undone by bucketsFromSpans()', () => {
  const anyIndexes = fc.uniqueArray(fc.integer({ min: -40, max: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(anyIndexes, (unordered) => {
      const indexes = Int32Array.from(unordered).sort();
      const counts = Float64Array.from(indexes, (_, i) => i + 1);
      const buckets = { indexes, counts };
      assert.deepEqual(bucketsFromSpans(spansOf(buckets), counts), buckets);
      assert.deepEqual(bucketsFromDeltas(spansOf(buckets), deltasOf(buckets)), buckets);
    }),
    { seed: 1 },
  );
});

test('histogramFromSpans() reads integer and float histograms', () => {
  const places = {
    positiveSpans: [
      [0, 2],
      [1, 1],
    ],
    negativeSpans: [[-1, 1]],
  } as const;
  const totals = { schema: 3, count: 9, sum: 1.5, zeroThreshold: 0.1, zeroCount: 1, counterReset: 'gauge' } as const;
  const expected = sample({
    schema: 3,
    count: 9,
    sum: 1.5,
    zero: [0.1, 1],
    hint: 'gauge',
    positive: [
      [0, 1, 3],
      [3, 2],
    ],
    negative: [[-1, 2]],
  });
  const integer = spanned({ ...places, ...totals, positiveBuckets: [1, 2, -1], negativeBuckets: [2] });
  assert.deepEqual(plain(histogramFromSpans(integer)), plain(expected));
  const float = spanned({ ...places, ...totals, isInteger: false, positiveBuckets: [1, 3, 2], negativeBuckets: [2] });
  assert.deepEqual(plain(histogramFromSpans(float)), plain(expected));
  const custom = spanned({ bounds: [1], positiveSpans: [[1, 1]], positiveBuckets: [4], count: 4 });
  assert.deepEqual(plain(histogramFromSpans(custom)), plain(sample({ bounds: [1], count: 4, positive: [[1, 4]] })));
});

const MISMATCH = 'histogram spans specify different number of buckets than provided';
const OUT_OF_RANGE = 'histogram has a span whose bucket index is out of range';
const OFFSET = 'histogram has a span whose offset is negative';
const NEGATIVE = 'histogram has a bucket whose observation count is negative';
const SCHEMA = 'which must be between -4 and 8 for exponential buckets, or -53 for custom buckets';
const MAX = 2 ** 31 - 1;
const four = {
  positiveSpans: [
    [0, 2],
    [1, 2],
  ],
  positiveBuckets: [1, 1, -1, 0],
  count: 5,
} as const;

const validations: readonly { of: Spanned; error?: string; float?: boolean }[] = [
  { of: { ...four, negativeSpans: [[0, 1]], negativeBuckets: [3], zeroCount: 2, zeroThreshold: 0.1, count: 10 } },
  { of: { sum: Number.NaN, zeroCount: 2, count: 4, positiveSpans: [[0, 1]], positiveBuckets: [1] } },
  {
    of: { sum: Number.NaN, zeroCount: 2, count: 2, positiveSpans: [[0, 1]], positiveBuckets: [1] },
    error:
      "3 observations found in buckets, but the Count field is 2: histogram's observation count should be at least the number of observations found in the buckets",
  },
  {
    of: { sum: 1, zeroCount: 2, count: 4, positiveSpans: [[0, 1]], positiveBuckets: [1] },
    error:
      "3 observations found in buckets, but the Count field is 4: histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)",
  },
  { of: { sum: 1, zeroCount: 2, count: 4, positiveSpans: [[0, 1]], positiveBuckets: [1] }, float: true },
  { of: { negativeSpans: [[0, 1]] }, error: `negative side: spans need 1 buckets, have 0 buckets: ${MISMATCH}` },
  {
    of: { positiveSpans: [[0, 1]], positiveBuckets: [1, 2] },
    error: `positive side: spans need 1 buckets, have 2 buckets: ${MISMATCH}`,
  },
  {
    of: {
      negativeSpans: [
        [-1, 1],
        [-1, 1],
      ],
      negativeBuckets: [1, 2],
    },
    error: `negative side: span number 2 with offset -1: ${OFFSET}`,
  },
  {
    of: {
      positiveSpans: [
        [0, 1],
        [MAX, 1],
      ],
      positiveBuckets: [1, 0],
    },
    error: `positive side: span number 2 ends at bucket index 2147483648: ${OUT_OF_RANGE}`,
  },
  {
    of: { positiveSpans: [[-MAX - 1, 1]], positiveBuckets: [1] },
    error: `positive side: span number 1 starts at bucket index -2147483648: ${OUT_OF_RANGE}`,
  },
  { of: { positiveSpans: [[MAX, 1]], positiveBuckets: [1], count: 1 } },
  { of: { positiveSpans: [[-MAX, 1]], positiveBuckets: [1], count: 1 } },
  {
    of: { negativeSpans: [[-1, 1]], negativeBuckets: [-1] },
    error: `negative side: bucket number 1 has observation count of -1: ${NEGATIVE}`,
  },
  {
    of: { positiveSpans: [[-1, 2]], positiveBuckets: [3, -1.5] },
    float: true,
    error: `positive side: bucket number 2 has observation count of -1.5: ${NEGATIVE}`,
  },
  { of: { zeroCount: -1 }, float: true, error: `zero bucket has observation count of -1: ${NEGATIVE}` },
  { of: { count: -1 }, float: true, error: "observation count is  -1: histogram's observation count is negative" },
  {
    of: { ...four, schema: 0, bounds: [1, 2] },
    error: 'histogram with exponential schema must not have custom bounds',
  },
  { of: { schema: 10 }, error: `histogram has an invalid schema, ${SCHEMA}, got schema 10` },
  { of: { ...four, bounds: [1, 2, 3, 4] } },
  { of: { ...four, bounds: [Number.NEGATIVE_INFINITY, 2, 3, 4, 5, 6] } },
  {
    of: { ...four, bounds: [1, 2, 3] },
    error:
      'custom buckets: only 3 custom bounds defined which is insufficient to cover total span length of 5: histogram custom bounds are too few',
  },
  {
    of: {
      ...four,
      positiveSpans: [
        [-1, 2],
        [1, 2],
      ],
      bounds: [1, 2, 3, 4],
    },
    error: `custom buckets: span number 1 with offset -1: ${OFFSET}`,
  },
  {
    of: { ...four, positiveBuckets: [1], bounds: [1, 2, 3, 4] },
    error: `custom buckets: spans need 4 buckets, have 1 buckets: ${MISMATCH}`,
  },
  {
    of: { bounds: [1e21, 0] },
    error:
      'custom buckets: previous bound is 1000000000000000000000.000000 and current is 0.000000: histogram custom bounds must be in strictly increasing order',
  },
  {
    of: { bounds: [1, Number.POSITIVE_INFINITY] },
    error: 'custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite',
  },
  { of: { bounds: [1, Number.NaN] }, error: 'custom buckets: histogram custom bounds must not be NaN' },
  { of: { bounds: [1], zeroCount: 1 }, error: 'custom buckets: must have zero count of 0' },
  { of: { bounds: [1], zeroThreshold: 1 }, error: 'custom buckets: must have zero threshold of 0' },
  { of: { bounds: [1], negativeSpans: [[0, 1]] }, error: 'custom buckets: must not have negative spans' },
  { of: { bounds: [1], negativeBuckets: [1] }, error: 'custom buckets: must not have negative buckets' },
];

test("checkSpannedHistogram() refuses with Prometheus's words", () => {
  for (const { of, error, float = false } of validations) {
    const histogram = spanned({ ...of, isInteger: !float });
    if (error === undefined) checkSpannedHistogram(histogram);
    else assert.throws(() => checkSpannedHistogram(histogram), { name: HistogramError.name, message: error });
  }
});
