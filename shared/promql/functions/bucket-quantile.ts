import { goSort } from '#shared/model/go-sort.ts';

/** The buckets of a classic histogram, ordered by bound: of bucket i, how many observations were at most `bounds[i]`.
 *  Reused from step to step; what computes with them writes into them. */
export interface ClassicBuckets {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  /** How many of them there are. */
  length: number;
  /** How many there were when they were read: equal bounds are put together since, what is behind them is left. */
  read: number;
}

export function createBuckets(capacity: number): ClassicBuckets {
  return { bounds: new Float64Array(capacity), counts: new Float64Array(capacity), length: 0, read: 0 };
}

/** What had to be changed so that counts rise with their bounds. */
export interface ForcedMonotonicity {
  readonly minBucket: number;
  readonly maxBucket: number;
  readonly maxDiff: number;
}

export interface BucketQuantile {
  readonly value: number;
  readonly forced?: ForcedMonotonicity;
}

/** Relative differences between neighbours below this are rounding errors, not observations.
 *  @see prometheus/promql/quantile.go smallDeltaTolerance */
const SMALL_DELTA_TOLERANCE = 1e-12;

/** The smallest float that is not subnormal. */
const MIN_NORMAL = 2 ** -1022;

/** The φ-quantile of a classic histogram, linear within a bucket. Changes the buckets; equal bounds are added up.
 *  @returns NaN without observations, with fewer than two buckets or where the last one is not +Inf.
 *  @see prometheus/promql/quantile.go BucketQuantile */
export function bucketQuantile(phi: number, buckets: ClassicBuckets): BucketQuantile {
  if (Number.isNaN(phi)) return { value: Number.NaN };
  if (phi < 0) return { value: Number.NEGATIVE_INFINITY };
  if (phi > 1) return { value: Number.POSITIVE_INFINITY };
  if (!endsAtInfinity(buckets)) return { value: Number.NaN };
  coalesce(buckets);
  const forced = ensureMonotonic(buckets);
  const observations = buckets.counts[buckets.length - 1];
  if (buckets.length < 2 || observations === 0) return { value: Number.NaN, forced };
  return { value: interpolate(buckets, phi * observations), forced };
}

function interpolate(buckets: ClassicBuckets, rank: number): number {
  const { bounds, counts, length } = buckets;
  const at = firstReaching(buckets, rank);
  if (at === length - 1) return bounds[length - 2];
  const end = bounds[at];
  if (at === 0 && end <= 0) return end;
  // Also of the first bucket a sum, which makes 0 of −0.
  if (at === 0) return 0 + end * (rank / counts[0]);
  const start = bounds[at - 1];
  const before = counts[at - 1];
  return start + (end - start) * ((rank - before) / (counts[at] - before));
}

/** The first bucket but the last that holds `rank`, by binary search: with NaN counts the way there matters. */
function firstReaching({ counts, length }: ClassicBuckets, rank: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (counts[middle] >= rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Prepares buckets that a quantile was computed of for the next one, as upstream does, which counts those behind the ones
 *  that were put together once more.
 *  @see prometheus/promql/functions.go funcHistogramQuantiles */
export function reorderBuckets(buckets: ClassicBuckets): void {
  if (buckets.length === buckets.read) return;
  buckets.length = buckets.read;
  const pairs = Array.from({ length: buckets.read }, (_, i) => [buckets.bounds[i], buckets.counts[i]] as const);
  goSort(pairs, ([a], [b]) => a < b);
  for (const [i, [bound, count]] of pairs.entries()) {
    buckets.bounds[i] = bound;
    buckets.counts[i] = count;
  }
}

/** The share of observations between two values, linear within a bucket. Changes the buckets; equal bounds are added up.
 *  @see prometheus/promql/quantile.go BucketFraction */
export function bucketFraction(lower: number, upper: number, buckets: ClassicBuckets): number {
  if (!endsAtInfinity(buckets)) return Number.NaN;
  coalesce(buckets);
  const count = buckets.counts[buckets.length - 1];
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets, count) - rankOf(lower, buckets, count)) / count;
}

/** How many observations are below `value`. */
function rankOf(value: number, { bounds, counts, length }: ClassicBuckets, count: number): number {
  let rank = 0;
  let lowerBound = bounds[0] <= 0 ? Number.NEGATIVE_INFINITY : 0;
  for (let i = 0; i < length; i++) {
    if (lowerBound >= value) return capped(rank, count);
    if (bounds[i] > value) {
      // Nothing can be said of where observations are in a bucket without a lower end.
      if (lowerBound === Number.NEGATIVE_INFINITY) return capped(counts[i], count);
      const share = ((counts[i] - rank) * (value - lowerBound)) / (bounds[i] - lowerBound);
      return capped(rank + share, count);
    }
    rank = counts[i];
    lowerBound = bounds[i];
  }
  return count;
}

function capped(rank: number, count: number): number {
  return Math.min(rank, count);
}

function endsAtInfinity({ bounds, length }: ClassicBuckets): boolean {
  return length > 0 && bounds[length - 1] === Number.POSITIVE_INFINITY;
}

function coalesce(buckets: ClassicBuckets): void {
  const { bounds, counts, length } = buckets;
  let last = 0;
  for (let i = 1; i < length; i++) {
    if (bounds[i] === bounds[last]) {
      counts[last] += counts[i];
      continue;
    }
    last++;
    bounds[last] = bounds[i];
    counts[last] = counts[i];
  }
  buckets.length = last + 1;
}

/** Lifts counts that are below an earlier one; tells of it unless the difference is a rounding error.
 *  @see prometheus/promql/quantile.go ensureMonotonicAndIgnoreSmallDeltas */
function ensureMonotonic({ bounds, counts, length }: ClassicBuckets): ForcedMonotonicity | undefined {
  let forced: ForcedMonotonicity | undefined;
  let previous = counts[0];
  for (let i = 1; i < length; i++) {
    const count = counts[i];
    if (count === previous) continue;
    if (almostEqual(previous, count)) {
      counts[i] = previous;
    } else if (count < previous) {
      counts[i] = previous;
      forced = widen(forced, bounds[i], previous - count);
    } else {
      previous = count;
    }
  }
  return forced;
}

function widen(forced: ForcedMonotonicity | undefined, bound: number, diff: number): ForcedMonotonicity {
  return {
    minBucket: Math.min(forced?.minBucket ?? Number.POSITIVE_INFINITY, bound),
    maxBucket: Math.max(forced?.maxBucket ?? Number.NEGATIVE_INFINITY, bound),
    maxDiff: Math.max(forced?.maxDiff ?? 0, diff),
  };
}

/** @see prometheus/util/almost/almost.go */
function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const diff = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return diff < SMALL_DELTA_TOLERANCE * MIN_NORMAL;
  return diff / Math.min(sum, Number.MAX_VALUE) < SMALL_DELTA_TOLERANCE;
}
