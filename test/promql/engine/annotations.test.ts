import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as a from '#shared/promql/engine/annotations.ts';

const span = { start: 0, end: 1 };
const QUERY = 'x';

function textsOf(annotations: readonly a.Annotation[], query: string | undefined = QUERY): string[] {
  const collected = new a.Annotations();
  for (const annotation of annotations) collected.add(annotation);
  return [...collected.texts('warning', query), ...collected.texts('info', query)];
}

test('annotations have the texts of Prometheus', () => {
  const fix = { minTimeMs: 60_000, maxTimeMs: 60_000, minBucket: 0.5, maxBucket: 2, maxDiff: 12.25, samples: 1n };
  const forcedUrl = 'https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile';
  const cases: readonly { readonly annotation: a.Annotation; readonly expected: string }[] = [
    {
      annotation: a.invalidQuantile(1.5, span),
      expected: 'warning: quantile value should be between 0 and 1, got 1.5',
    },
    {
      annotation: a.invalidRatio(-1.1, -1, span),
      expected: 'warning: ratio value should be between -1 and 1, got -1.1, capping to -1',
    },
    {
      annotation: a.badBucketLabel('m', 'x"', span),
      expected: 'warning: bucket label "le" is missing or has a malformed value of "x\\"" for metric name "m"',
    },
    {
      annotation: a.badBucketLabel('', '', span),
      expected: 'warning: bucket label "le" is missing or has a malformed value of ""',
    },
    {
      annotation: a.mixedFloatsHistograms('m', span),
      expected: 'warning: encountered a mix of histograms and floats for metric name "m"',
    },
    {
      annotation: a.mixedInAggregation(span),
      expected: 'warning: encountered a mix of histograms and floats for aggregation',
    },
    {
      annotation: a.mixedClassicNativeHistograms('m', span),
      expected: 'warning: vector contains a mix of classic and native histograms for metric name "m"',
    },
    {
      annotation: a.histogramNotCounter('m', span),
      expected: 'warning: this native histogram metric is not a counter: "m"',
    },
    {
      annotation: a.histogramNotGauge('m', span),
      expected: 'warning: this native histogram metric is not a gauge: "m"',
    },
    {
      annotation: a.mixedExponentialCustomHistograms('m', span),
      expected:
        'warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "m"',
    },
    {
      annotation: a.incompatibleBucketLayout('+', span),
      expected: 'warning: incompatible bucket layout encountered for binary operator +',
    },
    {
      annotation: a.sortInRangeQuery(span),
      expected: 'warning: sort is ineffective for range queries since results are always ordered by labels',
    },
    {
      annotation: a.invalidIntegralStrategy(3, span),
      expected: 'warning: strategy should be 0, 1, or 2 (default), using 2, got 3',
    },
    {
      annotation: a.counterResetCollision('subtraction', span),
      expected: 'warning: conflicting counter resets during histogram subtraction',
    },
    {
      annotation: a.startTimeOverlap('m', span),
      expected: 'warning: sample has start time that overlaps with previous sample timestamp for metric "m"',
    },
    {
      annotation: a.mismatchedCustomBuckets('aggregation', span),
      expected: 'info: mismatched custom buckets were reconciled during aggregation',
    },
    {
      annotation: a.possibleNonCounter('m', span),
      expected: 'info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "m"',
    },
    {
      annotation: a.possibleNonCounterLabel('m', 'gauge', span),
      expected:
        'info: metric might not be a counter, __type__ label is not set to "counter" or "histogram", got "gauge": "m"',
    },
    {
      annotation: a.incompatibleTypes('float', '>/', 'histogram', span),
      expected: 'info: incompatible sample types encountered for binary operator ">/": float >/ histogram',
    },
    {
      annotation: a.histogramIgnoredInAggregation('topk', span),
      expected: 'info: ignored histogram in topk aggregation',
    },
    {
      annotation: a.histogramIgnoredInMixedRange('m', span),
      expected: 'info: ignored histograms in a range containing both floats and histograms for metric name "m"',
    },
    {
      annotation: a.histogramQuantileNaNResult('', span),
      expected: 'info: input to histogram_quantile has NaN observations, result is NaN',
    },
    {
      annotation: a.histogramQuantileNaNSkew('m', span),
      expected: 'info: input to histogram_quantile has NaN observations, result is skewed higher for metric name "m"',
    },
    {
      annotation: a.histogramFractionNaNs('m', span),
      expected:
        'info: input to histogram_fraction has NaN observations, which are excluded from all fractions for metric name "m"',
    },
    {
      annotation: a.forcedMonotonicity('m', fix, span),
      expected:
        `info: input to histogram_quantile needed to be fixed for monotonicity (see ${forcedUrl}) for metric name "m"` +
        ', from buckets 0.5 to 2, with a max diff of 12, over 1 samples from 1970-01-01T00:01:00Z to 1970-01-01T00:01:00Z',
    },
  ];
  for (const { annotation, expected } of cases) assert.deepEqual(textsOf([annotation]), [`PromQL ${expected} (1:1)`]);
});

test('positions are lines and bytes of UTF-8; a query that is not text has none', () => {
  const annotation = a.mixedInAggregation({ start: 13, end: 14 });
  const text = 'PromQL warning: encountered a mix of histograms and floats for aggregation';
  assert.deepEqual(textsOf([annotation], 'sum(\n  {ä="🙂"}'), [`${text} (2:12)`]);
  const collected = new a.Annotations();
  collected.add(annotation);
  assert.deepEqual(collected.texts('warning', undefined), [text]);
});

test('equal annotations are one, at the place of the last; counted ones add up', () => {
  const last = { start: 1, end: 2 };
  assert.deepEqual(textsOf([a.mixedInAggregation(span), a.mixedInAggregation(last)], 'xyz'), [
    'PromQL warning: encountered a mix of histograms and floats for aggregation (1:2)',
  ]);
  const overlaps = [a.startTimeOverlap('m', span), a.startTimeOverlap('m', last), a.startTimeOverlap('n', last)];
  assert.deepEqual(textsOf(overlaps, 'xyz'), [
    'PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "m" (2 occurrences) (1:1)',
    'PromQL warning: sample has start time that overlaps with previous sample timestamp for metric "n" (1:2)',
  ]);
});
