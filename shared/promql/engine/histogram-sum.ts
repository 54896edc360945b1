import { divideHistogram, hasOverflow } from '#shared/model/histogram/arithmetic.ts';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import {
  addCompensated,
  type CompensatedHistogram,
  compensatedTotal,
  divideCompensated,
  multiplyCompensated,
} from '#shared/model/histogram/compensated.ts';
import { layoutOf } from '#shared/model/histogram/layout.ts';
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
import { type PresentHistograms, RowSums } from './row-sums.ts';
import {
  type Column,
  createColumn,
  type GrowingColumn,
  hasHistograms,
  setHistogram,
  type VectorSeries,
} from './value.ts';

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
  /** In place of them as long as all series of the group have rows that fit together. */
  #rows: RowSums | undefined;
  #hasFloats = false;

  constructor(floats: FloatAccumulator, steps: number, options: AccumulatorOptions & { readonly isMean: boolean }) {
    this.#floats = floats;
    this.#steps = steps;
    this.#options = options;
  }

  add(series: VectorSeries): void {
    if (this.#addRows(series)) return;
    this.#endRows();
    const { values, present, histograms } = series;
    if (histograms !== undefined || this.#sums !== undefined) {
      this.#addMixed(series);
      return;
    }
    this.#hasFloats = true;
    this.#floats.add(values, present);
  }

  /** @returns Whether the series fits to the group so far; if not, nothing was added. */
  #addRows(series: VectorSeries): boolean {
    if (this.#hasFloats || this.#sums !== undefined || !hasHistograms(series)) return false;
    const { isMean } = this.#options;
    const added = this.#addToRows(series, isMean);
    if (added === undefined || added === this.#steps) return added !== undefined;
    // From here on the mean is another one, which is computed histogram by histogram.
    this.#endRows();
    for (let k = added; k < this.#steps; k++) {
      const histogram = series.present[k] === 1 ? series.histograms?.[k] : undefined;
      if (histogram !== undefined) this.#addHistogram(histogram, k, series);
    }
    return true;
  }

  /** @returns As `RowSums.addRows`; undefined when the series does not fit. */
  #addToRows(series: VectorSeries, stopsAtOverflow: boolean): number | undefined {
    const { present, rows } = series;
    if (rows !== undefined) {
      this.#rows ??= new RowSums(rows.layout, this.#steps);
      return this.#rows.widen(rows.layout) ? this.#rows.addRows({ rows, present }, stopsAtOverflow) : undefined;
    }
    const own = { histograms: series.histograms!, present };
    this.#rows ??= this.#rowsFor(own);
    return this.#rows?.widenFor(own) ? this.#rows.addHistograms(own, stopsAtOverflow) : undefined;
  }

  #rowsFor({ histograms, present }: PresentHistograms): RowSums | undefined {
    const first = histograms[present.indexOf(1)];
    const layout = first && layoutOf(first);
    return layout && new RowSums(layout, this.#steps);
  }

  /** Goes on histogram by histogram. */
  #endRows(): void {
    const rows = this.#rows;
    if (rows === undefined) return;
    this.#rows = undefined;
    this.#sums = Array.from({ length: this.#steps }, (_, k) => {
      const sum = rows.at(k);
      return sum && { ...sum, hasFloat: false, isIncremental: false, isIncompatible: false };
    });
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
    this.#hasFloats = true;
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
    this.#hasFloats = false;
    if (this.#rows !== undefined) return this.#finishRows(this.#rows);
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

  #finishRows(sums: RowSums): Column {
    this.#rows = undefined;
    const { annotate, isMean } = this.#options;
    const rows = sums.finish(isMean);
    if (sums.resetsCollide) annotate(counterResetCollision('aggregation', this.#span));
    return { values: new Float64Array(this.#steps), present: sums.present, rows };
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
