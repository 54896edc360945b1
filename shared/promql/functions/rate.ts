import type { GrowingColumn, RangeSeries } from '#shared/promql/engine/value.ts';
import { extendedRate } from './extended-range.ts';
import { durationSeconds, type RangeFunction, type Windows } from './range-function.ts';
import { sampleRate } from './sample-rate.ts';
import { int32Scratch } from './scratch.ts';

/** A gap at a window's edge of more than this many sample intervals means that the series begins or ends there. */
export const EXTRAPOLATION_FACTOR = 1.1;

export interface RateKind {
  /** Falling values are counter resets. */
  readonly counter: boolean;
  readonly perSecond: boolean;
}

/** The change over the window, extrapolated to its edges where samples come close to them.
 *  @see prometheus/promql/functions.go extrapolatedRate */
function extrapolated(kind: RateKind): RangeFunction {
  return (windows, out) => {
    const { histograms, startTimestampsMs } = windows.series;
    if (windows.extended !== undefined) extendedRate(windows, out, kind);
    else if (histograms !== undefined || (kind.counter && startTimestampsMs !== undefined)) {
      sampleRate(windows, out, kind);
    } else floatRate(windows, out, kind);
  };
}

const resetIndexes = int32Scratch();

/** Of floats alone. Resets are found in one pass over the series: a window costs the same whatever its length, but for
 *  the resets in it. What was lost at them is added in the order of time: float addition is not associative. */
function floatRate(windows: Windows, out: GrowingColumn, { counter, perSecond }: RateKind): void {
  const { series, from, to, rangeMs, endMs } = windows;
  const { timestampsMs, values } = series;
  const rangeSeconds = durationSeconds(rangeMs);
  const firstEndMs = endMs(0);
  const stepMs = endMs(1) - firstEndMs;
  const resets = resetIndexes.take(counter ? values.length : 0);
  const resetCount = counter ? collectResets(series, resets) : 0;
  let nextReset = 0;
  for (let k = 0; k < from.length; k++) {
    const first = from[k];
    const last = to[k] - 1;
    if (last <= first) continue;
    const firstValue = values[first];
    let change = values[last] - firstValue;
    while (nextReset < resetCount && resets[nextReset] <= first) nextReset++;
    for (let r = nextReset; r < resetCount && resets[r] <= last; r++) change += values[resets[r] - 1];
    const windowEndMs = firstEndMs + k * stepMs;
    const firstMs = timestampsMs[first];
    const lastMs = timestampsMs[last];
    const sampled = (lastMs - firstMs) / 1000;
    const average = sampled / (last - first);
    const threshold = average * EXTRAPOLATION_FACTOR;
    let toStart = (firstMs - (windowEndMs - rangeMs)) / 1000;
    let toEnd = (windowEndMs - lastMs) / 1000;
    if (toStart >= threshold) toStart = average / 2;
    if (counter && change > 0 && firstValue >= 0) {
      // A counter is never negative: it cannot have started before its line meets zero.
      const toZero = sampled * (firstValue / change);
      if (toZero < toStart) toStart = toZero;
    }
    if (toEnd >= threshold) toEnd = average / 2;
    let factor = sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
    if (perSecond) factor /= rangeSeconds;
    out.values[k] = change * factor;
    out.present[k] = 1;
  }
}

/** @returns How many indexes were written. */
function collectResets({ values }: RangeSeries, into: Int32Array): number {
  let count = 0;
  let before = values[0];
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    if (value < before) into[count++] = i;
    before = value;
  }
  return count;
}

export const RATE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: extrapolated({ counter: true, perSecond: true }),
  increase: extrapolated({ counter: true, perSecond: false }),
  delta: extrapolated({ counter: false, perSecond: false }),
};
