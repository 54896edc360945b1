import { mixedFloatsHistograms } from '#shared/promql/engine/annotations.ts';
import type { GrowingColumn, RangeSeries } from '#shared/promql/engine/value.ts';
import { findResets, firstAtLeast } from './counter-resets.ts';
import { extendedHistogramChange } from './extended-histogram.ts';
import { interpolate, type Point } from './interpolate.ts';
import { durationSeconds, firstArgSpan, metricName, type Windows } from './range-function.ts';
import type { RateKind } from './rate.ts';
import { countHistograms } from './split-windows.ts';
import { isStartReset, isStartResetAfter } from './start-timestamps.ts';

/** A window and the samples that tell its values at both ends. Indexes are of the series. */
export interface ExtendedWindow {
  readonly series: RangeSeries;
  /** The first sample later than the lookback delta before the window's start. */
  readonly from: number;
  /** The last sample at or before the window's start, or the first one after it. */
  readonly first: number;
  /** The last sample in the window; when smoothed the first one at or after its end, if there is one. */
  readonly last: number;
  /** Exclusive. */
  readonly startMs: number;
  /** Inclusive. */
  readonly endMs: number;
  /** How far before the window samples are looked for, exclusive. */
  readonly lookbackStartMs: number;
  readonly smoothed: boolean;
}

/** `rate` and its kin over the whole of a window and no more: what is missing at its edges comes from the sample before,
 *  or, smoothed, from the line between the samples before and after an edge; nothing is extrapolated.
 *  @see prometheus/promql/functions.go extendedRate */
export function extendedRate(windows: Windows, out: GrowingColumn, kind: RateKind): void {
  const { series, from, to, call, annotate } = windows;
  const histogramsBefore = countHistograms(series.histograms ?? new Array(series.values.length));
  const resets = kind.counter ? findResets(series) : new Int32Array(0);
  for (let k = 0; k < from.length; k++) {
    const histograms = histogramsBefore[to[k]] - histogramsBefore[from[k]];
    if (histograms > 0 && histograms < to[k] - from[k]) {
      annotate(mixedFloatsHistograms(metricName(windows), firstArgSpan(call)));
      continue;
    }
    const window = from[k] === to[k] ? undefined : extendedWindow(windows, k);
    if (window === undefined) continue;
    if (histograms > 0) extendedHistogramChange(windows, window, { k, out, kind });
    else writeFloatChange(windows, window, { k, out, kind, resets });
  }
}

/** @returns undefined when no sample is after the window's start. */
function extendedWindow(windows: Windows, k: number): ExtendedWindow | undefined {
  const { series, lookbackMs, rangeMs } = windows;
  const { timestampsMs } = series;
  const from = windows.from[k];
  const endMs = windows.endMs(k);
  const startMs = endMs - rangeMs;
  const smoothed = windows.extended === 'smoothed';
  let last = windows.to[k] - 1;
  if (timestampsMs[last] <= startMs) return undefined;
  let first = from;
  while (timestampsMs[first + 1] <= startMs) first++;
  if (smoothed) while (last > from && timestampsMs[last - 1] >= endMs) last--;
  return { series, from, first, last, startMs, endMs, lookbackStartMs: startMs - lookbackMs, smoothed };
}

interface FloatChange {
  readonly k: number;
  readonly out: GrowingColumn;
  readonly kind: RateKind;
  readonly resets: Int32Array;
}

function writeFloatChange(windows: Windows, window: ExtendedWindow, { k, out, kind, resets }: FloatChange): void {
  const { counter, perSecond } = kind;
  if (window.smoothed && startsTooLate(window, counter)) return;
  const left = leftEdge(window, counter);
  const right = rightEdge(window, counter);
  let change = right.value - left.value;
  if (counter) change += lostAtResets(window, { left, right, resets });
  out.values[k] = perSecond ? change / durationSeconds(windows.rangeMs) : change;
  out.present[k] = 1;
}

/** Where the first sample is after the window, it only tells of the window what its start time does. */
function startsTooLate({ series, first, endMs, lookbackStartMs }: ExtendedWindow, counter: boolean): boolean {
  const timeMs = series.timestampsMs[first];
  if (timeMs <= endMs) return false;
  const startMs = startOf(series, first);
  return !counter || !isStartResetAfter(lookbackStartMs, startMs, timeMs) || isStartResetAfter(endMs, startMs, timeMs);
}

function startOf({ startTimestampsMs }: RangeSeries, index: number): number {
  return startTimestampsMs === undefined ? 0 : startTimestampsMs[index];
}

/** The value at an end of a window, and when the counter it is of began, 0 when that is not known. */
interface Edge {
  readonly value: number;
  readonly startMs: number;
}

