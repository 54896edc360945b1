import type { Histogram } from '#shared/model/histogram.ts';
import type { SubqueryExpr, VectorSelector } from '#shared/promql/syntax/ast.ts';
import { atTime, ms } from './fetch.ts';
import type { ReferenceTimes } from './instant-selector.ts';
import type { QueryLimits } from './limits.ts';
import type { Work } from './operator-context.ts';
import { countSteps, createScope, SCOPE_STEP_BYTES, type Scope, stepTimeMs, stepTimesMs } from './scope.ts';
import { countPresent, type RangeSeries, type Value, type VectorSeries } from './value.ts';

/** Where the windows of a range selector or subquery end. */
export function referenceTimes({ offset, at }: Pick<SubqueryExpr, 'offset' | 'at'>, scope: Scope): ReferenceTimes {
  if (at !== undefined) return { firstMs: atTime(at) - ms(offset), stepMs: 0 };
  return { firstMs: scope.startMs - ms(offset), stepMs: scope.stepMs };
}

/** What timestamp() sees of a selector. With `@`, upstream looks there without the offset, but at samples that were read
 *  with it: those that both would see.
 *  @param times Of the selector.
 *  @see prometheus/promql/engine.go rangeEvalTimestampFunctionOverVectorSelector */
export function seenByTimestamp(
  { at, smoothed }: Pick<VectorSelector, 'at' | 'smoothed'>,
  times: ReferenceTimes,
  lookbackMs: number,
): { readonly times: ReferenceTimes; readonly lookbackMs: number } {
  if (at === undefined) return { times, lookbackMs };
  const readUntilMs = times.firstMs + (smoothed ? lookbackMs : 0);
  const firstMs = Math.min(readUntilMs, atTime(at));
  const afterMs = Math.max(times.firstMs, atTime(at)) - lookbackMs;
  return { times: { firstMs, stepMs: 0 }, lookbackMs: firstMs - afterMs };
}

/** The steps of a subquery's inside: the multiples of its own step in all windows together, the left end exclusive.
 *  @throws {QueryError} When there are more than samples are allowed.
 *  @see prometheus/promql/engine.go subqueryEvaluationTimes */
export function subqueryScope(
  expr: SubqueryExpr,
  scope: Scope,
  { defaultStepMs, limits }: { readonly defaultStepMs: number; readonly limits: QueryLimits },
): Scope {
  const times = referenceTimes(expr, scope);
  const stepMs = ms(expr.step) || defaultStepMs;
  const afterMs = times.firstMs - ms(expr.range);
  let startMs = stepMs * Math.trunc(afterMs / stepMs);
  if (startMs <= afterMs) startMs += stepMs;
  const endMs = times.firstMs + Math.max(0, scope.steps - 1) * times.stepMs;
  const steps = countSteps(startMs, endMs, stepMs);
  limits.checkSteps(steps);
  limits.memory.take(steps * SCOPE_STEP_BYTES);
  return createScope(startMs, endMs, stepMs);
}

/** The steps of a vector as samples of a range vector. Series that begin and end together share their times, by which
 *  windows are found once for all of them.
 *  @throws {QueryError} When copies of the samples take too much memory. */
export function* toRangeSeries(value: Value, scope: Scope, { memory }: QueryLimits): Work<RangeSeries[]> {
  if (value.kind !== 'vector') throw new TypeError(`Cannot take a range of a ${value.kind}, expected a vector`);
  const timesMs = stepTimesMs(scope);
  const known = new Map<string, Float64Array>();
  const timesBetween = (from: number, to: number): Float64Array => {
    const key = `${from} ${to}`;
    let times = known.get(key);
    if (times === undefined) known.set(key, (times = timesMs.subarray(from, to)));
    return times;
  };
  const ranges: RangeSeries[] = [];
  for (const series of value.series) {
    const from = series.present.indexOf(1);
    const to = series.present.lastIndexOf(1) + 1;
    const count = countPresent(series.present);
    if (count === to - from) ranges.push(rangeBetween(series, from, to, timesBetween(from, to)));
    else {
      memory.take(count * SAMPLE_BYTES);
      ranges.push(presentSamples(series, timesMs, count));
    }
    yield;
  }
  return ranges;
}

