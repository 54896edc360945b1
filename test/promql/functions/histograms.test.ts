import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Histogram } from '#shared/model/histogram.ts';
import { answer, histogram, minutely, type Sample } from './histogram-samples.ts';

/** No sample. */
const none = undefined;

interface Case {
  readonly query: string;
  readonly samples: readonly Sample[];
  /** A number, the counts of the buckets of a histogram, or undefined for no result. */
  readonly expected: number | readonly number[] | undefined;
  readonly remarks?: readonly string[];
}

const h = histogram;
const custom = (counts: readonly number[], bounds: readonly number[]) => histogram(counts, { customBounds: bounds });
const gauge = (counts: readonly number[]) => histogram(counts, { counterReset: 'gauge' });

const MIX = 'PromQL warning: encountered a mix of histograms and floats for metric name "m"';
const IGNORED = 'PromQL info: ignored histograms in a range containing both floats and histograms for metric name "m"';
const MIXED_BUCKETS =
  'PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "m"';
const NOT_COUNTER = 'PromQL warning: this native histogram metric is not a counter: "m"';
const NOT_GAUGE = 'PromQL warning: this native histogram metric is not a gauge: "m"';
const NOT_A_TOTAL = 'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "m"';

/** All at the fourth minute, over three. */
const CASES: readonly Case[] = [
  { query: 'increase(m[3m])', samples: [h([1]), h([3, 1]), h([5, 1]), h([7, 3])], expected: [6, 3] },
  { query: 'rate(m[3m])', samples: [h([0]), h([60]), h([120]), h([180])], expected: [1] },
  { query: 'increase(m[3m])', samples: [undefined, h([8]), h([2]), h([4])], expected: [6] },
  // The first histogram may not fit where the counter began anew after it.
  {
    query: 'increase(m[3m])',
    samples: [undefined, h([9]), custom([1, 1], [1]), custom([3, 2], [1])],
    expected: [4.5, 3],
  },
  {
    query: 'increase(m[3m])',
    samples: [undefined, custom([1, 1], [1]), h([9]), custom([3, 2], [1])],
    expected: undefined,
    remarks: [MIXED_BUCKETS],
  },
  { query: 'rate(m[3m])', samples: [h([1]), 4, h([5]), h([6])], expected: undefined, remarks: [MIX] },
  {
    query: 'increase(m[3m])',
    samples: [none, gauge([1]), gauge([2]), gauge([3])],
    expected: [3],
    remarks: [NOT_COUNTER],
  },
  { query: 'delta(m[3m])', samples: [none, gauge([5]), gauge([2]), gauge([3])], expected: [-3] },
  { query: 'delta(m[3m])', samples: [none, h([1]), h([2]), h([3])], expected: [3], remarks: [NOT_GAUGE] },
  { query: 'irate(m[3m])', samples: [none, h([1]), h([60]), h([120])], expected: [1] },
  { query: 'irate(m[3m])', samples: [none, h([1]), h([60]), h([30])], expected: [0.5] },
  { query: 'irate(m[3m])', samples: [none, h([1]), 5, h([30])], expected: undefined, remarks: [MIX] },
  { query: 'idelta(m[3m])', samples: [none, gauge([1]), gauge([60]), gauge([30])], expected: [-30] },
  { query: 'resets(m[4m])', samples: [h([5]), h([3]), 7, 2], expected: 3 },
  { query: 'changes(m[4m])', samples: [h([5]), h([5]), 7, 7], expected: 1 },
  { query: 'sum_over_time(m[4m])', samples: [h([5, 1]), h([3]), h([2, 2]), h([1])], expected: [11, 3] },
  { query: 'avg_over_time(m[4m])', samples: [h([5, 1]), h([3]), h([2, 2]), h([1])], expected: [2.75, 0.75] },
  { query: 'avg_over_time(m[4m])', samples: [none, h([1e308]), h([1e308]), h([1e308])], expected: [1e308] },
  { query: 'sum_over_time(m[4m])', samples: [h([5, 1]), 3, h([2, 2]), h([1])], expected: undefined, remarks: [MIX] },
  { query: 'sum_over_time(m[2m])', samples: [h([5, 1]), h([2]), 3, 4], expected: 7 },
  { query: 'max_over_time(m[4m])', samples: [h([5]), 3, 7, h([1])], expected: 7, remarks: [IGNORED] },
  { query: 'max_over_time(m[1m])', samples: [1, 3, 7, h([1])], expected: undefined },
  { query: 'ts_of_max_over_time(m[4m])', samples: [h([5]), 7, 7, h([1])], expected: 120, remarks: [IGNORED] },
  { query: 'stddev_over_time(m[4m])', samples: [1, 3, h([9]), h([1])], expected: 1, remarks: [IGNORED] },
  { query: 'mad_over_time(m[4m])', samples: [1, 3, h([9]), 8], expected: 2, remarks: [IGNORED] },
  { query: 'quantile_over_time(0.5, m[4m])', samples: [1, 3, h([9]), 8], expected: 3, remarks: [IGNORED] },
  { query: 'deriv(m[4m])', samples: [h([9]), 60, 120, 180], expected: 1, remarks: [IGNORED] },
  { query: 'predict_linear(m[4m], 60)', samples: [h([9]), 60, 120, 180], expected: 240, remarks: [IGNORED] },
  { query: 'integral(m[4m])', samples: [h([9]), 1, 1, 1], expected: 120, remarks: [IGNORED] },
  { query: 'count_over_time(m[4m])', samples: [h([9]), 1, 1, h([1])], expected: 4 },
  { query: 'present_over_time(m[4m])', samples: [none, none, none, h([1])], expected: 1 },
  { query: 'first_over_time(m[4m])', samples: [h([9]), 1, 1, h([1])], expected: [9] },
  { query: 'last_over_time(m[4m])', samples: [h([9]), 1, 1, h([1])], expected: [1] },
  { query: 'ts_of_first_over_time(m[4m])', samples: [none, h([9]), 1, h([1])], expected: 60 },
  { query: 'abs(m)', samples: [none, none, none, h([1])], expected: undefined },
  { query: 'timestamp(m)', samples: [none, none, none, h([1])], expected: 180 },
  { query: 'timestamp(m + m)', samples: [none, none, none, h([1])], expected: 180 },
  { query: 'vector(scalar(m))', samples: [none, none, none, h([1])], expected: Number.NaN },
  { query: 'sort(m)', samples: [none, none, none, h([1])], expected: undefined },
  { query: 'sort_by_label(m, "a")', samples: [none, none, none, h([1])], expected: [1] },
  { query: 'absent(m)', samples: [none, none, none, h([1])], expected: undefined },
  { query: 'histogram_count(m)', samples: [none, none, none, h([1, 2])], expected: 3 },
  { query: 'histogram_sum(m)', samples: [none, none, none, histogram([1, 2], { sum: 9 })], expected: 9 },
  { query: 'histogram_avg(m)', samples: [none, none, none, histogram([1, 2], { sum: 9 })], expected: 3 },
  { query: 'histogram_count(m)', samples: [none, none, none, 4], expected: undefined },
  { query: 'histogram_quantile(0.5, m)', samples: [none, none, none, custom([1, 2, 1], [1, 2])], expected: 1.5 },
  { query: 'histogram_fraction(0, 1, m)', samples: [none, none, none, custom([1, 2, 1], [1, 2])], expected: 0.25 },
];

