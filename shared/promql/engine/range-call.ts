import { histogramsOfRows } from '#shared/model/histogram/rows.ts';
import { getLabel, METRIC_NAME } from '#shared/model/labels.ts';
import { absentSeries } from '#shared/promql/functions/absent.ts';
import { RANGE_FUNCTIONS } from '#shared/promql/functions/functions.ts';
import { firstArgSpan, type RangeFunction, type Windows } from '#shared/promql/functions/range-function.ts';
import type { CallContext } from '#shared/promql/functions/step-function.ts';
import type { Call } from '#shared/promql/syntax/ast.ts';
import { possibleNonCounter, possibleNonCounterLabel } from './annotations.ts';
import { ColumnArena } from './column-arena.ts';
import type { Evaluation } from './evaluation.ts';
import { refuseTooMany } from './least-samples.ts';
import { executionError, notSupported } from './query-error.ts';
import type { RangeArgument } from './range-argument.ts';
import type { Scope } from './scope.ts';
import { columnBytes, columnHistogramBytes, columnWeight } from './size.ts';
import {
  type Column,
  countPresent,
  dropMetadata,
  type GrowingColumn,
  mergeSameLabels,
  type RangeSeries,
  seriesOfRows,
  type VectorSeries,
  type VectorValue,
} from './value.ts';
import type { FoundWindows } from './window.ts';
import { WindowCounter } from './window-counter.ts';

/** Names of which `rate` does not remark that they are not a counter's. */
const COUNTER_SUFFIXES = ['_total', '_sum', '_count', '_bucket'];

/** A function is not given more samples at once than this, unless a series has more: some 10 to 50 ms of work. */
const SAMPLES_PER_PIECE = 1_000_000;

/** The functions that know the samples beyond a window.
 *  @see prometheus/promql/functions.go AnchoredSafeFunctions */
const EXTENDED_FUNCTIONS = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
} as const;

export interface RangeCall {
  readonly context: CallContext;
  readonly argument: RangeArgument;
  /** The values of the other arguments. */
  readonly scalars: readonly Float64Array[];
}

/** Refuses a modifier that the function cannot take.
 *  @throws {QueryError} */
export function checkExtension({ func }: Call, extended: RangeArgument['extended']): void {
  if (extended === undefined) return;
  const functions: readonly string[] = EXTENDED_FUNCTIONS[extended];
  if (functions.includes(func)) return;
  throw executionError(`${extended} modifier can only be used with: ${functions.join(', ')} - not with ${func}`);
}

/** Applies a function of a range vector, series by series.
 *  @throws {QueryError} */
export async function callRangeFunction(rangeCall: RangeCall, evaluation: Evaluation): Promise<VectorValue> {
  const { context, argument } = rangeCall;
  const { call, scope } = context;
  const compute = RANGE_FUNCTIONS.get(call.func);
  if (compute === undefined) throw notSupported(`${call.func}()`);
  const { limits } = evaluation;
  refuseResults(rangeCall, evaluation);
  const counter = new WindowCounter(argument, scope, evaluation.lookbackMs);
  const arena = new ColumnArena(scope.steps);
  const toWindows = windowsOf(rangeCall, evaluation);
  const results: VectorSeries[] = [];
  for (let i = 0; i < argument.length; i++) {
    if (limits.due()) await limits.pause();
    const series = argument.at(i);
    const found = counter.add(series);
    if (found.largest === 0) continue;
    limits.touch(counter.largest);
    limits.memory.take(columnBytes(scope.steps));
    const out = arena.next();
    await computeInPieces(compute, { windows: toWindows(series, found), out, samples: found.totalSize }, evaluation);
    const count = countPresent(out.present);
    if (count === 0) continue;
    limits.memory.take(columnHistogramBytes(out));
    const weight = columnWeight(out, count);
    limits.touch(counter.last + weight);
    limits.hold(weight);
    remarkNonCounter(rangeCall, series, out, evaluation);
    results.push(resultOf(rangeCall, series, { ...out, present: arena.keep(out.present, count) }));
  }
  counter.finish();
  if (call.func === 'absent_over_time') return absentSeries(results, context);
  return { kind: 'vector', series: evaluation.delayedNameRemoval ? results : mergeSameLabels(results) };
}

/** Refuses too many results ahead: each function has one of two floats. */
function refuseResults({ context, argument }: RangeCall, { limits }: Evaluation): void {
  const { length, times, rangeMs, extended } = argument;
  if (extended !== undefined) return;
  const timesOf = (index: number) => {
    const { timestampsMs, histograms } = argument.at(index);
    return histograms === undefined ? timestampsMs : undefined;
  };
  const coverage = { times, coverMs: rangeMs, samples: 2 } as const;
  refuseTooMany({ length, timesOf }, context.scope, { coverage, limits });
}

