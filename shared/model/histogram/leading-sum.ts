import type { Histogram } from '#shared/model/histogram.ts';
import { combineCounterResets, divideHistogram } from './arithmetic.ts';
import type { CompensatedHistogram } from './compensated.ts';
import { type HistogramLayout, layoutOf, sameLists } from './layout.ts';
import { histogramOfNumbers, RESET_CODES, RowWriter, rowWidth } from './rows.ts';

/** Adds histograms up as long as they have the same buckets, as `addCompensated` does, but within two lists that serve sum
 *  after sum. Most sums are complete with that; others go on from `total`. */
export class LeadingSum {
  #layout: HistogramLayout | undefined;
  #writer: RowWriter | undefined;
  #sums = new Float64Array(0);
  #lost = new Float64Array(0);
  #row = new Float64Array(0);
  #first: Histogram | undefined;
  #reset: Histogram['counterReset'] = 'unknown';
  #count = 0;

  /** Begins another sum. */
  start(first: Histogram): void {
    if (this.#layout === undefined || this.#first === undefined || !sameLists(first, this.#first)) this.#take(first);
    this.#first = first;
    this.#reset = first.counterReset;
    this.#count = 1;
    if (this.#writer === undefined) return;
    this.#writer.write(first, this.#sums);
    this.#lost.fill(0);
  }

  #take(first: Histogram): void {
    this.#layout = layoutOf(first);
    this.#writer = this.#layout && new RowWriter(this.#layout);
    const width = this.#layout === undefined ? 0 : rowWidth(this.#layout);
    this.#sums = new Float64Array(width);
    this.#lost = new Float64Array(width);
    this.#row = new Float64Array(width);
  }

  /** @returns Whether the histogram could be added: not when it has other buckets, or a number would become infinite. */
  add(histogram: Histogram): boolean {
    if (this.#writer === undefined || !sameLists(histogram, this.#first!)) return false;
    this.#writer.write(histogram, this.#row);
    if (this.#overflows()) return false;
    this.#reset = combineCounterResets(this.#reset, histogram.counterReset).counterReset;
    this.#count++;
    this.#addRow();
    return true;
  }

  #overflows(): boolean {
    const sums = this.#sums;
    const row = this.#row;
    for (let i = 0; i < row.length; i++) {
      const total = sums[i] + row[i];
      if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) return true;
    }
    return false;
  }

  /** `kahanAdd`, number by number; none becomes infinite. */
  #addRow(): void {
    const sums = this.#sums;
    const lost = this.#lost;
    const row = this.#row;
    for (let i = 0; i < row.length; i++) {
      const sum = sums[i];
      const value = row[i];
      const total = sum + value;
      lost[i] += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
      sums[i] = total;
    }
  }

  /** The sum so far, with what rounding lost of it. */
  total(): CompensatedHistogram {
    if (this.#count === 1) return { histogram: this.#first! };
    const { zeroCount, count, sum, positive, negative } = this.#histogramOf(this.#lost);
    const compensation = { zeroCount, count, sum, positive: positive.counts, negative: negative.counts };
    return { histogram: this.#histogramOf(this.#sums), compensation };
  }

  /** The sum so far by `divisor`. */
  finish(divisor: number): Histogram {
    if (this.#count === 1) return divisor === 1 ? this.#first! : divideHistogram(this.#first!, divisor);
    const sums = this.#sums;
    const lost = this.#lost;
    const row = this.#row;
    for (let i = 0; i < row.length; i++) row[i] = sums[i] / divisor + lost[i] / divisor;
    return this.#histogramOf(row);
  }

  #histogramOf(numbers: Float64Array): Histogram {
    return histogramOfNumbers(this.#layout!, numbers, { k: 0, reset: RESET_CODES[this.#reset] });
  }
}
