import { histogramFraction as fractionOf } from '#shared/model/histogram/fraction.ts';
import { histogramQuantile as quantileOf } from '#shared/model/histogram/quantile.ts';
import { RowReader } from '#shared/model/histogram/rows.ts';
import { histogramStandardDeviation, histogramVariance } from '#shared/model/histogram/stats.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { withLabel } from '#shared/model/labels.ts';
import {
  histogramFractionNaNs,
  histogramQuantileNaNResult,
  histogramQuantileNaNSkew,
  invalidQuantile,
} from '#shared/promql/engine/annotations.ts';
import { formatGoG } from '#shared/promql/engine/go-format.ts';
import {
  createColumn,
  type GrowingColumn,
  hasHistograms,
  mergeSameLabels,
  type Value,
  type VectorSeries,
  type VectorValue,
} from '#shared/promql/engine/value.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';
import { bucketFraction, bucketQuantile, type ClassicBuckets, reorderBuckets } from './bucket-quantile.ts';
import { BucketReader, type ClassicHistogram, type SplitHistograms, splitHistograms } from './classic-histograms.ts';
import { ForcedMonotonicityLog } from './forced-monotonicity.ts';
import {
  type CallContext,
  labelsAfter,
  type StepFunction,
  scalarArg,
  shownName,
  stringArg,
  vectorArg,
  vectorOf,
} from './step-function.ts';

/** Computes a value of each native histogram; floats are left out. */
function perNative(
  series: readonly VectorSeries[],
  context: CallContext,
  compute: (histogram: Histogram, k: number, series: VectorSeries) => number,
): VectorSeries[] {
  const results: VectorSeries[] = [];
  for (const one of series) {
    if (!hasHistograms(one)) continue;
    const column = createColumn(context.scope.steps);
    const read = reader(one);
    for (let k = 0; k < context.scope.steps; k++) {
      const histogram = one.present[k] === 1 ? read(k) : undefined;
      if (histogram === undefined) continue;
      column.values[k] = compute(histogram, k, one);
      column.present[k] = 1;
    }
    pushPresent(results, one, column, context);
  }
  return results;
}

/** What gives the histogram of a step, until it is asked for another one. */
function reader(series: VectorSeries): (k: number) => Histogram | undefined {
  if (series.rows === undefined) {
    const { histograms } = series;
    return (k) => histograms?.[k];
  }
  const rows = new RowReader(series.rows);
  return (k) => rows.read(k);
}

/** Computes values of each classic histogram where it has buckets.
 *  @param columns How many values. @param compute Is called for all columns of a step in turn.
 *  @returns For each column its series. */
function* perClassic(
  histograms: readonly ClassicHistogram[],
  context: CallContext,
  { columns, compute }: { readonly columns: number; readonly compute: ClassicFunction },
): Generator<void, VectorSeries[][]> {
  const results: VectorSeries[][] = Array.from({ length: columns }, () => []);
  for (const histogram of histograms) {
    const own = results.map(() => createColumn(context.scope.steps));
    const reader = new BucketReader(histogram);
    for (let k = 0; k < context.scope.steps; k++) {
      const buckets = reader.at(k);
      if (buckets === undefined) continue;
      for (let i = 0; i < columns; i++) {
        own[i].values[k] = compute(buckets, k, { histogram, column: i });
        own[i].present[k] = 1;
      }
    }
    for (const [i, column] of own.entries()) pushPresent(results[i], histogram, column, context);
    yield;
  }
  return results;
}

type ClassicFunction = (
  buckets: ClassicBuckets,
  k: number,
  of: { readonly histogram: ClassicHistogram; readonly column: number },
) => number;

function pushPresent(
  results: VectorSeries[],
  source: Pick<VectorSeries, 'labels'>,
  { values, present }: GrowingColumn,
  { delayedNameRemoval }: CallContext,
): void {
  if (!present.includes(1)) return;
  results.push({ labels: labelsAfter(source, delayedNameRemoval), values, present, dropName: true });
}

/** Several quantiles of all histograms. @param phis For each quantile its value at every step.
 *  @returns For each quantile its series. */
function* quantiles(
  phis: readonly Float64Array[],
  { classic, native }: SplitHistograms,
  { arg, context }: { readonly arg: Expr; readonly context: CallContext },
): Generator<void, VectorSeries[][]> {
  const forcedLog = new ForcedMonotonicityLog(context.scope);
  const ofClassic = yield* perClassic(classic, context, {
    columns: phis.length,
    compute: (buckets, k, { histogram, column }) => {
      if (column > 0) reorderBuckets(buckets);
      const { value, forced } = bucketQuantile(phis[column][k], buckets);
      if (forced !== undefined) forcedLog.add(forced, k, shownName(histogram, context));
      return value;
    },
  });
  forcedLog.annotate(arg, context);
  return phis.map((own, i) => [...nativeQuantiles(own, native, { arg, context }), ...ofClassic[i]]);
}

