import { type Histogram, usesCustomBuckets } from '#shared/model/histogram.ts';
import { type KahanSum, kahanAdd } from '#shared/model/kahan.ts';
import { type BucketView, bucketCount, bucketsLength, createBucketView, readBucket } from './buckets.ts';

/** The estimated variance, as if all observations of a bucket were at its middle: the geometric mean of its bounds, 0 in
 *  the zero bucket, the arithmetic mean with custom bounds.
 *  @see prometheus/promql/functions.go histogramVariance */
export function histogramVariance(histogram: Histogram): number {
  const mean = histogram.sum / histogram.count;
  const variance: KahanSum = { sum: 0, compensation: 0 };
  const bucket = createBucketView();
  const custom = usesCustomBuckets(histogram);
  const length = bucketsLength(histogram);
  for (let i = 0; i < length; i++) {
    if (bucketCount(histogram, i) === 0) continue;
    readBucket(histogram, i, bucket);
    const delta = middle(bucket, custom) - mean;
    kahanAdd(variance, bucket.count * delta * delta);
  }
  return (variance.sum + variance.compensation) / histogram.count;
}

/** The estimated standard deviation. */
export function histogramStandardDeviation(histogram: Histogram): number {
  return Math.sqrt(histogramVariance(histogram));
}

function middle({ lower, upper }: BucketView, custom: boolean): number {
  if (custom) return (upper + lower) / 2;
  if (lower <= 0 && upper >= 0) return 0;
  const value = Math.sqrt(upper * lower);
  return upper < 0 ? -value : value;
}
