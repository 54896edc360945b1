import { combineCounterResets } from '#shared/model/histogram/arithmetic.ts';
import type { CompensatedHistogram } from '#shared/model/histogram/compensated.ts';
import {
  CommonLayout,
  type HistogramLayout,
  IndexPlaces,
  joinLayouts,
  sameScale,
} from '#shared/model/histogram/layout.ts';
import {
  BUCKETS_AT,
  type HistogramRows,
  histogramOfNumbers,
  NO_ROW,
  RESET_CODES,
  RowSizes,
  RowWriter,
  resetOfCode,
  rowWidth,
} from '#shared/model/histogram/rows.ts';
import type { Histogram } from '#shared/model/histogram.ts';

/** What was added up at one step so far. */
export interface SumSoFar {
  readonly total: CompensatedHistogram;
  readonly count: number;
  readonly sawReset: boolean;
  readonly sawNoReset: boolean;
}

/** Some histograms of a column, all in rows. */
export interface PresentRows {
  readonly rows: HistogramRows;
  readonly present: Uint8Array;
}

/** Some samples of a column. */
export interface PresentHistograms {
  readonly histograms: readonly (Histogram | undefined)[];
  readonly present: Uint8Array;
}

const SAW_RESET = 1;
const SAW_NO_RESET = 2;

/** The running sums of histograms of one layout, of one group at all steps: what `addCompensated` does one by one, in the
 *  same order, within columns. */
export class RowSums {
  readonly #steps: number;
  #layout: HistogramLayout;
  /** By step, as in `HistogramRows`; `lost` is what rounding lost of them. */
  #sums: Float64Array;
  #lost: Float64Array;
  readonly #resets: Uint8Array;
  readonly #seen: Uint8Array;
  readonly #counts: Int32Array;

  constructor(layout: HistogramLayout, steps: number) {
    this.#steps = steps;
    this.#layout = layout;
    this.#sums = new Float64Array(steps * rowWidth(layout));
    this.#lost = new Float64Array(this.#sums.length);
    this.#resets = new Uint8Array(steps).fill(NO_ROW);
    this.#seen = new Uint8Array(steps);
    this.#counts = new Int32Array(steps);
  }

