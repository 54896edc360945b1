import { getLabel, type Labels, labelsKey, METRIC_NAME, withLabel, withoutLabels } from '#shared/model/labels.ts';
import { badBucketLabel, forcedMonotonicity, invalidQuantile } from '#shared/promql/engine/annotations.ts';
import { formatGoG } from '#shared/promql/engine/go-format.ts';
import { stepTimeMs } from '#shared/promql/engine/scope.ts';
import { createColumn, dropMetadata, mergeSameLabels, type VectorSeries } from '#shared/promql/engine/value.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';
import { type Bucket, bucketFraction, bucketQuantile, type ForcedMonotonicity } from './bucket-quantile.ts';
import { parseGoFloat } from './go-float.ts';
import { type CallContext, type StepFunction, scalarArg, stringArg, vectorArg } from './step-function.ts';

const BUCKET_LABEL = 'le';

/** The bucket series of one classic histogram, ordered by bound. */
interface ClassicHistogram {
  /** Without `le`. */
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly buckets: { readonly upperBound: number; readonly series: VectorSeries }[];
}

/** Puts series that differ in `le` only together; those without a usable `le` are left out with a warning.
 *  @see prometheus/promql/engine.go resetHistograms */
function classicHistograms(series: readonly VectorSeries[], arg: Expr, context: CallContext): ClassicHistogram[] {
  const found = new Map<string, ClassicHistogram>();
  for (const one of series) {
    const le = getLabel(one.labels, BUCKET_LABEL);
    const upperBound = parseGoFloat(le);
    if (upperBound === undefined || Number.isNaN(upperBound)) {
      context.annotate(badBucketLabel(shownName(one.labels, context), le, arg.span));
      continue;
    }
    const labels = withoutLabels(one.labels, (name) => name === BUCKET_LABEL);
    const key = labelsKey(labels);
    const histogram = found.get(key) ?? { labels, dropName: true, buckets: [] };
    histogram.buckets.push({ upperBound, series: one });
    found.set(key, histogram);
  }
  const histograms = [...found.values()];
  for (const { buckets } of histograms) buckets.sort((a, b) => compareBounds(a.upperBound, b.upperBound));
  return histograms;
}

/** Infinities are equal to themselves, which a subtraction does not see. */
function compareBounds(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Where names are dropped at once, annotations do not tell them. */
function shownName(labels: Labels, { delayedNameRemoval }: CallContext): string {
  return delayedNameRemoval ? getLabel(labels, METRIC_NAME) : '';
}

/** Computes one series for each histogram. @param compute Gets the buckets that have a sample at step k. */
function perHistogram(
  histograms: readonly ClassicHistogram[],
  context: CallContext,
  compute: (buckets: readonly Bucket[], k: number, histogram: ClassicHistogram) => number,
): VectorSeries[] {
  return histograms.map((histogram) => {
    const column = createColumn(context.scope.steps);
    for (let k = 0; k < context.scope.steps; k++) {
      const buckets = bucketsAt(histogram, k);
      if (buckets.length === 0) continue;
      column.values[k] = compute(buckets, k, histogram);
      column.present[k] = 1;
    }
    const labels = context.delayedNameRemoval ? histogram.labels : dropMetadata(histogram.labels);
    return { ...column, labels, dropName: true };
  });
}

function bucketsAt({ buckets }: ClassicHistogram, k: number): Bucket[] {
  const found: Bucket[] = [];
  for (const { upperBound, series } of buckets) {
    if (series.present[k] === 1) found.push({ upperBound, count: series.values[k] });
  }
  return found;
}

/** The quantile of one step, with its annotation. */
function quantileAt(phi: number, buckets: readonly Bucket[], context: CallContext, place: Place): number {
  const { value, forced } = bucketQuantile(phi, buckets);
  if (forced !== undefined) annotateForced(forced, context, place);
  return value;
}

interface Place {
  readonly k: number;
  readonly histogram: ClassicHistogram;
  readonly arg: Expr;
}

function annotateForced(forced: ForcedMonotonicity, context: CallContext, { k, histogram, arg }: Place): void {
  const timeMs = stepTimeMs(context.scope, k);
  const fix = { ...forced, minTimeMs: timeMs, maxTimeMs: timeMs, samples: 1 };
  context.annotate(forcedMonotonicity(shownName(histogram.labels, context), fix, arg.span));
}

function checkQuantiles(phis: Float64Array, arg: Expr, context: CallContext): void {
  for (const phi of new Set(phis)) if (!(phi >= 0 && phi <= 1)) context.annotate(invalidQuantile(phi, arg.span));
}

const histogramQuantile: StepFunction = (args, context) => {
  const phis = scalarArg(args, 0);
  const [phiArg, arg] = context.call.args;
  checkQuantiles(phis, phiArg, context);
  const histograms = classicHistograms(vectorArg(args, 1), arg, context);
  const series = perHistogram(histograms, context, (buckets, k, histogram) => {
    return quantileAt(phis[k], buckets, context, { k, histogram, arg });
  });
  return { kind: 'vector', series: mergeSameLabels(series) };
};

/** Several quantiles at once, told apart by a label. */
const histogramQuantiles: StepFunction = (args, context) => {
  const arg = context.call.args[0];
  const label = stringArg(args, 1);
  const histograms = classicHistograms(vectorArg(args, 0), arg, context);
  const series: VectorSeries[] = [];
  for (let i = 2; i < args.length; i++) {
    const phis = scalarArg(args, i);
    checkQuantiles(phis, context.call.args[i], context);
    for (const phi of new Set(phis)) {
      const own = perHistogram(histograms, context, (buckets, k, histogram) => {
        return quantileAt(phi, buckets, context, { k, histogram, arg });
      });
      series.push(...own.map((one) => onlyWhere(one, phis, phi, label)));
    }
  }
  return { kind: 'vector', series: mergeSameLabels(series.filter((one) => one.present.includes(1))) };
};

function onlyWhere(series: VectorSeries, phis: Float64Array, phi: number, label: string): VectorSeries {
  const present = series.present.map((bit, k) => (Object.is(phis[k], phi) ? bit : 0));
  return { ...series, labels: withLabel(series.labels, label, openMetricsFloat(phi)), present };
}

/** @see prometheus/model/labels/float.go FormatOpenMetricsFloat */
function openMetricsFloat(value: number): string {
  const text = formatGoG(value);
  if (!Number.isFinite(value)) return text;
  return /[.e]/.test(text) ? text : `${text}.0`;
}

const histogramFraction: StepFunction = (args, context) => {
  const lower = scalarArg(args, 0);
  const upper = scalarArg(args, 1);
  const histograms = classicHistograms(vectorArg(args, 2), context.call.args[2], context);
  const series = perHistogram(histograms, context, (buckets, k) => bucketFraction(lower[k], upper[k], buckets));
  return { kind: 'vector', series: mergeSameLabels(series) };
};

/** Floats are no histograms: these functions leave them out. */
const ofNativeHistograms: StepFunction = () => ({ kind: 'vector', series: [] });

export const HISTOGRAM_FUNCTIONS: Readonly<Record<string, StepFunction>> = {
  histogram_quantile: histogramQuantile,
  histogram_quantiles: histogramQuantiles,
  histogram_fraction: histogramFraction,
  histogram_avg: ofNativeHistograms,
  histogram_count: ofNativeHistograms,
  histogram_sum: ofNativeHistograms,
  histogram_stddev: ofNativeHistograms,
  histogram_stdvar: ofNativeHistograms,
};
