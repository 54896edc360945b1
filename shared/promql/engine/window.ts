import { countUpTo, type ReferenceTimes } from './instant-selector.ts';

/** How far the samples that belong to a window reach beyond it. */
export interface WindowMargin {
  readonly beforeMs: number;
  readonly afterMs: number;
}

const NO_MARGIN: WindowMargin = { beforeMs: 0, afterMs: 0 };

/** The windows of one series: step k has the samples `from[k]` up to and without `to[k]`. */
export interface FoundWindows {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The samples of all windows together. */
  totalSize: number;
  /** The most samples in one window. */
  largest: number;
}

/** Results that are kept: series of a few targets alternate in the order of labels. */
const KEPT = 4;

/** Finds the windows of series after series, keeping the last few results for series that have their samples at the same
 *  times. A result is written over after `KEPT` others. */
export class WindowFinder {
  readonly #steps: number;
  readonly #times: ReferenceTimes;
  readonly #reachMs: number;
  readonly #afterMs: number;
  readonly #timesOf: (Float64Array | undefined)[] = [];
  readonly #kept: FoundWindows[] = [];
  readonly #onReplace: (windows: FoundWindows) => void;
  #next = 0;

  /** @param times Where windows end, inclusive. @param rangeMs How far before they start, exclusive.
   *  @param options `onReplace` is called before a result is written over. */
  constructor(
    steps: number,
    times: ReferenceTimes,
    rangeMs: number,
    options: { readonly margin?: WindowMargin; readonly onReplace?: (windows: FoundWindows) => void } = {},
  ) {
    const { beforeMs, afterMs } = options.margin ?? NO_MARGIN;
    this.#steps = steps;
    this.#times = times;
    this.#reachMs = rangeMs + beforeMs + afterMs;
    this.#afterMs = afterMs;
    this.#onReplace = options.onReplace ?? (() => {});
  }

  find(timestampsMs: Float64Array): FoundWindows {
    const known = this.#timesOf.indexOf(timestampsMs);
    if (known >= 0) return this.#kept[known];
    const windows = this.#place();
    this.#timesOf[this.#next] = timestampsMs;
    this.#next = (this.#next + 1) % KEPT;
    this.#fill(windows, timestampsMs);
    return windows;
  }

  #place(): FoundWindows {
    const used = this.#kept[this.#next];
    if (used !== undefined) {
      this.#onReplace(used);
      return used;
    }
    const steps = this.#steps;
    const windows = { from: new Int32Array(steps), to: new Int32Array(steps), totalSize: 0, largest: 0 };
    this.#kept.push(windows);
    return windows;
  }

  #fill(windows: FoundWindows, timestampsMs: Float64Array): void {
    const { from, to } = windows;
    const { stepMs } = this.#times;
    const firstMs = this.#times.firstMs + this.#afterMs;
    const { length } = timestampsMs;
    let start = countUpTo(timestampsMs, firstMs - this.#reachMs);
    let end = countUpTo(timestampsMs, firstMs);
    windows.totalSize = 0;
    windows.largest = 0;
    for (let k = 0; k < from.length; k++) {
      const endMs = firstMs + k * stepMs;
      const startMs = endMs - this.#reachMs;
      while (start < length && timestampsMs[start] <= startMs) start++;
      while (end < length && timestampsMs[end] <= endMs) end++;
      from[k] = start;
      to[k] = end;
      const size = end - start;
      windows.totalSize += size;
      if (size > windows.largest) windows.largest = size;
    }
  }
}
