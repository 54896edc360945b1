import { type Histogram, usesCustomBuckets } from '#shared/model/histogram.ts';
import { type BucketView, bucketCount, bucketsLength, createBucketView, readBucket } from './buckets.ts';
import { fractionBelow, narrowZeroBucket } from './interpolate.ts';

/** A share of a histogram's observations. */
export interface HistogramFraction {
  readonly value: number;
  /** Some observations are NaN, and so between no bounds. */
  readonly nans: boolean;
}

/** The share of observations between two values, by the same interpolation as for quantiles.
 *  @returns NaN without observations or where a bound is NaN.
 *  @see prometheus/promql/quantile.go HistogramFraction */
export function histogramFraction(lower: number, upper: number, histogram: Histogram): HistogramFraction {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: Number.NaN, nans: false };
  if (lower >= upper) return { value: 0, nans: false };
  const found = findRanks(lower, upper, histogram);
  let count = histogram.count;
  let nans = false;
  if (Number.isNaN(histogram.sum)) {
    count = found.count;
    for (let i = found.next; i < bucketsLength(histogram); i++) count += bucketCount(histogram, i);
    nans = count < histogram.count;
  }
  const value = (capped(found.upper, count) - capped(found.lower, count)) / histogram.count;
  return { value, nans };
}

function capped(rank: number | undefined, count: number): number {
  return rank === undefined || rank > count ? count : rank;
}

interface Ranks {
  /** How many observations are below the values; absent when they are above all buckets. */
  lower?: number;
  upper?: number;
  /** The observations in the buckets before `next`. */
  count: number;
  /** The bucket that needed no look any more. */
  next: number;
}

function findRanks(lower: number, upper: number, histogram: Histogram): Ranks {
  const ranks: Ranks = { count: 0, next: 0 };
  const bucket = createBucketView();
  const length = bucketsLength(histogram);
  while (ranks.next < length && (ranks.lower === undefined || ranks.upper === undefined)) {
    readBucket(histogram, ranks.next++, bucket);
    const isLinear = adjustBounds(histogram, bucket);
    const before = ranks.count;
    ranks.lower ??= rankIn(bucket, lower, before, isLinear);
    ranks.upper ??= rankIn(bucket, upper, before, isLinear);
    ranks.count += bucket.count;
  }
  return ranks;
}

/** Ends the bucket at 0 where no observation can be beyond it; returns whether to interpolate by value. */
function adjustBounds(histogram: Histogram, bucket: BucketView): boolean {
  if (usesCustomBuckets(histogram)) {
    if (bucket.lower === Number.NEGATIVE_INFINITY && bucket.upper > 0) bucket.lower = 0;
    return true;
  }
  if (bucket.lower > 0 || bucket.upper < 0) return false;
  narrowZeroBucket(histogram, bucket);
  return true;
}

/** How many observations are below `value`, when that is at most in this bucket.
 *  @param before How many are in the buckets below. */
function rankIn(bucket: BucketView, value: number, before: number, isLinear: boolean): number | undefined {
  if (bucket.lower >= value) return before;
  if (!(bucket.lower < value && bucket.upper > value)) return undefined;
  // Nothing can be said of where observations are in a bucket without a lower end.
  if (isLinear && bucket.lower === Number.NEGATIVE_INFINITY) return bucket.count;
  return before + bucket.count * fractionBelow(bucket, value, isLinear);
}