for (const { query, samples, expected, remarks = [] } of CASES) {
  test(`${query} of ${samples.map(show)} is ${expected}`, async () => {
    const { sample, remarks: all } = await answer(minutely([...samples]), query, 3);
    const texts = all.map((remark) => remark.replace(/ \(\d+:\d+\)$/, '')).filter((text) => text !== NOT_A_TOTAL);
    assert.deepEqual(texts, remarks);
    if (typeof sample === 'object') assert.deepEqual([...sample.positive.counts], expected);
    else assert.equal(sample, expected);
  });
}

function show(sample: Sample): string {
  return typeof sample === 'object' ? `{${(sample as Histogram).positive.counts}}` : String(sample);
}

test('buckets and a native histogram with the same labels do not count', async () => {
  const { createEngine } = await import('#shared/promql/engine/engine.ts');
  const engine = createEngine({ monotonicMs: () => 0, delayedNameRemoval: true });
  const bucket = (le: string, value: number) => ({ ...minutely([value]), labels: ['__name__', 'm', 'le', le] });
  const series = [minutely([histogram([1])]), bucket('+Inf', 4), bucket('1', 2)];
  const querier = { select: async () => series, series: async () => [] };
  const { value, warnings } = await engine.instant('histogram_quantile(0.5, m)', 0, { querier });
  assert.deepEqual(value, { kind: 'vector', samples: [] });
  const text = 'vector contains a mix of classic and native histograms for metric name "m"';
  assert.deepEqual(warnings, [`PromQL warning: ${text} (1:25)`]);
});
