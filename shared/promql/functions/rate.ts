import type { Column } from '#shared/promql/engine/value.ts';
import { perWindow, type RangeFunction, type Windows } from './range-function.ts';

/** A gap at a window's edge of more than this many sample intervals means that the series begins or ends there. */
const EXTRAPOLATION_FACTOR = 1.1;

interface RateKind {
  /** Falling values are counter resets. */
  readonly counter: boolean;
  readonly perSecond: boolean;
}

/** The change over the window, extrapolated to its edges where samples come close to them.
 *  Resets are found once for the series: a window without one costs the same whatever its length.
 *  @see prometheus/promql/functions.go extrapolatedRate */
function extrapolated({ counter, perSecond }: RateKind): RangeFunction {
  return (windows, out) => {
    const { series, from, to } = windows;
    const resets = counter ? lastResets(series.values) : undefined;
    for (let k = 0; k < from.length; k++) {
      const first = from[k];
      const last = to[k] - 1;
      if (last <= first) continue;
      let change = series.values[last] - series.values[first];
      if (resets !== undefined && resets[last] > first) change = addResets(change, series.values, first, last);
      writeRate(windows, out, { k, first, last, change, counter, perSecond });
    }
  };
}

/** For each sample the index of the latest reset at or before it, −1 when there is none. */
function lastResets(values: Float64Array): Int32Array {
  const resets = new Int32Array(values.length);
  let latest = -1;
  for (let i = 0; i < values.length; i++) {
    if (i > 0 && values[i] < values[i - 1]) latest = i;
    resets[i] = latest;
  }
  return resets;
}

/** Adds what was lost at each reset, in the order of time: float addition is not associative. */
function addResets(change: number, values: Float64Array, first: number, last: number): number {
  let result = change;
  for (let i = first + 1; i <= last; i++) if (values[i] < values[i - 1]) result += values[i - 1];
  return result;
}

interface Change extends RateKind {
  readonly k: number;
  readonly first: number;
  readonly last: number;
  readonly change: number;
}

function writeRate(windows: Windows, out: Column, { k, first, last, change, counter, perSecond }: Change): void {
  const { timestampsMs, values } = windows.series;
  const endMs = windows.endMs(k);
  const firstMs = timestampsMs[first];
  const lastMs = timestampsMs[last];
  let toStart = (firstMs - (endMs - windows.rangeMs)) / 1000;
  let toEnd = (endMs - lastMs) / 1000;
  const sampled = (lastMs - firstMs) / 1000;
  const average = sampled / (last - first);
  const threshold = average * EXTRAPOLATION_FACTOR;
  if (toStart >= threshold) toStart = average / 2;
  if (counter) {
    // A counter is never negative: it cannot have started before its line meets zero.
    const toZero = change > 0 && values[first] >= 0 ? sampled * (values[first] / change) : toStart;
    if (toZero < toStart) toStart = toZero;
  }
  if (toEnd >= threshold) toEnd = average / 2;
  let factor = sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
  if (perSecond) factor /= windows.rangeMs / 1000;
  out.values[k] = change * factor;
  out.present[k] = 1;
}

/** The change between the last two samples.
 *  @see prometheus/promql/functions.go instantValue */
function instantaneous({ counter, perSecond }: RateKind): RangeFunction {
  return perWindow(({ series: { timestampsMs, values } }, from, to) => {
    if (to - from < 2) return undefined;
    const last = values[to - 1];
    const before = values[to - 2];
    const intervalMs = timestampsMs[to - 1] - timestampsMs[to - 2];
    const change = counter && last < before ? last : last - before;
    return perSecond ? change / (intervalMs / 1000) : change;
  });
}

/** How many sample pairs of the window `counts` holds for, by one running total over the series. */
function countPairs(counts: (before: number, after: number) => boolean): RangeFunction {
  return ({ series: { values }, from, to }, out) => {
    const totals = new Int32Array(values.length);
    for (let i = 1; i < values.length; i++) totals[i] = totals[i - 1] + (counts(values[i - 1], values[i]) ? 1 : 0);
    for (let k = 0; k < from.length; k++) {
      if (from[k] === to[k]) continue;
      out.values[k] = totals[to[k] - 1] - totals[from[k]];
      out.present[k] = 1;
    }
  };
}

function changed(before: number, after: number): boolean {
  return after !== before && !(Number.isNaN(after) && Number.isNaN(before));
}

export const RATE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: extrapolated({ counter: true, perSecond: true }),
  increase: extrapolated({ counter: true, perSecond: false }),
  delta: extrapolated({ counter: false, perSecond: false }),
  irate: instantaneous({ counter: true, perSecond: true }),
  idelta: instantaneous({ counter: false, perSecond: false }),
  resets: countPairs((before, after) => after < before),
  changes: countPairs(changed),
};
