import { countUpTo, type ReferenceTimes } from './instant-selector.ts';

/** Finds the windows of series after series, keeping the buffers, and the result where the next series has its samples
 *  at the same times. */
export class WindowFinder {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly #times: ReferenceTimes;
  readonly #rangeMs: number;
  #last: Float64Array | undefined;

  /** @param times Where windows end, inclusive. @param rangeMs How far before they start, exclusive. */
  constructor(steps: number, times: ReferenceTimes, rangeMs: number) {
    this.from = new Int32Array(steps);
    this.to = new Int32Array(steps);
    this.#times = times;
    this.#rangeMs = rangeMs;
  }

  /** Sets `from` and `to` so that step k has the samples `from[k]` up to and without `to[k]`. */
  find(timestampsMs: Float64Array): void {
    if (timestampsMs === this.#last) return;
    this.#last = timestampsMs;
    const { firstMs, stepMs } = this.#times;
    let start = countUpTo(timestampsMs, firstMs - this.#rangeMs);
    let end = countUpTo(timestampsMs, firstMs);
    for (let k = 0; k < this.from.length; k++) {
      const endMs = firstMs + k * stepMs;
      const startMs = endMs - this.#rangeMs;
      while (start < timestampsMs.length && timestampsMs[start] <= startMs) start++;
      while (end < timestampsMs.length && timestampsMs[end] <= endMs) end++;
      this.from[k] = start;
      this.to[k] = end;
    }
  }

  /** The samples in all windows together, adding those of step k to `perStep[k]`; and the most in one. */
  count(perStep: Float64Array): number {
    let largest = 0;
    for (let k = 0; k < this.from.length; k++) {
      const size = this.to[k] - this.from[k];
      perStep[k] += size;
      if (size > largest) largest = size;
    }
    return largest;
  }
}