function nativeQuantiles(
  phis: Float64Array,
  native: readonly VectorSeries[],
  { arg, context }: { readonly arg: Expr; readonly context: CallContext },
): VectorSeries[] {
  return perNative(native, context, (histogram, k, series) => {
    const { value, nan } = quantileOf(phis[k], histogram);
    if (nan !== undefined) {
      const remark = nan === 'result' ? histogramQuantileNaNResult : histogramQuantileNaNSkew;
      context.annotate(remark(shownName(series, context), arg.span));
    }
    return value;
  });
}

function checkQuantiles(phis: Float64Array, arg: Expr, context: CallContext): void {
  for (const phi of new Set(phis)) if (!(phi >= 0 && phi <= 1)) context.annotate(invalidQuantile(phi, arg.span));
}

function* histogramQuantile(args: readonly Value[], context: CallContext): Generator<void, VectorValue> {
  const phis = scalarArg(args, 0);
  const [phiArg, arg] = context.call.args;
  checkQuantiles(phis, phiArg, context);
  const histograms = splitHistograms(vectorArg(args, 1), arg, context);
  const [ofPhi] = yield* quantiles([phis], histograms, { arg, context });
  return vectorOf(ofPhi, context);
}

/** Several quantiles at once, told apart by a label. */
function* histogramQuantiles(args: readonly Value[], context: CallContext): Generator<void, VectorValue> {
  const arg = context.call.args[0];
  const label = stringArg(args, 1);
  const histograms = splitHistograms(vectorArg(args, 0), arg, context);
  const phis = args.slice(2).map((_, i) => scalarArg(args, i + 2));
  for (const [i, own] of phis.entries()) checkQuantiles(own, context.call.args[i + 2], context);
  const series: VectorSeries[] = [];
  const ofPhis = yield* quantiles(phis, histograms, { arg, context });
  for (const [i, own] of ofPhis.entries()) {
    for (const phi of distinct(phis[i])) {
      for (const one of own) {
        const part = onlyWhere(one, phis[i], phi, label);
        if (part.present.includes(1)) series.push(part);
      }
    }
  }
  // The label may be one that told series apart. Where names are dropped later, queries of one time find that out later too.
  const { startMs, endMs } = context.scope;
  return startMs === endMs ? vectorOf(series, context) : { kind: 'vector', series: mergeSameLabels(series) };
}

/** A set does not tell −0 from 0. */
function distinct(phis: Float64Array): readonly number[] {
  const found = [...new Set(phis)].filter((phi) => phi !== 0);
  for (const zero of [0, -0]) if (phis.some((phi) => Object.is(phi, zero))) found.push(zero);
  return found;
}

function onlyWhere(series: VectorSeries, phis: Float64Array, phi: number, label: string): VectorSeries {
  const present = series.present.map((bit, k) => (Object.is(phis[k], phi) ? bit : 0));
  return { ...series, labels: withLabel(series.labels, label, openMetricsFloat(phi)), present };
}

/** @see prometheus/model/labels/float.go FormatOpenMetricsFloat */
function openMetricsFloat(value: number): string {
  if (value === 0) return '0.0';
  const text = formatGoG(value);
  if (!Number.isFinite(value)) return text;
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function* histogramFraction(args: readonly Value[], context: CallContext): Generator<void, VectorValue> {
  const lower = scalarArg(args, 0);
  const upper = scalarArg(args, 1);
  const arg = context.call.args[2];
  const { classic, native } = splitHistograms(vectorArg(args, 2), arg, context);
  const ofNative = perNative(native, context, (histogram, k, series) => {
    const { value, nans } = fractionOf(lower[k], upper[k], histogram);
    if (nans) context.annotate(histogramFractionNaNs(shownName(series, context), arg.span));
    return value;
  });
  const [ofClassic] = yield* perClassic(classic, context, {
    columns: 1,
    compute: (buckets, k) => bucketFraction(lower[k], upper[k], buckets),
  });
  return vectorOf([...ofNative, ...ofClassic], context);
}

function ofNativeHistograms(compute: (histogram: Histogram) => number): StepFunction {
  return (args, context) => vectorOf(perNative(vectorArg(args, 0), context, compute), context);
}

export const HISTOGRAM_FUNCTIONS: Readonly<Record<string, StepFunction>> = {
  histogram_quantile: histogramQuantile,
  histogram_quantiles: histogramQuantiles,
  histogram_fraction: histogramFraction,
  histogram_avg: ofNativeHistograms(({ sum, count }) => sum / count),
  histogram_count: ofNativeHistograms(({ count }) => count),
  histogram_sum: ofNativeHistograms(({ sum }) => sum),
  histogram_stddev: ofNativeHistograms(histogramStandardDeviation),
  histogram_stdvar: ofNativeHistograms(histogramVariance),
};
