import { isInfinite } from '#shared/model/float.ts';
import { type Buckets, type Histogram, usesCustomBuckets } from '#shared/model/histogram.ts';
import { type BucketView, createBucketView, readNegativeBucket, readPositiveBucket } from './buckets.ts';
import { compactHistogram } from './compact.ts';
import { fractionBelow } from './interpolate.ts';

/** Which side of the bound stays: observations below it (`</`) or above it (`>/`). */
export type TrimSide = 'below' | 'above';

/** What stays of a bucket. */
interface Kept {
  readonly count: number;
  /** Where these observations are, on average. */
  readonly middle: number;
}

const NOTHING: Kept = { count: 0, middle: 0 };

/** The histogram without the observations on the other side of `bound`; of the bucket that holds it stays what
 *  interpolation says. Count and sum are estimated anew where anything went. Itself when nothing did.
 *  @see prometheus/model/histogram/float_histogram.go TrimBuckets */
export function trimHistogram(histogram: Histogram, bound: number, keep: TrimSide): Histogram {
  const trimmer = { bound, keep, custom: usesCustomBuckets(histogram), count: 0, sum: 0, hasTrimmed: false };
  const positive = trimSide(trimmer, histogram, true);
  const negative = trimSide(trimmer, histogram, false);
  const zeroCount = trimZero(trimmer, histogram);
  if (!trimmer.hasTrimmed) return histogram;
  return compactHistogram({ ...histogram, count: trimmer.count, sum: trimmer.sum, zeroCount, positive, negative });
}

interface Trimmer {
  readonly bound: number;
  readonly keep: TrimSide;
  readonly custom: boolean;
  /** The observations that stay, and their sum, as far as buckets have been looked at. */
  count: number;
  sum: number;
  hasTrimmed: boolean;
}

function trimSide(trimmer: Trimmer, histogram: Histogram, positive: boolean): Buckets {
  const { indexes, counts } = positive ? histogram.positive : histogram.negative;
  const kept = counts.slice();
  const bucket = createBucketView();
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    if (positive) readPositiveBucket(histogram, i, bucket);
    else readNegativeBucket(histogram, i, bucket);
    kept[i] = keepOf(trimmer, bucket.count, trimBucket(trimmer, bucket, positive));
  }
  return { indexes, counts: kept };
}

/** Takes what stays of a bucket into the totals; returns its count. */
function keepOf(trimmer: Trimmer, before: number, { count, middle }: Kept): number {
  trimmer.count += count;
  trimmer.sum += middle * count;
  if (count !== before) trimmer.hasTrimmed = true;
  return count;
}

function trimBucket(trimmer: Trimmer, bucket: BucketView, positive: boolean): Kept {
  const { bound, keep, custom } = trimmer;
  const { lower, upper, count } = bucket;
  const keepsAll = keep === 'below' ? upper <= bound : lower >= bound;
  if (keepsAll) return { count, middle: middleOf(lower, upper, { positive, custom }) };
  const keepsSome = keep === 'below' ? lower < bound : upper > bound;
  if (!keepsSome) return NOTHING;
  if (lower === Number.NEGATIVE_INFINITY) return trimFromInfinity(trimmer, bucket);
  if (upper === Number.POSITIVE_INFINITY) return trimToInfinity(trimmer, bucket);
  const below = countBelow(bucket, bound, custom);
  if (keep === 'below') return { count: below, middle: middleOf(lower, bound, { positive, custom }) };
  return { count: count - below, middle: middleOf(bound, upper, { positive, custom }) };
}

/** @see prometheus/model/histogram/float_histogram.go computeSplit */
function countBelow(bucket: BucketView, bound: number, linear: boolean): number {
  if (bound <= bucket.lower) return 0;
  if (bound >= bucket.upper) return bucket.count;
  return bucket.count * fractionBelow(bucket, bound, linear);
}

/** A bucket from −Inf is one from 0 when its upper bound is positive. Else nothing is known of where its observations are.
 *  @see prometheus/model/histogram/float_histogram.go handleInfinityBuckets */
function trimFromInfinity({ bound, keep }: Trimmer, { upper, count }: BucketView): Kept {
  const endsSomewhere = upper !== Number.POSITIVE_INFINITY;
  const gone = { count: 0, middle: endsSomewhere && upper !== Number.NEGATIVE_INFINITY ? upper : 0 };
  if (keep === 'below') {
    if (bound >= upper) return { count, middle: 0 };
    if (bound > 0 && upper > 0 && endsSomewhere) return { count: (count * bound) / upper, middle: bound / 2 };
    return upper <= 0 ? { count, middle: bound } : gone;
  }
  if (bound === Number.NEGATIVE_INFINITY) return { count, middle: 0 };
  if (bound >= 0 && upper > bound && endsSomewhere)
    return { count: count * (1 - bound / upper), middle: (bound + upper) / 2 };
  return gone;
}

function trimToInfinity({ bound, keep }: Trimmer, { lower, count }: BucketView): Kept {
  return keep === 'above' && bound >= lower ? { count, middle: bound } : { count: 0, middle: lower };
}

/** @see prometheus/model/histogram/float_histogram.go computeZeroBucketTrim */
function trimZero(trimmer: Trimmer, histogram: Histogram): number {
  const { zeroCount, zeroThreshold } = histogram;
  if (!(zeroCount > 0)) return zeroCount;
  const hasNegative = hasPopulated(histogram.negative);
  const hasPositive = hasPopulated(histogram.positive);
  const upper = hasNegative && !hasPositive ? 0 : zeroThreshold;
  const lower = hasPositive && !hasNegative ? 0 : -zeroThreshold;
  return keepOf(trimmer, zeroCount, trimZeroBetween(trimmer, { lower, upper, count: zeroCount }));
}

function trimZeroBetween(
  { bound, keep }: Trimmer,
  { lower, upper, count }: { readonly lower: number; readonly upper: number; readonly count: number },
): Kept {
  const all = { count, middle: (lower + upper) / 2 };
  if (bound <= lower) return keep === 'below' ? NOTHING : all;
  if (bound >= upper) return keep === 'below' ? all : NOTHING;
  if (keep === 'below') return { count: count * ((bound - lower) / (upper - lower)), middle: (lower + bound) / 2 };
  return { count: count * ((upper - bound) / (upper - lower)), middle: (bound + upper) / 2 };
}

function hasPopulated({ counts }: Buckets): boolean {
  return counts.some((count) => count !== 0);
}

/** The middle of what stays: geometric in exponential buckets, arithmetic between custom bounds.
 *  @see prometheus/model/histogram/float_histogram.go computeMidpoint */
function middleOf(
  lower: number,
  upper: number,
  { positive, custom }: { readonly positive: boolean; readonly custom: boolean },
): number {
  if (isInfinite(lower)) {
    if (isInfinite(upper)) return 0;
    return upper > 0 ? upper / 2 : upper;
  }
  if (isInfinite(upper)) return lower;
  if (custom) return (lower + upper) / 2;
  const middle = Math.sqrt(Math.abs(lower * upper));
  return positive ? middle : -middle;
}
