/** One bucket of a classic histogram: how many observations were at most `upperBound`. */
export interface Bucket {
  readonly upperBound: number;
  count: number;
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

/** The φ-quantile of a classic histogram, linear within a bucket. Changes the buckets' counts.
 *  @param buckets Ordered by bound; equal bounds are added up.
 *  @returns NaN without observations, with fewer than two buckets or where the last one is not +Inf.
 *  @see prometheus/promql/quantile.go BucketQuantile */
export function bucketQuantile(phi: number, buckets: readonly Bucket[]): BucketQuantile {
  if (Number.isNaN(phi)) return { value: Number.NaN };
  if (phi < 0) return { value: Number.NEGATIVE_INFINITY };
  if (phi > 1) return { value: Number.POSITIVE_INFINITY };
  if (!endsAtInfinity(buckets)) return { value: Number.NaN };
  const merged = coalesce(buckets);
  const forced = ensureMonotonic(merged);
  if (merged.length < 2) return { value: Number.NaN, forced };
  const observations = merged[merged.length - 1].count;
  if (observations === 0) return { value: Number.NaN, forced };
  return { value: interpolate(merged, phi * observations), forced };
}

function interpolate(buckets: readonly Bucket[], rank: number): number {
  const at = firstReaching(buckets, rank);
  if (at === buckets.length - 1) return buckets[buckets.length - 2].upperBound;
  if (at === 0 && buckets[0].upperBound <= 0) return buckets[0].upperBound;
  const end = buckets[at].upperBound;
  if (at === 0) return end * (rank / buckets[0].count);
  const before = buckets[at - 1];
  const start = before.upperBound;
  return start + (end - start) * ((rank - before.count) / (buckets[at].count - before.count));
}

/** The first bucket but the last that holds `rank`, by binary search: with NaN counts the way there matters. */
function firstReaching(buckets: readonly Bucket[], rank: number): number {
  let low = 0;
  let high = buckets.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (buckets[middle].count >= rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The share of observations between two values, linear within a bucket.
 *  @param buckets Ordered by bound.
 *  @see prometheus/promql/quantile.go BucketFraction */
export function bucketFraction(lower: number, upper: number, buckets: readonly Bucket[]): number {
  if (!endsAtInfinity(buckets)) return Number.NaN;
  const merged = coalesce(buckets);
  const count = merged[merged.length - 1].count;
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, merged, count) - rankOf(lower, merged, count)) / count;
}

/** How many observations are below `value`. */
function rankOf(value: number, buckets: readonly Bucket[], count: number): number {
  let rank = 0;
  let lowerBound = buckets[0].upperBound <= 0 ? Number.NEGATIVE_INFINITY : 0;
  for (const bucket of buckets) {
    if (lowerBound >= value) return capped(rank, count);
    if (bucket.upperBound > value) {
      // Nothing can be said of where observations are in a bucket without a lower end.
      if (lowerBound === Number.NEGATIVE_INFINITY) return capped(bucket.count, count);
      const share = ((bucket.count - rank) * (value - lowerBound)) / (bucket.upperBound - lowerBound);
      return capped(rank + share, count);
    }
    rank = bucket.count;
    lowerBound = bucket.upperBound;
  }
  return count;
}

function capped(rank: number, count: number): number {
  return Math.min(rank, count);
}

function endsAtInfinity(buckets: readonly Bucket[]): boolean {
  return buckets.length > 0 && buckets[buckets.length - 1].upperBound === Number.POSITIVE_INFINITY;
}

function coalesce(buckets: readonly Bucket[]): Bucket[] {
  const merged: Bucket[] = [];
  for (const { upperBound, count } of buckets) {
    const last = merged.at(-1);
    if (last?.upperBound === upperBound) last.count += count;
    else merged.push({ upperBound, count });
  }
  return merged;
}

/** Lifts counts that are below an earlier one; tells of it unless the difference is a rounding error.
 *  @see prometheus/promql/quantile.go ensureMonotonicAndIgnoreSmallDeltas */
function ensureMonotonic(buckets: readonly Bucket[]): ForcedMonotonicity | undefined {
  let forced: ForcedMonotonicity | undefined;
  let previous = buckets[0].count;
  for (const bucket of buckets.slice(1)) {
    const { count, upperBound } = bucket;
    if (count === previous) continue;
    if (almostEqual(previous, count)) {
      bucket.count = previous;
    } else if (count < previous) {
      bucket.count = previous;
      forced = widen(forced, upperBound, previous - count);
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
