import { type Buckets, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import { type KahanSum, kahanAdd } from '#shared/model/kahan.ts';

const NO_BOUNDS = new Float64Array(0);

/** The custom bounds of a histogram; none is the same as an empty list. */
export function customBoundsOf({ customBounds }: Pick<Histogram, 'customBounds'>): Float64Array {
  return customBounds ?? NO_BOUNDS;
}

/** @see prometheus/model/histogram/generic.go CustomBucketBoundsMatch */
export function sameBounds(a: Float64Array, b: Float64Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The bounds that are in both, which rise.
 *  @see prometheus/model/histogram/float_histogram.go intersectCustomBucketBounds */
export function intersectBounds(a: Float64Array, b: Float64Array): Float64Array {
  const common = new Float64Array(Math.min(a.length, b.length));
  let length = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      common[length++] = a[i++];
      j++;
    } else if (a[i] < b[j]) {
      i++;
    } else {
      j++;
    }
  }
  return common.subarray(0, length);
}

/** Buckets over common bounds, with what rounding lost of each. */
export interface CommonBuckets {
  readonly buckets: Buckets;
  readonly compensation: Float64Array;
}

/** Adds the buckets of two histograms with different custom bounds in the wider buckets between the bounds of both.
 *  Empty buckets are left out, unless rounding lost something of them.
 *  @param sign −1 to subtract `b`.
 *  @param lost What rounding lost of the buckets of `a`.
 *  @see prometheus/model/histogram/float_histogram.go addCustomBucketsWithMismatches */
export function mergeOverCommonBounds(
  a: Histogram,
  b: Histogram,
  options: { readonly common: Float64Array; readonly sign: 1 | -1; readonly lost?: Float64Array },
): CommonBuckets {
  const counts = new Float64Array(options.common.length + 1);
  const compensation = new Float64Array(counts.length);
  const target = { counts, compensation, bounds: options.common };
  addOverBounds(target, a, 1, options.lost);
  addOverBounds(target, b, options.sign);
  return withoutEmpty(counts, compensation);
}

interface CommonTarget {
  readonly counts: Float64Array;
  readonly compensation: Float64Array;
  readonly bounds: Float64Array;
}

function addOverBounds(target: CommonTarget, source: Histogram, sign: 1 | -1, lost?: Float64Array): void {
  const { indexes, counts } = source.positive;
  const sourceBounds = customBoundsOf(source);
  const { bounds } = target;
  const state: KahanSum = { sum: 0, compensation: 0 };
  let at = 0;
  for (let i = 0; i < indexes.length; i++) {
    if (indexes[i] >= sourceBounds.length) at = bounds.length;
    else while (at < bounds.length && bounds[at] < sourceBounds[indexes[i]]) at++;
    state.sum = target.counts[at];
    state.compensation = target.compensation[at];
    kahanAdd(state, sign * counts[i]);
    if (lost !== undefined) kahanAdd(state, lost[i]);
    target.counts[at] = state.sum;
    target.compensation[at] = state.compensation;
  }
}

function withoutEmpty(counts: Float64Array, compensation: Float64Array): CommonBuckets {
  const isEmpty = (i: number) => counts[i] === 0 && compensation[i] === 0;
  let length = 0;
  for (let i = 0; i < counts.length; i++) if (!isEmpty(i)) length++;
  if (length === 0) return { buckets: NO_BUCKETS, compensation: NO_BOUNDS };
  const indexes = new Int32Array(length);
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    if (isEmpty(i)) continue;
    indexes[at] = i;
    counts[at] = counts[i];
    compensation[at++] = compensation[i];
  }
  return { buckets: { indexes, counts: counts.subarray(0, length) }, compensation: compensation.subarray(0, length) };
}
