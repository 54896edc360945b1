import { sameLists } from '#shared/model/histogram/layout.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { type RangeArgument, windowMargin } from './range-argument.ts';
import type { Scope } from './scope.ts';
import { histogramWeight } from './size.ts';
import type { RangeSeries } from './value.ts';
import { type FoundWindows, WindowFinder } from './window.ts';

/** Finds the windows of series after series and counts their samples for the statistics. Series of floats with the same
 *  windows are counted together. */
export class WindowCounter {
  readonly #finder: WindowFinder;
  readonly #scope: Scope;
  readonly #counts: boolean;
  readonly #fixed: boolean;
  /** Series that are not counted yet, by their windows. */
  readonly #pending = new Map<FoundWindows, number>();
  #largest = 0;
  #last = 0;

  constructor(argument: RangeArgument, scope: Scope, lookbackMs: number) {
    const { times, rangeMs, countsSamples } = argument;
    const onReplace = (windows: FoundWindows) => this.#countPending(windows);
    this.#finder = new WindowFinder(scope.steps, times, rangeMs, {
      margin: windowMargin(argument, lookbackMs),
      onReplace,
    });
    this.#scope = scope;
    this.#counts = countsSamples;
    this.#fixed = times.stepMs === 0;
  }

  /** What the samples of the window that holds most weigh, of the series added last. */
  get largest(): number {
    return this.#largest;
  }

  /** What the samples of the last window weigh. */
  get last(): number {
    return this.#last;
  }

  /** @returns The windows of `series`, until the next call. */
  add(series: RangeSeries): FoundWindows {
    const windows = this.#finder.find(series.timestampsMs);
    if (series.histograms !== undefined) {
      this.#addHistograms(series.histograms, windows);
      return windows;
    }
    const { from, to } = windows;
    this.#largest = windows.largest;
    this.#last = to[to.length - 1] - from[from.length - 1];
    if (this.#counts) this.#pending.set(windows, (this.#pending.get(windows) ?? 0) + 1);
    return windows;
  }

  /** Counts what is pending. */
  finish(): void {
    for (const windows of [...this.#pending.keys()]) this.#countPending(windows);
  }

  #countPending(windows: FoundWindows): void {
    const series = this.#pending.get(windows);
    if (series === undefined) return;
    this.#pending.delete(windows);
    const { from, to } = windows;
    const { samplesPerStep, samplesReadPerStep } = this.#scope;
    for (let k = 0; k < from.length; k++) {
      samplesPerStep[k] += series * (to[k] - from[k]);
      samplesReadPerStep[k] += series * (to[k] - this.#newFrom(windows, k));
    }
  }

  /** The first sample of window k that no earlier one has. */
  #newFrom({ from, to }: FoundWindows, k: number): number {
    if (k === 0) return from[k];
    return this.#fixed ? to[k] : Math.max(from[k], to[k - 1]);
  }

  #addHistograms(histograms: NonNullable<RangeSeries['histograms']>, windows: FoundWindows): void {
    const { from, to } = windows;
    const { samplesPerStep, samplesReadPerStep } = this.#scope;
    const upTo = weightsUpTo(histograms);
    this.#largest = 0;
    for (let k = 0; k < from.length; k++) {
      const weight = upTo[to[k]] - upTo[from[k]];
      if (this.#counts) {
        samplesPerStep[k] += weight;
        samplesReadPerStep[k] += upTo[to[k]] - upTo[this.#newFrom(windows, k)];
      }
      if (weight > this.#largest) this.#largest = weight;
      this.#last = weight;
    }
  }
}

/** What the first 0, 1, 2, … samples weigh together. */
function weightsUpTo(histograms: NonNullable<RangeSeries['histograms']>): Float64Array {
  const weights = new Float64Array(histograms.length + 1);
  let last: Histogram | undefined;
  let lastWeight = 0;
  for (let i = 0; i < histograms.length; i++) {
    const histogram = histograms[i];
    if (histogram !== undefined && (last === undefined || !sameLists(histogram, last))) {
      last = histogram;
      lastWeight = histogramWeight(histogram);
    }
    weights[i + 1] = weights[i] + (histogram === undefined ? 1 : lastWeight);
  }
  return weights;
}
