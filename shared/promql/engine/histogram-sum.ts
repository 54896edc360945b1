import { divideHistogram, hasOverflow } from '#shared/model/histogram/arithmetic.ts';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import {
  addCompensated,
  type CompensatedHistogram,
  compensatedTotal,
  divideCompensated,
  multiplyCompensated,
} from '#shared/model/histogram/compensated.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { getLabel, METRIC_NAME } from '#shared/model/labels.ts';
import type { AccumulatorOptions, FloatAccumulator, GroupAccumulator } from './accumulator.ts';
import { floatColumn } from './accumulator.ts';
import {
  counterResetCollision,
  mismatchedCustomBuckets,
  mixedExponentialCustomHistograms,
  mixedInAggregation,
} from './annotations.ts';
import { type Column, createColumn, type GrowingColumn, setHistogram, type VectorSeries } from './value.ts';

/** The running sum or mean of the histograms of one group at one step. */
interface HistogramSum {
  /** Floats seen: what they make of the count is of no matter, there is no result. */
  hasFloat: boolean;
  /** `undefined` where a float came first. */
  total: CompensatedHistogram | undefined;
  count: number;
  /** From where the sum would overflow, `total` is the mean. */
  isIncremental: boolean;
  isIncompatible: boolean;
  sawReset: boolean;
  sawNoReset: boolean;
}

/** Sums or means of floats and of histograms. A group of both has no result.
 *  @see prometheus/promql/engine.go aggregation SUM, AVG */
export class HistogramSums implements GroupAccumulator {
  readonly #floats: FloatAccumulator;
  readonly #steps: number;
  readonly #options: AccumulatorOptions & { readonly isMean: boolean };
  /** By step; made when the first histogram of a group comes. */
  #sums: (HistogramSum | undefined)[] | undefined;

  constructor(floats: FloatAccumulator, steps: number, options: AccumulatorOptions & { readonly isMean: boolean }) {
    this.#floats = floats;
    this.#steps = steps;
    this.#options = options;
  }

  add(series: VectorSeries): void {
    const { values, present, histograms } = series;
    if (histograms === undefined && this.#sums === undefined) this.#floats.add(values, present);
    else this.#addMixed(series);
  }

  #addMixed(series: VectorSeries): void {
    const { values, present, histograms } = series;
    const floats = present.slice();
    for (let k = 0; k < present.length; k++) {
      if (present[k] === 0) continue;
      const histogram = histograms?.[k];
      const sum = this.#sums?.[k];
      if (histogram !== undefined) {
        floats[k] = 0;
        this.#addHistogram(histogram, k, series);
      } else if (sum !== undefined && !sum.isIncompatible) {
        sum.hasFloat = true;
      }
    }
    this.#floats.add(values, floats);
  }

  #addHistogram(histogram: Histogram, k: number, series: VectorSeries): void {
    this.#sums ??= new Array(this.#steps);
    const sum = this.#sums[k];
    if (sum === undefined) {
      const hasFloat = this.#floats.count[k] > 0;
      this.#sums[k] = startSum(histogram, hasFloat);
      return;
    }
    if (sum.isIncompatible || sum.total === undefined) return;
    sum.count++;
    noteReset(sum, histogram);
    const total = this.#options.isMean ? this.#addToMean(sum, sum.total, histogram) : this.#add(sum.total, histogram);
    if (total !== undefined) {
      sum.total = total;
      return;
    }
    sum.isIncompatible = true;
    const name = getLabel(series.labels, METRIC_NAME);
    this.#options.annotate(mixedExponentialCustomHistograms(name, this.#span));
  }

  get #span() {
    return this.#options.expr.expr.span;
  }

  #add(total: CompensatedHistogram, histogram: Histogram): CompensatedHistogram | undefined {
    const result = addCompensated(total, histogram);
    if (result?.boundsReconciled) this.#options.annotate(mismatchedCustomBuckets('aggregation', this.#span));
    return result;
  }

  #addToMean(sum: HistogramSum, total: CompensatedHistogram, histogram: Histogram): CompensatedHistogram | undefined {
    const { count } = sum;
    let mean = total;
    if (!sum.isIncremental) {
      const added = this.#add(total, histogram);
      if (added === undefined || !hasOverflow(added.histogram)) return added;
      sum.isIncremental = true;
      mean = divideCompensated(total, count - 1);
    }
    return this.#add(multiplyCompensated(mean, (count - 1) / count), divideHistogram(histogram, count));
  }

  finish(): Column {
    const floats = floatColumn(this.#floats);
    const sums = this.#sums;
    if (sums === undefined) return floats;
    this.#sums = undefined;
    const out = createColumn(this.#steps);
    for (const [k, sum] of sums.entries()) {
      if (sum !== undefined) this.#finishSum(sum, out, k);
      else if (floats.present[k] === 1) {
        out.values[k] = floats.values[k];
        out.present[k] = 1;
      }
    }
    return out;
  }

  #finishSum(sum: HistogramSum, out: GrowingColumn, k: number): void {
    const { annotate, isMean } = this.#options;
    if (sum.hasFloat || sum.total === undefined) {
      annotate(mixedInAggregation(this.#span));
      return;
    }
    if (sum.isIncompatible) return;
    const isSum = isMean && !sum.isIncremental;
    const total = isSum ? divideCompensated(sum.total, sum.count) : sum.total;
    setHistogram(out, k, compactHistogram(compensatedTotal(total)));
    if (sum.sawReset && sum.sawNoReset) annotate(counterResetCollision('aggregation', this.#span));
  }
}

function startSum(histogram: Histogram, hasFloat: boolean): HistogramSum {
  const sum: HistogramSum = {
    hasFloat,
    total: hasFloat ? undefined : { histogram },
    count: 1,
    isIncremental: false,
    isIncompatible: false,
    sawReset: false,
    sawNoReset: false,
  };
  noteReset(sum, histogram);
  return sum;
}

function noteReset(sum: HistogramSum, { counterReset }: Histogram): void {
  if (counterReset === 'reset') sum.sawReset = true;
  else if (counterReset === 'not-reset') sum.sawNoReset = true;
}
