import type { Windows } from './range-function.ts';
import { float64Scratch } from './scratch.ts';

const sortedValues = float64Scratch();

/** Keeps the values of a window that moves on in order. What comes in and goes out is looked up and the rest moved, which
 *  costs less than to sort again; unless most of the window is new. NaNs are only counted. */
export class SortedWindow {
  readonly #values: Float64Array;
  readonly #sorted: Float64Array;
  #size = 0;
  #nans = 0;
  #from = 0;
  #to = 0;

  constructor({ series: { values } }: Windows) {
    this.#values = values;
    this.#sorted = sortedValues.take(values.length);
  }

  /** How many values are no NaN. */
  get size(): number {
    return this.#size;
  }

  get nans(): number {
    return this.#nans;
  }

  /** The value that has `rank` values before it; NaNs are not among them. */
  at(rank: number): number {
    return this.#sorted[rank];
  }

  /** Moves on to the samples `from` up to and without `to`, neither less than before. */
  moveTo(from: number, to: number): void {
    const changes = Math.min(from, this.#to) - this.#from + (to - Math.max(this.#to, from));
    if (from >= this.#to || 8 * changes > to - from) this.#fill(from, to);
    else {
      for (let i = this.#from; i < from; i++) this.#remove(this.#values[i]);
      for (let i = this.#to; i < to; i++) this.#insert(this.#values[i]);
    }
    this.#from = from;
    this.#to = to;
  }

  #fill(from: number, to: number): void {
    this.#size = 0;
    this.#nans = 0;
    for (let i = from; i < to; i++) {
      const value = this.#values[i];
      if (Number.isNaN(value)) this.#nans++;
      else this.#sorted[this.#size++] = value;
    }
    this.#sorted.subarray(0, this.#size).sort();
  }

  #remove(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans--;
      return;
    }
    const place = this.#placeOf(value);
    this.#sorted.copyWithin(place, place + 1, this.#size);
    this.#size--;
  }

  #insert(value: number): void {
    if (Number.isNaN(value)) {
      this.#nans++;
      return;
    }
    const place = this.#placeOf(value);
    this.#sorted.copyWithin(place + 1, place, this.#size);
    this.#sorted[place] = value;
    this.#size++;
  }

  /** Of the first value that is not less. */
  #placeOf(value: number): number {
    const sorted = this.#sorted;
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
