import { allPresent, type GrowingColumn } from './value.ts';

/** How many values are allocated together: one allocation a column costs more than filling a short one. */
const BLOCK_VALUES = 32_768;
const BLOCK_COLUMNS = 64;

/** Makes the columns of many series of the same steps. A column that was left empty is given out again, and complete
 *  ones share their presence. */
export class ColumnArena {
  readonly #steps: number;
  readonly #columnsPerBlock: number;
  #block = new Float64Array(0);
  #used = 0;
  #present: Uint8Array | undefined;

  constructor(steps: number) {
    this.#steps = steps;
    this.#columnsPerBlock = Math.max(1, Math.min(BLOCK_COLUMNS, Math.floor(BLOCK_VALUES / steps)));
  }

  /** A column of zeros to be filled; the next call gives the same one until `keep`. */
  next(): GrowingColumn {
    this.#present ??= new Uint8Array(this.#steps);
    return { values: this.values(), present: this.#present };
  }

  /** The values of such a column alone. */
  values(): Float64Array {
    if (this.#used === this.#block.length) {
      this.#block = new Float64Array(this.#steps * this.#columnsPerBlock);
      this.#used = 0;
    }
    return this.#block.subarray(this.#used, this.#used + this.#steps);
  }

  /** Ends the column that `values` gave. */
  keepValues(): void {
    this.#used += this.#steps;
  }

  /** Ends the column that `next` gave. @param count How many steps of it have a sample.
   *  @returns Its presence, to be used in place of the column's own. */
  keep(present: Uint8Array, count: number): Uint8Array {
    this.keepValues();
    if (count < this.#steps) {
      this.#present = undefined;
      return present;
    }
    present.fill(0);
    return allPresent(this.#steps);
  }
}
