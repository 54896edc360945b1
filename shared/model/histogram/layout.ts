import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from '#shared/model/histogram.ts';
import { customBoundsOf, sameBounds } from './custom-bounds.ts';
import { unionLength } from './merge-buckets.ts';
import { exponentialBound } from './schema.ts';

/** Which buckets some histograms have in common: those of one that has no others may be among these. None reaches into
 *  the zero bucket. */
export interface HistogramLayout {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly customBounds?: Float64Array;
  /** Indexes of buckets, rising. */
  readonly positive: Int32Array;
  readonly negative: Int32Array;
}

/** A joined layout has at most this many buckets: most clients keep to 160, and where histograms have no buckets in common
 *  rows would be mostly empty. */
const MAX_JOINED_BUCKETS = 512;

/** The layout that has just the buckets of a histogram.
 *  @returns undefined when some of them reach into the zero bucket. */
export function layoutOf({
  schema,
  zeroThreshold,
  customBounds,
  positive,
  negative,
}: Histogram): HistogramLayout | undefined {
  const scale = { schema, zeroThreshold, ...(customBounds && { customBounds }) };
  if (!isOutsideZero(positive.indexes, scale) || !isOutsideZero(negative.indexes, scale)) return undefined;
  return { ...scale, positive: positive.indexes, negative: negative.indexes };
}

type Scale = Pick<HistogramLayout, 'schema' | 'zeroThreshold' | 'customBounds'>;

function isOutsideZero(indexes: Int32Array, { schema, zeroThreshold }: Scale): boolean {
  if (indexes.length === 0 || schema === CUSTOM_BUCKETS_SCHEMA) return true;
  return exponentialBound(indexes[0], schema) > zeroThreshold;
}

/** Whether buckets with one index are the same bucket in both, and the zero bucket too. */
export function sameScale(a: Scale, b: Scale): boolean {
  if (a.schema !== b.schema || a.zeroThreshold !== b.zeroThreshold) return false;
  if (a.schema !== CUSTOM_BUCKETS_SCHEMA || a.customBounds === b.customBounds) return true;
  return sameBounds(customBoundsOf(a), customBoundsOf(b));
}

/** The layout with the buckets of both; `layout` itself where it has those of `other`.
 *  @param other Of the same scale.
 *  @returns undefined where these are too many. */
export function joinLayouts(layout: HistogramLayout, other: HistogramLayout): HistogramLayout | undefined {
  const positive = unionOf(layout.positive, other.positive);
  const negative = unionOf(layout.negative, other.negative);
  if (positive === layout.positive && negative === layout.negative) return layout;
  return positive.length + negative.length > MAX_JOINED_BUCKETS ? undefined : { ...layout, positive, negative };
}

function unionOf(a: Int32Array, b: Int32Array): Int32Array {
  if (a === b || b.length === 0) return a;
  const length = unionLength(a, b);
  if (length === a.length) return a;
  if (length === b.length) return b;
  const union = new Int32Array(length);
  for (let i = 0, fromA = 0, fromB = 0; i < length; i++) {
    const isA = fromB === b.length || (fromA < a.length && a[fromA] <= b[fromB]);
    union[i] = isA ? a[fromA] : b[fromB];
    if (fromA < a.length && a[fromA] === union[i]) fromA++;
    if (fromB < b.length && b[fromB] === union[i]) fromB++;
  }
  return union;
}

/** Finds the layout of histograms one after the other. */
export class CommonLayout {
  #layout: HistogramLayout | undefined;
  /** The last one that fitted: most have the same lists as the one before. */
  #last: Histogram | undefined;

  /** @param layout To begin with; else that of the first histogram. */
  constructor(layout?: HistogramLayout) {
    this.#layout = layout;
  }

  /** That of all histograms that were taken; undefined while there is none. */
  get layout(): HistogramLayout | undefined {
    return this.#layout;
  }

  /** @returns Whether the histogram fits. If not, the layout is as it was. */
  take(histogram: Histogram): boolean {
    if (this.#last !== undefined && sameLists(histogram, this.#last)) return true;
    const joined = this.#joined(histogram);
    if (joined === undefined) return false;
    this.#layout = joined;
    this.#last = histogram;
    return true;
  }

  #joined(histogram: Histogram): HistogramLayout | undefined {
    const common = this.#layout;
    if (common !== undefined && !sameScale(common, histogram)) return undefined;
    const own = layoutOf(histogram);
    return own && common !== undefined ? joinLayouts(common, own) : own;
  }
}

/** Whether two histograms of one scale share their lists of indexes, as most of a series do: a fast test, which misses lists
 *  that are equal. */
export function sameLists(a: Histogram, b: Histogram): boolean {
  return a.positive.indexes === b.positive.indexes && a.negative.indexes === b.negative.indexes && sameScale(a, b);
}

/** Where the buckets with some indexes are among those of a layout's side. Remembers what it found: histograms of one
 *  series share their lists of indexes. */
export class IndexPlaces {
  readonly #all: Int32Array;
  readonly #known = new Map<Int32Array, Int32Array>();
  #last: Int32Array;
  #lastPlaces: Int32Array | undefined;

  /** @param all The layout's. */
  constructor(all: Int32Array) {
    this.#all = all;
    this.#last = all;
  }

  /** @param indexes All among the layout's.
   *  @returns undefined when they are the same. */
  of(indexes: Int32Array): Int32Array | undefined {
    if (indexes === this.#last) return this.#lastPlaces;
    this.#last = indexes;
    this.#lastPlaces = indexes.length === this.#all.length ? undefined : this.#placesOf(indexes);
    return this.#lastPlaces;
  }

  #placesOf(indexes: Int32Array): Int32Array {
    let places = this.#known.get(indexes);
    if (places === undefined) {
      places = new Int32Array(indexes.length);
      for (let i = 0, at = 0; i < indexes.length; i++, at++) {
        while (this.#all[at] !== indexes[i]) at++;
        places[i] = at;
      }
      this.#known.set(indexes, places);
    }
    return places;
  }
}
