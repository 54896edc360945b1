import { formatFloatGeneral } from '#shared/model/float.ts';
import { type Buckets, type CounterReset, type Histogram, usesCustomBuckets } from '#shared/model/histogram.ts';
import {
  type BucketView,
  createBucketView,
  readNegativeBucket,
  readPositiveBucket,
  readZeroBucket,
} from './buckets.ts';
import { compactBuckets } from './compact.ts';

/** The histogram as `{count:3, sum:4.5, [-1,-0.5):1, (1,2]:2}`: populated buckets from the lowest.
 *  @param formatCount How to print the counts: `String` where they are whole numbers.
 *  @see prometheus/model/histogram/float_histogram.go String, histogram.go String */
export function formatHistogram(histogram: Histogram, formatCount = formatFloatGeneral): string {
  const { count, sum, negative, zeroCount, positive } = histogram;
  const parts = [`count:${formatCount(count)}`, `sum:${formatFloatGeneral(sum)}`];
  const bucket = createBucketView();
  for (let i = negative.counts.length - 1; i >= 0; i--) {
    if (negative.counts[i] === 0) continue;
    readNegativeBucket(histogram, i, bucket);
    parts.push(formatBucket(bucket, formatCount));
  }
  if (zeroCount !== 0) {
    readZeroBucket(histogram, bucket);
    parts.push(formatBucket(bucket, formatCount));
  }
  for (let i = 0; i < positive.counts.length; i++) {
    if (positive.counts[i] === 0) continue;
    readPositiveBucket(histogram, i, bucket);
    parts.push(formatBucket(bucket, formatCount));
  }
  return `{${parts.join(', ')}}`;
}

/** One bucket as `(1,2]:3`.
 *  @see prometheus/model/histogram/generic.go Bucket.String */
export function formatBucket(
  { lower, upper, lowerInclusive, upperInclusive, count }: Readonly<BucketView>,
  formatCount = formatFloatGeneral,
): string {
  const bounds = `${formatFloatGeneral(lower)},${formatFloatGeneral(upper)}`;
  return `${lowerInclusive ? '[' : '('}${bounds}${upperInclusive ? ']' : ')'}:${formatCount(count)}`;
}

/** How a counter reset hint is written in scripts. */
const HINTS: Readonly<Record<CounterReset, string>> = {
  unknown: '',
  reset: 'reset',
  'not-reset': 'not_reset',
  gauge: 'gauge',
};

/** The histogram as tests of rules write it: `{{schema:1 count:3 sum:4.5 buckets:[1 0 2]}}`, without what is 0. Empty
 *  buckets between populated ones are written out.
 *  @see prometheus/model/histogram/float_histogram.go TestExpression */
export function formatTestExpression(histogram: Histogram): string {
  const { schema, count, sum, zeroCount, zeroThreshold, counterReset } = histogram;
  const parts: string[] = [];
  if (schema !== 0) parts.push(`schema:${schema}`);
  if (count !== 0) parts.push(`count:${formatFloatGeneral(count)}`);
  if (sum !== 0) parts.push(`sum:${formatFloatGeneral(sum)}`);
  if (zeroCount !== 0) parts.push(`z_bucket:${formatFloatGeneral(zeroCount)}`);
  if (zeroThreshold !== 0) parts.push(`z_bucket_w:${formatFloatGeneral(zeroThreshold)}`);
  if (usesCustomBuckets(histogram)) parts.push(`custom_values:${formatList(histogram.customBounds)}`);
  if (counterReset !== 'unknown') parts.push(`counter_reset_hint:${HINTS[counterReset]}`);
  pushBuckets(parts, histogram.positive, { offset: 'offset', buckets: 'buckets' });
  pushBuckets(parts, histogram.negative, { offset: 'n_offset', buckets: 'n_buckets' });
  return `{{${parts.join(' ')}}}`;
}

function pushBuckets(
  parts: string[],
  side: Buckets,
  names: { readonly offset: string; readonly buckets: string },
): void {
  const { indexes, counts } = compactBuckets(side, Number.POSITIVE_INFINITY);
  if (indexes.length === 0) return;
  if (indexes[0] !== 0) parts.push(`${names.offset}:${indexes[0]}`);
  parts.push(`${names.buckets}:${formatList(counts)}`);
}

function formatList(values: Float64Array = new Float64Array(0)): string {
  return `[${Array.from(values, formatFloatGeneral).join(' ')}]`;
}