function windowsOf(
  { context, argument, scalars }: RangeCall,
  { lookbackMs }: Evaluation,
): (series: RangeSeries, found: FoundWindows) => Windows {
  const { call, scope, annotate } = context;
  const { rangeMs, extended } = argument;
  const { firstMs, stepMs } = argument.times;
  const endMs = (k: number) => firstMs + k * stepMs;
  return (series, { from, to }) => {
    return { series, from, to, scope, rangeMs, endMs, extended, lookbackMs, scalars, call, annotate };
  };
}

function resultOf({ context }: RangeCall, series: RangeSeries, column: Column): VectorSeries {
  const { call, delayedNameRemoval } = context;
  const keepsName = call.func === 'last_over_time' || call.func === 'first_over_time';
  const dropName = !keepsName || series.dropName;
  const labels = dropName && !delayedNameRemoval ? dropMetadata(series.labels) : series.labels;
  const { values, present, histograms, rows } = column;
  if (rows !== undefined) return seriesOfRows({ labels, dropName }, column, rows);
  const floats = { labels, dropName, values, present };
  return histograms === undefined ? floats : { ...floats, histograms };
}

interface Computation {
  readonly windows: Windows;
  readonly out: GrowingColumn;
  /** In all windows together. */
  readonly samples: number;
}

/** Computes some steps at a time where windows hold many samples, so that others get their turn. */
async function computeInPieces(
  compute: RangeFunction,
  { windows, out, samples }: Computation,
  { limits }: Evaluation,
): Promise<void> {
  const most = Math.max(SAMPLES_PER_PIECE, windows.series.values.length);
  if (samples <= most) {
    compute(windows, out);
    return;
  }
  for (let start = 0; start < windows.from.length; ) {
    const end = endOfPiece(windows, start, most);
    const piece = { values: out.values.subarray(start, end), present: out.present.subarray(start, end) };
    computePiece(compute, { windows: pieceOf(windows, start, end), out, piece, start });
    if (limits.due()) await limits.pause();
    start = end;
  }
}

function endOfPiece({ from, to }: Windows, start: number, most: number): number {
  let end = start;
  for (let samples = 0; end < from.length && (end === start || samples < most); end++) samples += to[end] - from[end];
  return end;
}

function pieceOf(windows: Windows, start: number, end: number): Windows {
  return {
    ...windows,
    from: windows.from.subarray(start, end),
    to: windows.to.subarray(start, end),
    scope: scopeOfPiece(windows.scope, start, end),
    endMs: (k) => windows.endMs(start + k),
    scalars: windows.scalars.map((values) => values.subarray(start, end)),
  };
}

function scopeOfPiece(scope: Scope, start: number, end: number): Scope {
  const { startMs, endMs, stepMs, samplesPerStep, samplesReadPerStep } = scope;
  return {
    startMs: startMs + start * stepMs,
    endMs,
    stepMs,
    steps: end - start,
    samplesPerStep: samplesPerStep.subarray(start, end),
    samplesReadPerStep: samplesReadPerStep.subarray(start, end),
  };
}

/** Floats are written in place; histograms have to be brought over. */
function computePiece(
  compute: RangeFunction,
  { windows, out, piece, start }: { windows: Windows; out: GrowingColumn; piece: GrowingColumn; start: number },
): void {
  compute(windows, piece);
  const histograms = piece.rows === undefined ? piece.histograms : histogramsOfRows(piece.rows);
  if (histograms === undefined) return;
  out.histograms ??= new Array(out.values.length);
  for (let k = 0; k < piece.values.length; k++) out.histograms[start + k] = histograms[k];
}

/** @see prometheus/promql/engine.go eval, at the end of a call with a range vector */
function remarkNonCounter(
  { context }: RangeCall,
  series: RangeSeries,
  out: Column,
  { annotate, typeAndUnitLabels }: Evaluation,
): void {
  const { func } = context.call;
  if (func !== 'rate' && func !== 'increase') return;
  const name = getLabel(series.labels, METRIC_NAME);
  if (name === '' || !hasFloat(out)) return;
  if (typeAndUnitLabels) {
    const type = getLabel(series.labels, '__type__');
    if (type !== 'counter' && type !== 'histogram')
      annotate(possibleNonCounterLabel(name, type, firstArgSpan(context.call)));
  } else if (!COUNTER_SUFFIXES.some((suffix) => name.endsWith(suffix))) {
    annotate(possibleNonCounter(name, firstArgSpan(context.call)));
  }
}

/** @param column One with a sample. */
function hasFloat({ present, histograms, rows }: Column): boolean {
  if (rows !== undefined) return false;
  return histograms === undefined || present.some((there, k) => there === 1 && histograms[k] === undefined);
}
