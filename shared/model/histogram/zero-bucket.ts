import type { Buckets, Histogram } from '#shared/model/histogram.ts';
import { type KahanSum, kahanAdd } from '#shared/model/kahan.ts';
import { compactBuckets } from './compact.ts';
import { exponentialBound } from './schema.ts';

/** A zero bucket that took in buckets around it. */
export interface WidenedZero {
  readonly threshold: number;
  readonly count: number;
  /** What rounding lost of `count`. */
  readonly compensation: number;
}

/** What rounding lost of a histogram's buckets before they went into the zero bucket. */
export interface ZeroCompensation {
  readonly zeroCount: number;
  readonly positive: Float64Array;
  readonly negative: Float64Array;
}

/** The zero bucket that the histogram would have with a threshold of at least `threshold`: up to the end of the populated
 *  bucket that holds it.
 *  @param threshold Not less than the histogram's.
 *  @see prometheus/model/histogram/float_histogram.go zeroCountForLargerThreshold */
export function widenZeroBucket(histogram: Histogram, threshold: number, lost?: ZeroCompensation): WidenedZero {
  const { zeroCount, schema, positive, negative } = histogram;
  const total: KahanSum = { sum: zeroCount, compensation: lost?.zeroCount ?? 0 };
  if (threshold === histogram.zeroThreshold) return { threshold, count: zeroCount, compensation: total.compensation };
  let reached = threshold;
  for (;;) {
    // Upstream takes the sum anew for each wider bucket, but goes on with the compensation.
    total.sum = zeroCount;
    reached = takeIn(total, positive, schema, reached, lost?.positive);
    const wider = takeIn(total, negative, schema, reached, lost?.negative);
    if (wider === reached) return { threshold: reached, count: total.sum, compensation: total.compensation };
    reached = wider;
  }
}

/** Adds the buckets below `threshold`; returns it, or the end of the populated bucket that it is within. */
function takeIn(
  total: KahanSum,
  { indexes, counts }: Buckets,
  schema: number,
  threshold: number,
  lost: Float64Array | undefined,
): number {
  for (let i = 0; i < indexes.length; i++) {
    if (exponentialBound(indexes[i] - 1, schema) >= threshold) break;
    kahanAdd(total, counts[i]);
    if (lost !== undefined) kahanAdd(total, lost[i]);
    const upper = exponentialBound(indexes[i], schema);
    if (upper > threshold) return counts[i] === 0 ? threshold : upper;
  }
  return threshold;
}

/** How many of the buckets are within the zero bucket.
 *  @param threshold At a bound, as `widenZeroBucket` returns it. */
export function lengthWithinZero({ indexes }: Buckets, schema: number, threshold: number): number {
  let length = 0;
  while (length < indexes.length && exponentialBound(indexes[length] - 1, schema) < threshold) length++;
  return length;
}

/** A histogram whose zero bucket is as wide as that of another, and what the other's zero bucket then holds. */
export interface ReconciledZero {
  readonly histogram: Histogram;
  readonly otherZeroCount: number;
}

/** Widens the zero bucket of `histogram` until a zero bucket of that width splits no populated bucket of either.
 *  @see prometheus/model/histogram/float_histogram.go reconcileZeroBuckets */
export function reconcileZeroBuckets(histogram: Histogram, other: Histogram): ReconciledZero {
  let current = histogram;
  let otherZeroCount = other.zeroCount;
  let otherThreshold = other.zeroThreshold;
  while (otherThreshold !== current.zeroThreshold) {
    if (current.zeroThreshold > otherThreshold) {
      ({ count: otherZeroCount, threshold: otherThreshold } = widenZeroBucket(other, current.zeroThreshold));
    } else if (otherThreshold > current.zeroThreshold) {
      current = withWiderZero(current, widenZeroBucket(current, otherThreshold));
    } else {
      // A threshold is NaN: there is no width that suits both.
      break;
    }
  }
  return { histogram: current, otherZeroCount };
}

function withWiderZero(histogram: Histogram, { count, threshold }: WidenedZero): Histogram {
  const { schema } = histogram;
  const positive = withoutWithinZero(histogram.positive, schema, threshold);
  const negative = withoutWithinZero(histogram.negative, schema, threshold);
  return { ...histogram, zeroCount: count, zeroThreshold: threshold, positive, negative };
}

/** @see prometheus/model/histogram/float_histogram.go trimBucketsInZeroBucket */
function withoutWithinZero(buckets: Buckets, schema: number, threshold: number): Buckets {
  const first = lengthWithinZero(buckets, schema, threshold);
  const { indexes, counts } = buckets;
  return compactBuckets(first === 0 ? buckets : { indexes: indexes.subarray(first), counts: counts.subarray(first) });
}
