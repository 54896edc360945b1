import { interpolate } from '#shared/promql/functions/interpolate.ts';
import { countUpTo } from './instant-selector.ts';
import { executionError } from './query-error.ts';
import type { RangeSeries } from './value.ts';

/** The window of an `anchored` or `smoothed` range selector that is the whole query, both ends inclusive. */
export interface ExtendedWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly extended: 'anchored' | 'smoothed';
}

/** The samples of a window with one more at each end: the nearest one or, smoothed, the value between two.
 *  @param series The samples of the window and around it.
 *  @throws {QueryError} For histograms.
 *  @see prometheus/promql/engine.go extendFloats */
export function extendSamples(series: RangeSeries, window: ExtendedWindow): RangeSeries {
  const { timestampsMs, values, histograms } = series;
  const { startMs, endMs, extended } = window;
  if (histograms?.some((histogram) => histogram !== undefined)) {
    throw executionError(`${extended} modifier is not supported with histograms`);
  }
  const { length } = values;
  if (length === 0) return withoutExtras(series, timestampsMs, values);
  let first = Math.max(0, Math.min(length - 1, countUpTo(timestampsMs, startMs)) - 1);
  let last = length - 1;
  if (extended === 'smoothed') last = Math.min(last, countUpTo(timestampsMs, endMs - 1));
  if (timestampsMs[last] <= startMs) return withoutExtras(series, new Float64Array(0), new Float64Array(0));
  const left = valueAtStart(series, first, window);
  const right = valueAtEnd(series, last, window);
  if (timestampsMs[first] <= startMs) first++;
  if (timestampsMs[last] >= endMs) last--;
  const inside = Math.max(0, last - first + 1);
  const times = new Float64Array(inside + 2);
  const extendedValues = new Float64Array(inside + 2);
  times.set(timestampsMs.subarray(first, first + inside), 1);
  extendedValues.set(values.subarray(first, first + inside), 1);
  times[0] = startMs;
  times[inside + 1] = endMs;
  extendedValues[0] = left;
  extendedValues[inside + 1] = right;
  return withoutExtras(series, times, extendedValues);
}

function withoutExtras(series: RangeSeries, timestampsMs: Float64Array, values: Float64Array): RangeSeries {
  return { labels: series.labels, dropName: series.dropName, timestampsMs, values };
}

function valueAtStart(series: RangeSeries, first: number, { startMs, extended }: ExtendedWindow): number {
  const { timestampsMs, values } = series;
  if (extended === 'anchored' || timestampsMs[first] >= startMs) return values[first];
  return between(series, first, startMs);
}

function valueAtEnd(series: RangeSeries, last: number, { endMs, extended }: ExtendedWindow): number {
  const { timestampsMs, values } = series;
  if (extended === 'anchored' || last === 0 || timestampsMs[last] <= endMs) return values[last];
  return between(series, last - 1, endMs);
}

function between({ timestampsMs, values }: RangeSeries, index: number, timeMs: number): number {
  const point = (i: number) => ({ timeMs: timestampsMs[i], value: values[i] });
  return interpolate(point(index), point(index + 1), { timeMs, isCounter: false });
}
