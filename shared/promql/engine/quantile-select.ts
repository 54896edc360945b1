import { goSort } from '#shared/model/go-sort.ts';
import { isLess } from './sample-heap.ts';

/** Up to this length values are sorted by insertion, as Go does. */
const INSERTION_LENGTH = 12;

let scratch = new Float64Array(256);

/** The φ-quantile of values in any order, as `quantile` gives it, but without sorting them all.
 *  @param phi From 0 to 1.
 *  @param values At least one; left as they are.
 *  @see prometheus/promql/quantile.go quantile */
export function selectQuantile(phi: number, values: Float64Array): number {
  const count = values.length;
  const rank = phi * (count - 1);
  const lower = Math.max(0, Math.floor(rank));
  const weight = rank - Math.floor(rank);
  if (scratch.length < count) scratch = new Float64Array(2 * count);
  scratch.set(values);
  const upper = weight === 0 ? lower : Math.min(count - 1, lower + 1);
  const ordered = orderBetween(scratch.subarray(0, count), lower, upper);
  const hasZero = ordered[lower] === 0 || ordered[upper] === 0;
  const sorted = hasZero && count > INSERTION_LENGTH ? sortSignedZeros(values, ordered) : ordered;
  return weight === 0 ? sorted[lower] : sorted[lower] * (1 - weight) + sorted[upper] * weight;
}

/** Puts the values of two neighbouring ranks into their places. NaN comes first. */
function orderBetween(values: Float64Array, lower: number, upper: number): Float64Array {
  if (values.length <= INSERTION_LENGTH) return sortByInsertion(values);
  const start = moveNaNsFirst(values);
  if (lower >= start) selectRank(values, start, lower);
  if (upper > lower && upper >= start) {
    let least = upper;
    for (let i = upper + 1; i < values.length; i++) if (values[i] < values[least]) least = i;
    swap(values, upper, least);
  }
  return values;
}

function sortByInsertion(values: Float64Array): Float64Array {
  for (let i = 1; i < values.length; i++) {
    for (let j = i; j > 0 && isLess(values[j], values[j - 1]); j--) swap(values, j, j - 1);
  }
  return values;
}

/** Zeros of both signs are equal: which of them has a rank depends on how Go sorts. */
function sortSignedZeros(values: Float64Array, ordered: Float64Array): ArrayLike<number> {
  const hasNegative = values.some((value) => Object.is(value, -0));
  const hasPositive = values.some((value) => Object.is(value, 0));
  if (!hasNegative || !hasPositive) return ordered;
  const sorted = [...values];
  goSort(sorted, isLess);
  return sorted;
}

/** @returns How many there are. */
function moveNaNsFirst(values: Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) swap(values, i, count++);
  return count;
}

/** Quickselect: puts the value of a rank into its place, and those that are not greater before it.
 *  @see https://en.wikipedia.org/wiki/Quickselect */
function selectRank(values: Float64Array, start: number, rank: number): void {
  let low = start;
  let high = values.length - 1;
  // Bad pivots, which an adversary could arrange, must not make it quadratic.
  let roundsLeft = 64;
  while (high - low > INSERTION_LENGTH) {
    if (roundsLeft-- === 0) break;
    const pivot = medianOfThree(values[low], values[(low + high) >> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) swap(values, i++, j--);
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else return;
  }
  values.subarray(low, high + 1).sort();
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swap(values: Float64Array, i: number, j: number): void {
  const value = values[i];
  values[i] = values[j];
  values[j] = value;
}
