import { goSort } from '#shared/model/go-sort.ts';
import { invalidQuantile } from '#shared/promql/engine/annotations.ts';
import { isLess } from '#shared/promql/engine/sample-heap.ts';
import type { GrowingColumn } from '#shared/promql/engine/value.ts';
import { quantile } from './quantile.ts';
import { firstArgSpan, type RangeFunction, type Windows } from './range-function.ts';
import { SortedWindow } from './sorted-window.ts';
import { ofFloats } from './split-windows.ts';

/** @see prometheus/promql/functions.go funcQuantileOverTime */
function quantileOverTime(windows: Windows, out: GrowingColumn): void {
  const { from, to, scalars, annotate, call } = windows;
  const window = new SortedWindow(windows);
  const zeros = new SignedZeros(windows.series.values);
  for (let k = 0; k < from.length; k++) {
    if (from[k] === to[k]) continue;
    const phi = scalars[0][k];
    if (!(phi >= 0 && phi <= 1)) {
      annotate(invalidQuantile(phi, firstArgSpan(call)));
      out.values[k] = outside(phi);
    } else {
      window.moveTo(from[k], to[k]);
      const value = quantileOf(window, phi);
      out.values[k] = value === 0 && zeros.areBoth() ? quantileOfSorted(zeros.sorted(from[k], to[k]), phi) : value;
    }
    out.present[k] = 1;
  }
}

function outside(phi: number): number {
  if (Number.isNaN(phi)) return Number.NaN;
  return phi < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Between neighbours by linear interpolation; NaNs are less than all numbers.
 *  @see prometheus/promql/quantile.go quantile */
function quantileOf(window: SortedWindow, phi: number): number {
  const { nans } = window;
  const last = nans + window.size - 1;
  const rank = phi * last;
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(last, lower + 1);
  const weight = rank - Math.floor(rank);
  const below = lower < nans ? Number.NaN : window.at(lower - nans);
  if (weight === 0) return below;
  const above = upper < nans ? Number.NaN : window.at(upper - nans);
  return below * (1 - weight) + above * weight;
}

/** Zeros of both signs are equal: which of them has a rank depends on how Go sorts. */
class SignedZeros {
  readonly #values: Float64Array;
  #both: boolean | undefined;

  constructor(values: Float64Array) {
    this.#values = values;
  }

  /** Whether the series has zeros of both signs. */
  areBoth(): boolean {
    this.#both ??=
      this.#values.some((value) => Object.is(value, -0)) && this.#values.some((value) => Object.is(value, 0));
    return this.#both;
  }

  /** The values of a window as Go sorts them. */
  sorted(from: number, to: number): number[] {
    const values = Array.from(this.#values.subarray(from, to));
    goSort(values, isLess);
    return values;
  }
}

function quantileOfSorted(values: readonly number[], phi: number): number {
  const rank = phi * (values.length - 1);
  const lower = Math.floor(rank);
  const weight = rank - lower;
  const upper = Math.min(values.length - 1, lower + 1);
  return weight === 0 ? values[lower] : values[lower] * (1 - weight) + values[upper] * weight;
}

/** The median of the distances to the median; NaN as soon as one sample is.
 *  @see prometheus/promql/functions.go funcMadOverTime */
function madOverTime(windows: Windows, out: GrowingColumn): void {
  const { from, to } = windows;
  const window = new SortedWindow(windows);
  for (let k = 0; k < from.length; k++) {
    if (from[k] === to[k]) continue;
    window.moveTo(from[k], to[k]);
    out.values[k] = window.nans > 0 ? Number.NaN : medianDistance(window);
    out.present[k] = 1;
  }
}

/** Distances rise from the median to both sides: the smaller half of them is met by going outward from it. */
function medianDistance(window: SortedWindow): number {
  const { size } = window;
  const median = quantileOf(window, 0.5);
  if (!Number.isFinite(median)) return medianOfDistances(window, median);
  const rank = 0.5 * (size - 1);
  const upperRank = Math.min(size - 1, Math.floor(rank) + 1);
  let right = 0;
  let high = size;
  while (right < high) {
    const middle = (right + high) >>> 1;
    if (window.at(middle) < median) right = middle + 1;
    else high = middle;
  }
  let left = right - 1;
  let distance = 0;
  let before = 0;
  for (let i = 0; i <= upperRank; i++) {
    before = distance;
    const below = left < 0 ? Number.POSITIVE_INFINITY : Math.abs(window.at(left) - median);
    const above = right >= size ? Number.POSITIVE_INFINITY : Math.abs(window.at(right) - median);
    const takesLeft = left >= 0 && (right >= size || below <= above);
    distance = takesLeft ? below : above;
    if (takesLeft) left--;
    else right++;
  }
  const weight = rank - Math.floor(rank);
  if (weight === 0) return upperRank > Math.floor(rank) ? before : distance;
  return before * (1 - weight) + distance * weight;
}

/** The distance between equal infinities is NaN, which is less than all others. */
function medianOfDistances(window: SortedWindow, median: number): number {
  const distances = Float64Array.from({ length: window.size }, (_, i) => Math.abs(window.at(i) - median));
  return quantile(0.5, distances);
}

export const QUANTILE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  quantile_over_time: ofFloats(quantileOverTime),
  mad_over_time: ofFloats(madOverTime),
};
