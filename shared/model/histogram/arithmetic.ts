import { isInfinite } from '#shared/model/float.ts';
import {
  type Buckets,
  type CounterReset,
  type Histogram,
  NO_BUCKETS,
  usesCustomBuckets,
} from '#shared/model/histogram.ts';
import { customBoundsOf, intersectBounds, mergeOverCommonBounds, sameBounds } from './custom-bounds.ts';
import { bucketsFrom, firstOutsideZero, mergeBuckets } from './merge-buckets.ts';
import { reduceResolution } from './schema.ts';
import { reconcileZeroBuckets } from './zero-bucket.ts';

/** A sum or difference, and what there is to warn of. May have empty buckets: see `compactHistogram`. */
export interface CombinedHistogram {
  readonly histogram: Histogram;
  /** One said that the counter was reset, the other that it was not. */
  readonly counterResetCollision: boolean;
  /** The custom bounds were different; the result has those of both. */
  readonly boundsReconciled: boolean;
}

/** Adds count by count, over the wider zero bucket, the lower resolution or the common custom bounds of the two.
 *  @returns undefined when one has exponential buckets and the other custom ones.
 *  @see prometheus/model/histogram/float_histogram.go Add */
export function addHistograms(a: Histogram, b: Histogram): CombinedHistogram | undefined {
  return combine(a, b, 1);
}

/** Subtracts count by count. The counter reset hint is that of a sum: where the difference is the result of a `-`,
 *  which makes it a gauge, set that with `withCounterReset`.
 *  @returns undefined when one has exponential buckets and the other custom ones.
 *  @see prometheus/model/histogram/float_histogram.go Sub */
export function subtractHistograms(a: Histogram, b: Histogram): CombinedHistogram | undefined {
  return combine(a, b, -1);
}

function combine(a: Histogram, b: Histogram, sign: 1 | -1): CombinedHistogram | undefined {
  if (usesCustomBuckets(a) !== usesCustomBuckets(b)) return undefined;
  const { counterReset, collision } = combineCounterResets(a.counterReset, b.counterReset);
  const totals = { counterReset, count: a.count + sign * b.count, sum: a.sum + sign * b.sum };
  if (!usesCustomBuckets(a)) {
    const histogram = { ...combineExponential(a, b, sign), ...totals };
    return { histogram, counterResetCollision: collision, boundsReconciled: false };
  }
  const boundsReconciled = !sameBounds(customBoundsOf(a), customBoundsOf(b));
  const histogram = { ...combineCustom(a, b, { sign, boundsReconciled }), ...totals };
  return { histogram, counterResetCollision: collision, boundsReconciled };
}

function combineExponential(a: Histogram, b: Histogram, sign: 1 | -1): Histogram {
  const { histogram, otherZeroCount } = reconcileZeroBuckets(a, b);
  const schema = Math.min(a.schema, b.schema);
  const left = reduceResolution(histogram, schema);
  const right = reduceResolution(b, schema);
  const merge = (of: Buckets, other: Buckets): Buckets =>
    mergeBuckets(of, bucketsFrom(other, firstOutsideZero(other, schema, left.zeroThreshold)), sign);
  return {
    ...left,
    zeroCount: left.zeroCount + sign * otherZeroCount,
    positive: merge(left.positive, right.positive),
    negative: merge(left.negative, right.negative),
  };
}

function combineCustom(
  a: Histogram,
  b: Histogram,
  { sign, boundsReconciled }: { readonly sign: 1 | -1; readonly boundsReconciled: boolean },
): Histogram {
  if (!boundsReconciled) return { ...a, positive: mergeBuckets(a.positive, b.positive, sign) };
  const common = intersectBounds(customBoundsOf(a), customBoundsOf(b));
  return { ...a, positive: mergeOverCommonBounds(a, b, { common, sign }).buckets, customBounds: common };
}

/** What a sum of two says of counter resets: a gauge makes it a gauge, else a doubt makes it unknown.
 *  @see prometheus/model/histogram/float_histogram.go adjustCounterReset */
export function combineCounterResets(
  a: CounterReset,
  b: CounterReset,
): { readonly counterReset: CounterReset; readonly collision: boolean } {
  if (a === b) return { counterReset: a, collision: false };
  if (a === 'gauge' || b === 'gauge') return { counterReset: 'gauge', collision: false };
  return { counterReset: 'unknown', collision: a !== 'unknown' && b !== 'unknown' };
}

/** Multiplies all counts and the sum. By a negative factor it becomes a gauge.
 *  @see prometheus/model/histogram/float_histogram.go Mul */
export function multiplyHistogram(histogram: Histogram, factor: number): Histogram {
  return {
    ...histogram,
    counterReset: factor < 0 ? 'gauge' : histogram.counterReset,
    zeroCount: histogram.zeroCount * factor,
    count: histogram.count * factor,
    sum: histogram.sum * factor,
    positive: multiplyBuckets(histogram.positive, factor),
    negative: multiplyBuckets(histogram.negative, factor),
  };
}

/** The histogram with all signs turned. */
export function negateHistogram(histogram: Histogram): Histogram {
  return multiplyHistogram(histogram, -1);
}

/** Divides all counts and the sum. By a negative number it becomes a gauge, by zero it loses its buckets.
 *  @see prometheus/model/histogram/float_histogram.go Div */
export function divideHistogram(histogram: Histogram, divisor: number): Histogram {
  return {
    ...histogram,
    counterReset: divisor < 0 ? 'gauge' : histogram.counterReset,
    zeroCount: histogram.zeroCount / divisor,
    count: histogram.count / divisor,
    sum: histogram.sum / divisor,
    positive: divisor === 0 ? NO_BUCKETS : divideBuckets(histogram.positive, divisor),
    negative: divisor === 0 ? NO_BUCKETS : divideBuckets(histogram.negative, divisor),
  };
}

function multiplyBuckets({ indexes, counts }: Buckets, factor: number): Buckets {
  if (counts.length === 0) return NO_BUCKETS;
  const products = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++) products[i] = counts[i] * factor;
  return { indexes, counts: products };
}

function divideBuckets({ indexes, counts }: Buckets, divisor: number): Buckets {
  if (counts.length === 0) return NO_BUCKETS;
  const quotients = new Float64Array(counts.length);
  for (let i = 0; i < counts.length; i++) quotients[i] = counts[i] / divisor;
  return { indexes, counts: quotients };
}

/** The histogram with another counter reset hint; itself when it has that one. */
export function withCounterReset(histogram: Histogram, counterReset: CounterReset): Histogram {
  return histogram.counterReset === counterReset ? histogram : { ...histogram, counterReset };
}

/** Whether a count, the sum or a bound is infinite: a sum of histograms went beyond what a float holds.
 *  @see prometheus/model/histogram/float_histogram.go HasOverflow */
export function hasOverflow({ zeroCount, count, sum, positive, negative, customBounds }: Histogram): boolean {
  if (isInfinite(zeroCount) || isInfinite(count) || isInfinite(sum)) return true;
  if (someInfinite(positive.counts) || someInfinite(negative.counts)) return true;
  return customBounds !== undefined && someInfinite(customBounds);
}

function someInfinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (isInfinite(values[i])) return true;
  return false;
}