  /** Makes room for the buckets of a layout.
   *  @returns Whether that is possible. If not, nothing has changed. */
  widen(layout: HistogramLayout): boolean {
    if (layout === this.#layout) return true;
    if (!sameScale(this.#layout, layout)) return false;
    return this.#widenTo(joinLayouts(this.#layout, layout));
  }

  /** As `widen`, for histograms that are present. */
  widenFor({ histograms, present }: PresentHistograms): boolean {
    const common = new CommonLayout(this.#layout);
    for (let k = 0; k < present.length; k++) {
      if (present[k] === 0) continue;
      const histogram = histograms[k];
      if (histogram === undefined || !common.take(histogram)) return false;
    }
    return this.#widenTo(common.layout);
  }

  #widenTo(layout: HistogramLayout | undefined): boolean {
    if (layout === undefined) return false;
    if (rowWidth(layout) === rowWidth(this.#layout)) return true;
    this.#sums = this.#spread(this.#sums, layout);
    this.#lost = this.#spread(this.#lost, layout);
    this.#layout = layout;
    return true;
  }

  #spread(numbers: Float64Array, to: HistogramLayout): Float64Array {
    const places = placesOfRow(this.#layout, to)!;
    const width = rowWidth(to);
    const wider = new Float64Array(this.#steps * width);
    for (let k = 0; k < this.#steps; k++) {
      const [from, at] = [k * places.length, k * width];
      for (let i = 0; i < places.length; i++) wider[at + places[i]] = numbers[from + i];
    }
    return wider;
  }

  /** Adds the rows of a layout that there is room for, at the steps that are present.
   *  @param stopsAtOverflow Whether to stop before the first step at which a number would become infinite.
   *  @returns The first step that is not added; the number of steps when all are. */
  addRows({ rows, present }: PresentRows, stopsAtOverflow: boolean): number {
    const places = placesOfRow(rows.layout, this.#layout);
    const width = rowWidth(rows.layout);
    for (let k = 0; k < this.#steps; k++) {
      if (present[k] === 0) continue;
      const row = { numbers: rows.numbers, from: k * width, width, places };
      if (!this.#add(k, row, { reset: rows.resets[k], stopsAtOverflow })) return k;
    }
    return this.#steps;
  }

  /** As `addRows`, of histograms that there is room for. */
  addHistograms({ histograms, present }: PresentHistograms, stopsAtOverflow: boolean): number {
    const width = rowWidth(this.#layout);
    const row = { numbers: new Float64Array(width), from: 0, width, places: undefined };
    const writer = new RowWriter(this.#layout);
    for (let k = 0; k < this.#steps; k++) {
      if (present[k] === 0) continue;
      const histogram = histograms[k]!;
      writer.write(histogram, row.numbers);
      if (!this.#add(k, row, { reset: RESET_CODES[histogram.counterReset], stopsAtOverflow })) return k;
    }
    return this.#steps;
  }

  #add(
    k: number,
    row: Row,
    { reset, stopsAtOverflow }: { readonly reset: number; readonly stopsAtOverflow: boolean },
  ): boolean {
    const at = k * rowWidth(this.#layout);
    const isFirst = this.#counts[k] === 0;
    if (!isFirst && stopsAtOverflow && overflows(this.#sums, at, row)) return false;
    this.#countReset(k, reset);
    if (isFirst) copyRow(this.#sums, at, row);
    else addRow({ sums: this.#sums, lost: this.#lost, at }, row);
    return true;
  }

  #countReset(k: number, code: number): void {
    if (code === RESET_CODES.reset) this.#seen[k] |= SAW_RESET;
    else if (code === RESET_CODES['not-reset']) this.#seen[k] |= SAW_NO_RESET;
    const before = this.#resets[k];
    if (this.#counts[k]++ === 0) this.#resets[k] = code;
    else if (before !== code) {
      this.#resets[k] = RESET_CODES[combineCounterResets(resetOfCode(before), resetOfCode(code)).counterReset];
    }
  }

  /** At which steps there is a sum. */
  get present(): Uint8Array {
    return Uint8Array.from(this.#counts, (count) => (count > 0 ? 1 : 0));
  }

  /** Whether certain resets and certain continuations came together at a step. */
  get resetsCollide(): boolean {
    return this.#seen.includes(SAW_RESET | SAW_NO_RESET);
  }

  /** The sums, or the means. Nothing may be added afterwards. */
  finish(isMean: boolean): HistogramRows {
    const numbers = this.#sums;
    const sizesBytes = new Int32Array(this.#steps);
    const rows: HistogramRows = { layout: this.#layout, numbers, resets: this.#resets, sizesBytes };
    const sizes = new RowSizes(rows);
    const width = rowWidth(this.#layout);
    for (let k = 0; k < this.#steps; k++) {
      const count = this.#counts[k];
      if (count === 0) continue;
      const end = (k + 1) * width;
      const divisor = isMean ? count : 1;
      if (count === 1) for (let i = k * width; i < end; i++) numbers[i] /= divisor;
      else for (let i = k * width; i < end; i++) numbers[i] = numbers[i] / divisor + this.#lost[i] / divisor;
      sizes.write(k);
    }
    return rows;
  }

  /** What was added at step k; undefined when nothing was. */
  at(k: number): SumSoFar | undefined {
    const count = this.#counts[k];
    if (count === 0) return undefined;
    const histogram = histogramOfNumbers(this.#layout, this.#sums, { k, reset: this.#resets[k] });
    const sawReset = (this.#seen[k] & SAW_RESET) !== 0;
    const sawNoReset = (this.#seen[k] & SAW_NO_RESET) !== 0;
    return { total: this.#totalOf(histogram, k), count, sawReset, sawNoReset };
  }

  #totalOf(histogram: Histogram, k: number): CompensatedHistogram {
    if (this.#counts[k] === 1) return { histogram };
    const { count, sum, zeroCount, positive, negative } = histogramOfNumbers(this.#layout, this.#lost, { k, reset: 0 });
    const compensation = { count, sum, zeroCount, positive: positive.counts, negative: negative.counts };
    return { histogram, compensation };
  }
}

/** Where the numbers of a row are in one of another layout; undefined when they are in the same places. */
function placesOfRow(layout: HistogramLayout, all: HistogramLayout): Int32Array | undefined {
  const width = rowWidth(layout);
  if (width === rowWidth(all)) return undefined;
  const places = Int32Array.from({ length: width }, (_, i) => i);
  const put = (at: number, indexes: Int32Array, offset: number, within: Int32Array) => {
    const found = new IndexPlaces(within).of(indexes);
    for (let i = 0; i < indexes.length; i++) places[at + i] = offset + (found === undefined ? i : found[i]);
  };
  put(BUCKETS_AT, layout.positive, BUCKETS_AT, all.positive);
  put(BUCKETS_AT + layout.positive.length, layout.negative, BUCKETS_AT + all.positive.length, all.negative);
  return places;
}

/** Numbers of a row within a list. */
interface Row {
  readonly numbers: Float64Array;
  readonly from: number;
  readonly width: number;
  /** Where they belong in a row of the sum; undefined when in the same places. */
  readonly places: Int32Array | undefined;
}

function copyRow(sums: Float64Array, at: number, { numbers, from, width, places }: Row): void {
  for (let i = 0; i < width; i++) sums[at + (places === undefined ? i : places[i])] = numbers[from + i];
}

function overflows(sums: Float64Array, at: number, { numbers, from, width, places }: Row): boolean {
  for (let i = 0; i < width; i++) {
    const total = sums[at + (places === undefined ? i : places[i])] + numbers[from + i];
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) return true;
  }
  return false;
}

interface SumRow {
  readonly sums: Float64Array;
  readonly lost: Float64Array;
  readonly at: number;
}

/** `kahanAdd`, number by number. */
function addRow({ sums, lost, at }: SumRow, { numbers, from, width, places }: Row): void {
  for (let i = 0; i < width; i++) {
    const to = at + (places === undefined ? i : places[i]);
    const sum = sums[to];
    const value = numbers[from + i];
    const total = sum + value;
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) lost[to] = 0;
    else if (Math.abs(sum) >= Math.abs(value)) lost[to] += sum - total + value;
    else lost[to] += value - total + sum;
    sums[to] = total;
  }
}