/** @see prometheus/promql/functions.go pickOrInterpolateLeft */
function leftEdge(window: ExtendedWindow, counter: boolean): Edge {
  const { series, first, startMs, smoothed } = window;
  const { timestampsMs, values } = series;
  const timeMs = timestampsMs[first];
  const firstStartMs = startOf(series, first);
  if (timeMs === startMs) return { value: values[first], startMs: firstStartMs };
  const knownStartMs = firstStartMs > startMs ? 0 : firstStartMs;
  if (timeMs > startMs)
    return { value: edgeBeforeFirst(window, first, { edgeMs: startMs, counter }), startMs: knownStartMs };
  const nextStartMs = startOf(series, first + 1);
  let before: Point<number> = { timeMs, value: values[first] };
  let after: Point<number> = { timeMs: timestampsMs[first + 1], value: values[first + 1] };
  let beganMs = knownStartMs;
  if (counter && isStartResetAfter(startMs, nextStartMs, after.timeMs)) {
    after = { timeMs: nextStartMs, value: 0 };
  } else if (counter && isStartReset(firstStartMs, timeMs, nextStartMs, after.timeMs)) {
    before = { timeMs: nextStartMs, value: 0 };
    beganMs = nextStartMs;
  }
  return {
    value: smoothed ? interpolate(before, after, { timeMs: startMs, isCounter: counter }) : before.value,
    startMs: beganMs,
  };
}

/** The value at an edge before the series' first sample: that sample's, or what follows from when its counter began. */
function edgeBeforeFirst(
  { series, lookbackStartMs, smoothed }: ExtendedWindow,
  index: number,
  { edgeMs, counter }: { readonly edgeMs: number; readonly counter: boolean },
): number {
  const value = series.values[index];
  const timeMs = series.timestampsMs[index];
  const startMs = startOf(series, index);
  if (!counter || !isStartResetAfter(lookbackStartMs, startMs, timeMs)) return value;
  if (!smoothed || isStartResetAfter(edgeMs, startMs, timeMs)) return 0;
  return interpolate({ timeMs: startMs, value: 0 }, { timeMs, value }, { timeMs: edgeMs, isCounter: counter });
}

/** @see prometheus/promql/functions.go pickOrInterpolateRight */
function rightEdge(window: ExtendedWindow, counter: boolean): Edge {
  const { series, last, endMs, smoothed } = window;
  const { timestampsMs, values } = series;
  const timeMs = timestampsMs[last];
  const lastStartMs = startOf(series, last);
  const knownStartMs = lastStartMs > endMs ? 0 : lastStartMs;
  if (timeMs <= endMs) return { value: values[last], startMs: knownStartMs };
  if (last === window.from)
    return { value: edgeBeforeFirst(window, last, { edgeMs: endMs, counter }), startMs: knownStartMs };
  const previousStartMs = startOf(series, last - 1);
  let before: Point<number> = { timeMs: timestampsMs[last - 1], value: values[last - 1] };
  let after: Point<number> = { timeMs, value: values[last] };
  let beganMs = knownStartMs;
  if (counter && isStartResetAfter(endMs, lastStartMs, timeMs)) {
    after = { timeMs: lastStartMs, value: 0 };
    beganMs = previousStartMs;
  } else if (counter && isStartReset(previousStartMs, before.timeMs, lastStartMs, timeMs)) {
    before = { timeMs: lastStartMs, value: 0 };
  }
  return {
    value: smoothed ? interpolate(before, after, { timeMs: endMs, isCounter: counter }) : before.value,
    startMs: beganMs,
  };
}

interface Edges {
  readonly left: Edge;
  readonly right: Edge;
  readonly resets: Int32Array;
}

/** What a counter lost at its resets in the window, the edges being samples themselves.
 *  @see prometheus/promql/functions.go correctForCounterResets */
function lostAtResets({ series, first, last, startMs, endMs }: ExtendedWindow, { left, right, resets }: Edges): number {
  const { timestampsMs, values } = series;
  const begin = timestampsMs[first] <= startMs ? first + 1 : first;
  const end = timestampsMs[last] >= endMs ? last - 1 : last;
  if (begin > end) {
    const reset = right.value < left.value || isStartReset(left.startMs, startMs, right.startMs, endMs);
    return reset ? left.value : 0;
  }
  let lost = 0;
  if (values[begin] < left.value || isStartReset(left.startMs, startMs, startOf(series, begin), timestampsMs[begin])) {
    lost += left.value;
  }
  for (let r = firstAtLeast(resets, begin + 1); r < resets.length && resets[r] <= end; r++) {
    lost += values[resets[r] - 1];
  }
  if (right.value < values[end] || isStartReset(startOf(series, end), timestampsMs[end], right.startMs, endMs)) {
    lost += values[end];
  }
  return lost;
}
