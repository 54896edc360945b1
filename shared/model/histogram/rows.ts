import { type Buckets, type CounterReset, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import { compactHistogram } from './compact.ts';
import { type HistogramLayout, IndexPlaces } from './layout.ts';
import { histogramSizeBytes } from './size.ts';

/** Histograms of one layout without an object each: row k of `numbers` has the count, the sum, the count of the zero
 *  bucket, then those of the positive and of the negative buckets. An empty bucket of a row is no bucket at all, as after
 *  `compactHistogram`. Not written to once it is part of a value. */
export interface HistogramRows {
  readonly layout: HistogramLayout;
  /** `rowWidth` a row. */
  readonly numbers: Float64Array;
  /** What `RESET_CODES` has for the counter reset; `NO_ROW` where there is no histogram. */
  readonly resets: Uint8Array;
  /** `histogramSizeBytes` of each. */
  readonly sizesBytes: Int32Array;
}

export const COUNT_AT = 0;
export const SUM_AT = 1;
export const ZERO_COUNT_AT = 2;
export const BUCKETS_AT = 3;

/** In `resets`, where no histogram is. */
export const NO_ROW = 255;

const RESETS: readonly CounterReset[] = ['unknown', 'reset', 'not-reset', 'gauge'];

export const RESET_CODES: Readonly<Record<CounterReset, number>> = { unknown: 0, reset: 1, 'not-reset': 2, gauge: 3 };

/** What a code of `HistogramRows.resets` means. */
export function resetOfCode(code: number): CounterReset {
  return RESETS[code];
}

/** How many numbers a row of a layout has. */
export function rowWidth({ positive, negative }: HistogramLayout): number {
  return BUCKETS_AT + positive.length + negative.length;
}

/** Rows without histograms. */
export function createRows(layout: HistogramLayout, rows: number): HistogramRows {
  return {
    layout,
    numbers: new Float64Array(rows * rowWidth(layout)),
    resets: new Uint8Array(rows).fill(NO_ROW),
    sizesBytes: new Int32Array(rows),
  };
}

/** Writes the sizes of rows that are complete. */
export class RowSizes {
  readonly #rows: HistogramRows;
  readonly #width: number;
  readonly #fullBytes: number;

  constructor(rows: HistogramRows) {
    const { layout } = rows;
    this.#rows = rows;
    this.#width = rowWidth(layout);
    this.#fullBytes = histogramSizeBytes({
      positive: { indexes: layout.positive },
      negative: { indexes: layout.negative },
      customBounds: layout.customBounds,
    });
  }

  write(k: number): void {
    const { numbers, sizesBytes } = this.#rows;
    const end = (k + 1) * this.#width;
    for (let i = k * this.#width + BUCKETS_AT; i < end; i++) {
      if (numbers[i] === 0) {
        sizesBytes[k] = histogramSizeBytes(histogramOfRow(this.#rows, k)!);
        return;
      }
    }
    sizesBytes[k] = this.#fullBytes;
  }
}

/** A histogram of its own with what row k has; undefined where there is none. */
export function histogramOfRow(rows: HistogramRows, k: number): Histogram | undefined {
  const { layout, numbers, resets } = rows;
  if (resets[k] === NO_ROW) return undefined;
  return compactHistogram(histogramOfNumbers(layout, numbers, { k, reset: resets[k] }));
}

/** As `histogramOfRow`, with the empty buckets of the layout. */
export function histogramOfNumbers(
  { schema, zeroThreshold, customBounds, positive, negative }: HistogramLayout,
  numbers: Float64Array,
  { k, reset }: { readonly k: number; readonly reset: number },
): Histogram {
  const at = k * (BUCKETS_AT + positive.length + negative.length);
  const negativeAt = at + BUCKETS_AT + positive.length;
  return {
    counterReset: RESETS[reset],
    schema,
    zeroThreshold,
    zeroCount: numbers[at + ZERO_COUNT_AT],
    count: numbers[at + COUNT_AT],
    sum: numbers[at + SUM_AT],
    positive: bucketsAt(positive, numbers, at + BUCKETS_AT),
    negative: bucketsAt(negative, numbers, negativeAt),
    ...(customBounds && { customBounds }),
  };
}

function bucketsAt(indexes: Int32Array, numbers: Float64Array, at: number): Buckets {
  return indexes.length === 0 ? NO_BUCKETS : { indexes, counts: numbers.slice(at, at + indexes.length) };
}

/** Writes the numbers of histograms as rows of a layout. */
export class RowWriter {
  readonly #positive: IndexPlaces;
  readonly #negative: IndexPlaces;
  readonly #negativeAt: number;

  constructor({ positive, negative }: HistogramLayout) {
    this.#positive = new IndexPlaces(positive);
    this.#negative = new IndexPlaces(negative);
    this.#negativeAt = BUCKETS_AT + positive.length;
  }

  /** @param histogram One that fits. @param into One row. */
  write({ count, sum, zeroCount, positive, negative }: Histogram, into: Float64Array): void {
    into[COUNT_AT] = count;
    into[SUM_AT] = sum;
    into[ZERO_COUNT_AT] = zeroCount;
    writeCounts(into, BUCKETS_AT, positive.counts, this.#positive.of(positive.indexes));
    writeCounts(into, this.#negativeAt, negative.counts, this.#negative.of(negative.indexes));
  }
}

function writeCounts(into: Float64Array, at: number, counts: Float64Array, places: Int32Array | undefined): void {
  if (places === undefined) {
    for (let i = 0; i < counts.length; i++) into[at + i] = counts[i];
    return;
  }
  into.fill(0, at);
  for (let i = 0; i < counts.length; i++) into[at + places[i]] = counts[i];
}

/** All histograms of rows, each an object of its own. */
export function histogramsOfRows(rows: HistogramRows): (Histogram | undefined)[] {
  return Array.from(rows.resets, (_, k) => histogramOfRow(rows, k));
}

/** Reads the histograms of rows one after the other into one object: for whoever computes a number from each. */
export class RowReader {
  readonly #rows: HistogramRows;
  readonly #width: number;
  readonly #view: { -readonly [K in keyof Histogram]: Histogram[K] };
  readonly #positive: SideReader;
  readonly #negative: SideReader;

  constructor(rows: HistogramRows) {
    const { schema, zeroThreshold, customBounds, positive, negative } = rows.layout;
    const numbers = { zeroCount: 0, count: 0, sum: 0, positive: NO_BUCKETS, negative: NO_BUCKETS };
    this.#rows = rows;
    this.#width = rowWidth(rows.layout);
    this.#view = { counterReset: 'unknown', schema, zeroThreshold, ...numbers, ...(customBounds && { customBounds }) };
    this.#positive = new SideReader(positive);
    this.#negative = new SideReader(negative);
  }

  /** The histogram of row k, until the next call; undefined where there is none. */
  read(k: number): Histogram | undefined {
    const { numbers, resets, layout } = this.#rows;
    if (resets[k] === NO_ROW) return undefined;
    const at = k * this.#width;
    const view = this.#view;
    view.counterReset = RESETS[resets[k]];
    view.count = numbers[at + COUNT_AT];
    view.sum = numbers[at + SUM_AT];
    view.zeroCount = numbers[at + ZERO_COUNT_AT];
    view.positive = this.#positive.read(numbers, at + BUCKETS_AT);
    view.negative = this.#negative.read(numbers, at + BUCKETS_AT + layout.positive.length);
    return view;
  }
}

/** Reads the populated buckets of one side, with one pair of lists for each number of them. */
class SideReader {
  readonly #indexes: Int32Array;
  readonly #all: Buckets;
  readonly #byLength: (Buckets | undefined)[] = [];

  constructor(indexes: Int32Array) {
    this.#indexes = indexes;
    this.#all = indexes.length === 0 ? NO_BUCKETS : { indexes, counts: new Float64Array(indexes.length) };
  }

  read(numbers: Float64Array, at: number): Buckets {
    const { counts } = this.#all;
    let populated = 0;
    for (let i = 0; i < counts.length; i++) {
      const count = numbers[at + i];
      counts[i] = count;
      if (count !== 0) populated++;
    }
    return populated === counts.length ? this.#all : this.#withoutEmpty(populated);
  }

  #withoutEmpty(length: number): Buckets {
    let buckets = this.#byLength[length];
    if (buckets === undefined) {
      buckets = { indexes: new Int32Array(length), counts: new Float64Array(length) };
      this.#byLength[length] = buckets;
    }
    const { counts } = this.#all;
    for (let i = 0, at = 0; at < length; i++) {
      if (counts[i] === 0) continue;
      buckets.indexes[at] = this.#indexes[i];
      buckets.counts[at++] = counts[i];
    }
    return buckets;
  }
}
