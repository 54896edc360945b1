import {
  addHistograms,
  type CombinedHistogram,
  subtractHistograms,
  withCounterReset,
} from '#shared/model/histogram/arithmetic.ts';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import { detectReset } from '#shared/model/histogram/reset.ts';
import { reduceResolution } from '#shared/model/histogram/schema.ts';
import { type Histogram, NO_BUCKETS, usesCustomBuckets } from '#shared/model/histogram.ts';
import {
  type Annotation,
  histogramNotCounter,
  histogramNotGauge,
  mismatchedCustomBuckets,
  mixedExponentialCustomHistograms,
  startTimeOverlap,
} from '#shared/promql/engine/annotations.ts';
import { firstAtLeast, hasBetween, isResetAt } from './counter-resets.ts';
import { firstArgSpan, metricName, type Windows } from './range-function.ts';
import { isStartReset } from './start-timestamps.ts';

interface ChangeOptions {
  readonly counter: boolean;
  /** `findResets` and `findOverlaps` of the series; empty where it is no counter. */
  readonly resets: Int32Array;
  readonly overlaps: Int32Array;
}

/** The change between two histograms of one series, with counter resets undone.
 *  @see prometheus/promql/functions.go histogramRate */
export class HistogramChange {
  readonly #windows: Windows;
  readonly #counter: boolean;
  readonly #resets: Int32Array;
  readonly #overlaps: Int32Array;

  constructor(windows: Windows, { counter, resets, overlaps }: ChangeOptions) {
    this.#windows = windows;
    this.#counter = counter;
    this.#resets = resets;
    this.#overlaps = overlaps;
  }

  /** @param first And `last` are histograms, as all between them; `first < last`.
   *  @returns undefined, after a warning, when some have exponential buckets and some custom ones. */
  between(first: number, last: number): Histogram | undefined {
    const remarks: Annotation[] = [];
    const change = this.#compute(first, last, remarks);
    for (const remark of remarks) this.#windows.annotate(remark);
    return change;
  }

  #compute(first: number, last: number, remarks: Annotation[]): Histogram | undefined {
    const gauges = this.#gauges(first, last);
    if (this.#counter && gauges > 0) remarks.push(histogramNotCounter(metricName(this.#windows), this.#span));
    const baseline = this.#baseline(first);
    if (usesCustomBuckets(this.#at(last)) !== usesCustomBuckets(baseline)) {
      remarks.push(this.#incompatible());
      return undefined;
    }
    const schema = this.#commonSchema(first, last, { baseline, remarks });
    if (schema === undefined) return this.#fail(remarks);
    const difference = subtractHistograms(reduceResolution(this.#at(last), schema), baseline);
    if (difference === undefined) return this.#fail(remarks);
    if (difference.boundsReconciled) remarks.push(mismatchedCustomBuckets('subtraction', this.#span));
    let change: Histogram | undefined = difference.histogram;
    if (this.#counter) change = this.#addResets(change, first, last, { baseline, remarks });
    else if (gauges < 2) remarks.push(histogramNotGauge(metricName(this.#windows), this.#span));
    return change === undefined ? this.#fail(remarks) : compactHistogram(withCounterReset(change, 'gauge'));
  }

  #at(index: number): Histogram {
    return this.#windows.series.histograms![index]!;
  }

  get #span() {
    return firstArgSpan(this.#windows.call);
  }

  #incompatible(): Annotation {
    return mixedExponentialCustomHistograms(metricName(this.#windows), this.#span);
  }

  /** There is no result, and what was remarked of it before no longer matters. */
  #fail(remarks: Annotation[]): undefined {
    remarks.splice(0, remarks.length, this.#incompatible());
    return undefined;
  }

  #gauges(first: number, last: number): number {
    return Number(this.#at(first).counterReset === 'gauge') + Number(this.#at(last).counterReset === 'gauge');
  }

  /** What the first histogram counts for. After a reset between it and the second one it counts for nothing, and its
   *  buckets need not fit. */
  #baseline(first: number): Histogram {
    if (!this.#counter || !isResetAt(this.#windows.series, first + 1)) return this.#at(first);
    return emptyLike(this.#at(first + 1));
  }

  /** The lowest schema; undefined when exponential buckets meet custom ones. */
  #commonSchema(first: number, last: number, { baseline, remarks }: Context): number | undefined {
    let schema = Math.min(this.#at(last).schema, baseline.schema);
    if (!this.#counter) return schema;
    const custom = usesCustomBuckets(baseline);
    let gauge = false;
    for (let i = first + 1; i < last; i++) {
      const histogram = this.#at(i);
      if (histogram.counterReset === 'gauge') gauge = true;
      if (usesCustomBuckets(histogram) !== custom) return undefined;
      if (histogram.schema < schema) schema = histogram.schema;
    }
    if (gauge) remarks.push(histogramNotCounter(metricName(this.#windows), this.#span));
    return schema;
  }

  /** Adds what was lost at each reset, in the order of time. */
  #addResets(change: Histogram, first: number, last: number, { baseline, remarks }: Context): Histogram | undefined {
    let sum: CombinedHistogram | undefined = {
      histogram: change,
      counterResetCollision: false,
      boundsReconciled: false,
    };
    const add = (lost: Histogram): void => {
      sum = sum && addHistograms(sum.histogram, lost);
      if (sum?.boundsReconciled) remarks.push(mismatchedCustomBuckets('addition', this.#span));
    };
    if (hasBetween(this.#overlaps, first, last)) {
      remarks.push(startTimeOverlap(metricName(this.#windows), this.#span));
    }
    if (this.#resetsSecond(first, baseline)) add(baseline);
    const resets = this.#resets;
    for (let r = firstAtLeast(resets, first + 2); r < resets.length && resets[r] <= last; r++) {
      add(this.#at(resets[r] - 1));
    }
    return sum?.histogram;
  }

  #resetsSecond(first: number, baseline: Histogram): boolean {
    const { startTimestampsMs: starts, timestampsMs } = this.#windows.series;
    const second = first + 1;
    if (
      starts !== undefined &&
      isStartReset(starts[first], timestampsMs[first], starts[second], timestampsMs[second])
    ) {
      return true;
    }
    return detectReset(this.#at(second), baseline);
  }
}

interface Context {
  readonly baseline: Histogram;
  readonly remarks: Annotation[];
}

function emptyLike({ schema, customBounds }: Histogram): Histogram {
  return {
    counterReset: 'unknown',
    schema,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
    customBounds,
  };
}