/** A time and a value. */
const SAMPLE_BYTES = 16;

function rangeBetween(series: VectorSeries, from: number, to: number, timestampsMs: Float64Array): RangeSeries {
  const { labels, dropName, values, histograms } = series;
  const range: RangeSeries = { labels, dropName, timestampsMs, values: values.subarray(from, to) };
  return histograms === undefined ? range : { ...range, histograms: histograms.slice(from, to).map(withoutHint) };
}

/** @param count How many there are. */
function presentSamples(series: VectorSeries, timesMs: Float64Array, count: number): RangeSeries {
  const { labels, dropName, values, present, histograms } = series;
  const timestampsMs = new Float64Array(count);
  const floats = new Float64Array(count);
  const kept: (Histogram | undefined)[] = [];
  let next = 0;
  for (let k = 0; k < present.length; k++) {
    if (present[k] === 0) continue;
    timestampsMs[next] = timesMs[k];
    floats[next++] = values[k];
    if (histograms !== undefined) kept.push(withoutHint(histograms[k]));
  }
  const range: RangeSeries = { labels, dropName, timestampsMs, values: floats };
  return histograms === undefined ? range : { ...range, histograms: kept };
}

/** A subquery may leave samples out or give them twice, so what is known of a reset between two of storage's samples
 *  does not hold between two of its.
 *  @see prometheus/promql/engine.go evalSubquery */
function withoutHint(histogram: Histogram | undefined): Histogram | undefined {
  if (histogram === undefined) return undefined;
  const { counterReset } = histogram;
  return counterReset === 'reset' || counterReset === 'not-reset'
    ? { ...histogram, counterReset: 'unknown' }
    : histogram;
}

/** Where the windows of a subquery lie. */
export interface SubqueryWindows {
  readonly times: ReferenceTimes;
  readonly rangeMs: number;
}

/** Counts the samples of a subquery's inside for the steps of its outside: in each step all that its window holds, and
 *  as read in the first step that has them in its window.
 *  @see prometheus/util/stats/query_stats.go SubqueryConsumer */
export function countSubquerySamples(inner: Scope, outer: Scope, windows: SubqueryWindows): void {
  if (outer.steps === 1) {
    addSamplesAtOnce(inner, outer);
    return;
  }
  const looked = totals(inner.samplesPerStep);
  const { firstMs, stepMs } = windows.times;
  for (let k = 0; k < outer.steps; k++) {
    const endMs = firstMs + k * stepMs;
    outer.samplesPerStep[k] += looked[stepsUpTo(inner, endMs)] - looked[stepsUpTo(inner, endMs - windows.rangeMs)];
  }
  for (let k = 0; k < inner.steps; k++) {
    const step = firstStepWith(stepTimeMs(inner, k), windows, outer.steps);
    if (step !== undefined) outer.samplesReadPerStep[step] += inner.samplesReadPerStep[k];
  }
}

/** Counts all samples of `inner` in the first step of `outer`. */
export function addSamplesAtOnce(inner: Scope, outer: Scope): void {
  for (const samples of inner.samplesPerStep) outer.samplesPerStep[0] += samples;
  for (const samples of inner.samplesReadPerStep) outer.samplesReadPerStep[0] += samples;
}

/** The sums of the first 0, 1, 2, … numbers. */
function totals(numbers: Float64Array): Float64Array {
  const sums = new Float64Array(numbers.length + 1);
  for (let k = 0; k < numbers.length; k++) sums[k + 1] = sums[k] + numbers[k];
  return sums;
}

function stepsUpTo({ startMs, stepMs, steps }: Scope, timeMs: number): number {
  return Math.min(steps, Math.max(0, Math.floor((timeMs - startMs) / stepMs) + 1));
}

function firstStepWith(timeMs: number, { times, rangeMs }: SubqueryWindows, steps: number): number | undefined {
  const { firstMs, stepMs } = times;
  const step = timeMs <= firstMs || stepMs === 0 ? 0 : Math.ceil((timeMs - firstMs) / stepMs);
  if (step >= steps || timeMs <= firstMs + step * stepMs - rangeMs) return undefined;
  return step;
}
