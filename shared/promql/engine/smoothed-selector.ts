import { withCounterReset } from '#shared/model/histogram/arithmetic.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { usesCustomBuckets } from '#shared/model/histogram.ts';
import { getLabel, METRIC_NAME } from '#shared/model/labels.ts';
import { interpolate, interpolateHistograms } from '#shared/promql/functions/interpolate.ts';
import type { Span, VectorSelector } from '#shared/promql/syntax/ast.ts';
import { mixedExponentialCustomHistograms, mixedFloatsHistograms } from './annotations.ts';
import type { Evaluation } from './evaluation.ts';
import { countUpTo } from './instant-selector.ts';
import type { Scope } from './scope.ts';
import { columnBytes, histogramBytes } from './size.ts';
import { referenceTimes } from './subquery.ts';
import {
  type Column,
  countPresent,
  createColumn,
  type GrowingColumn,
  type RangeSeries,
  setHistogram,
  type VectorSeries,
} from './value.ts';
import { type FoundWindows, WindowFinder } from './window.ts';

/** The values of series at each step, between the samples before and after it: `m smoothed`.
 *  @throws {QueryError}
 *  @see prometheus/promql/engine.go smoothSeries */
export async function selectSmoothed(
  selector: VectorSelector,
  scope: Scope,
  evaluation: Evaluation,
): Promise<VectorSeries[]> {
  const { limits, lookbackMs } = evaluation;
  const set = evaluation.selected.of(selector);
  const times = referenceTimes(selector, scope);
  const finder = new WindowFinder(scope.steps, times, 0, {
    margin: { beforeMs: lookbackMs, afterMs: lookbackMs },
  });
  const selected: VectorSeries[] = [];
  for (let i = 0; i < set.series.length; i++) {
    if (limits.due()) await limits.pause();
    const series = set.range(i);
    const windows = finder.find(series.timestampsMs);
    limits.touch(windows.largest);
    // Upstream counts the last window of each series until the node around is complete.
    limits.hold(windows.to[scope.steps - 1] - windows.from[scope.steps - 1]);
    limits.memory.take(columnBytes(scope.steps));
    const column = smooth(series, windows, { times, evaluation, span: selector.span });
    if (countPresent(column.present) === 0) continue;
    if (column.histograms !== undefined) limits.memory.take(histogramBytes(column.histograms));
    selected.push({ ...column, labels: series.labels, dropName: false });
  }
  return selected;
}

interface Smoothing {
  readonly times: { readonly firstMs: number; readonly stepMs: number };
  readonly evaluation: Evaluation;
  readonly span: Span;
}

function smooth(series: RangeSeries, { from, to }: FoundWindows, smoothing: Smoothing): Column {
  const { firstMs, stepMs } = smoothing.times;
  const out = createColumn(from.length);
  for (let k = 0; k < from.length; k++) {
    if (from[k] === to[k]) continue;
    const step = { k, from: from[k], to: to[k], timeMs: firstMs + k * stepMs };
    if (series.histograms === undefined) smoothFloats(series, step, out);
    else smoothMixed(series, series.histograms, { step, out, smoothing });
  }
  return out;
}

interface Step {
  readonly k: number;
  /** The samples around. */
  readonly from: number;
  readonly to: number;
  readonly timeMs: number;
}

/** The sample at the time, or the value between the ones around it, or the last one before. */
function smoothFloats({ timestampsMs, values }: RangeSeries, { k, from, to, timeMs }: Step, out: GrowingColumn): void {
  const next = countUpTo(timestampsMs, timeMs);
  const before = next - 1;
  if (before < from) return;
  const point = (i: number) => ({ timeMs: timestampsMs[i], value: values[i] });
  const isExact = timestampsMs[before] === timeMs || next >= to;
  out.values[k] = isExact ? values[before] : interpolate(point(before), point(next), { timeMs, isCounter: false });
  out.present[k] = 1;
}

function smoothMixed(
  series: RangeSeries,
  histograms: NonNullable<RangeSeries['histograms']>,
  { step, out, smoothing }: { step: Step; out: GrowingColumn; smoothing: Smoothing },
): void {
  const { evaluation, span } = smoothing;
  let counted = 0;
  for (let i = step.from; i < step.to; i++) if (histograms[i] !== undefined) counted++;
  if (counted === 0) smoothFloats(series, step, out);
  else if (counted < step.to - step.from) evaluation.annotate(mixedFloatsHistograms(nameOf(series), span));
  else {
    const histogram = smoothHistograms(series, histograms, { step, smoothing });
    if (histogram !== undefined) setHistogram(out, step.k, histogram);
  }
}

function smoothHistograms(
  series: RangeSeries,
  histograms: NonNullable<RangeSeries['histograms']>,
  { step, smoothing }: { step: Step; smoothing: Smoothing },
): Histogram | undefined {
  const { timestampsMs } = series;
  const { annotate } = smoothing.evaluation;
  const { span } = smoothing;
  const next = countUpTo(timestampsMs, step.timeMs);
  const before = next - 1;
  if (before < step.from) return undefined;
  const last = histograms[before]!;
  if (timestampsMs[before] === step.timeMs) return last;
  if (next >= step.to) return withCounterReset(last, 'unknown');
  const following = histograms[next]!;
  const isCounter = last.counterReset !== 'gauge' || following.counterReset !== 'gauge';
  const isSameKind = usesCustomBuckets(last) === usesCustomBuckets(following);
  const between = isSameKind
    ? interpolateHistograms(
        { timeMs: timestampsMs[before], value: last },
        { timeMs: timestampsMs[next], value: following },
        { timeMs: step.timeMs, isCounter, annotate, span },
      )
    : undefined;
  if (between === undefined) annotate(mixedExponentialCustomHistograms(nameOf(series), span));
  return between;
}

function nameOf({ labels }: RangeSeries): string {
  return getLabel(labels, METRIC_NAME);
}
