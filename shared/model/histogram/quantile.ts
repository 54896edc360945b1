import { goExp2, goLog2 } from '#shared/model/go-math.ts';
import { type Histogram, usesCustomBuckets } from '#shared/model/histogram.ts';
import { type BucketView, bucketCount, bucketsLength, createBucketView, readBucket } from './buckets.ts';
import { narrowZeroBucket } from './interpolate.ts';

/** A quantile, and what observations of NaN, which are in no bucket and count as the largest, did to it. */
export interface HistogramQuantile {
  readonly value: number;
  /** `skewed`: it is higher for them. `result`: it is one of them. */
  readonly nan?: 'skewed' | 'result';
}

/** The φ-quantile: linear in the zero bucket and between custom bounds, else exponential within a bucket.
 *  @returns ±Inf for a φ that is not within 0 and 1, NaN for NaN and without observations.
 *  @see prometheus/promql/quantile.go HistogramQuantile */
export function histogramQuantile(phi: number, histogram: Histogram): HistogramQuantile {
  if (phi < 0) return { value: Number.NEGATIVE_INFINITY };
  if (phi > 1) return { value: Number.POSITIVE_INFINITY };
  if (histogram.count === 0 || Number.isNaN(phi)) return { value: Number.NaN };
  const hasNaN = Number.isNaN(histogram.sum);
  const fromBelow = hasNaN || phi < 0.5;
  const reached = findRank(histogram, fromBelow ? phi * histogram.count : (1 - phi) * histogram.count, fromBelow);
  const { bucket, rank } = reached;
  if (usesCustomBuckets(histogram)) {
    if (bucket.lower === Number.NEGATIVE_INFINITY) {
      if (bucket.upper <= 0) return { value: bucket.upper };
      bucket.lower = 0;
    } else if (bucket.upper === Number.POSITIVE_INFINITY) {
      return { value: bucket.lower };
    }
  } else if (bucket.lower < 0 && bucket.upper > 0) {
    narrowZeroBucket(histogram, bucket);
  }
  // Rounding may make the sum of the buckets more than the count.
  const count = reached.count > histogram.count ? histogram.count : reached.count;
  if (count < rank) return hasNaN ? { value: Number.NaN, nan: 'result' } : { value: bucket.upper };
  const rankInBucket = fromBelow ? rank - (count - bucket.count) : count - rank;
  const value = interpolate(bucket, rankInBucket / bucket.count, usesCustomBuckets(histogram));
  if (hasNaN && countRest(histogram, reached.position, count) < histogram.count) return { value, nan: 'skewed' };
  return { value };
}

interface ReachedRank {
  readonly rank: number;
  /** The bucket that holds the rank, or the last one. */
  readonly bucket: BucketView;
  /** Where that bucket is, in the direction of the search. */
  readonly position: number;
  /** The observations up to and with that bucket. */
  readonly count: number;
}

function findRank(histogram: Histogram, rank: number, fromBelow: boolean): ReachedRank {
  const length = bucketsLength(histogram);
  const bucket = createBucketView();
  let count = 0;
  let position = 0;
  for (; position < length; position++) {
    const inBucket = bucketCount(histogram, fromBelow ? position : length - 1 - position);
    if (inBucket === 0) continue;
    count += inBucket;
    if (count >= rank) break;
  }
  const found = Math.min(position, length - 1);
  if (length > 0) readBucket(histogram, fromBelow ? found : length - 1 - found, bucket);
  return { rank, bucket, position: found, count };
}

/** Adds the buckets above `position` to `count`. */
function countRest(histogram: Histogram, position: number, count: number): number {
  const length = bucketsLength(histogram);
  let total = count;
  for (let i = position + 1; i < length; i++) total += bucketCount(histogram, i);
  return total;
}

function interpolate({ lower, upper }: BucketView, fraction: number, custom: boolean): number {
  if (custom || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = goLog2(Math.abs(lower));
  const logUpper = goLog2(Math.abs(upper));
  if (lower > 0) return goExp2(logLower + (logUpper - logLower) * fraction);
  return -goExp2(logUpper + (logLower - logUpper) * (1 - fraction));
}
