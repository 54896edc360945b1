import { detectReset } from '#shared/model/histogram/reset.ts';
import type { RangeSeries } from '#shared/promql/engine/value.ts';
import { isStartReset, overlapsBefore } from './start-timestamps.ts';

/** Whether the counter began anew between samples i − 1 and i, which are of one kind. */
export function isResetAt({ timestampsMs, values, histograms, startTimestampsMs }: RangeSeries, i: number): boolean {
  if (startTimestampsMs !== undefined) {
    const starts = startTimestampsMs;
    if (isStartReset(starts[i - 1], timestampsMs[i - 1], starts[i], timestampsMs[i])) return true;
  }
  const histogram = histograms?.[i];
  if (histogram === undefined) return values[i] < values[i - 1];
  return detectReset(histogram, histograms![i - 1]!);
}

/** Where counters of one series began anew: the indexes of the samples after it, in order. Between a float and a
 *  histogram there is no saying. */
export function findResets(series: RangeSeries): Int32Array {
  const { values, histograms } = series;
  const resets: number[] = [];
  for (let i = 1; i < values.length; i++) {
    if (histograms !== undefined && (histograms[i] === undefined) !== (histograms[i - 1] === undefined)) continue;
    if (isResetAt(series, i)) resets.push(i);
  }
  return Int32Array.from(resets);
}

/** The samples that count from before the one before them, which makes no sense, by their indexes in order. */
export function findOverlaps({ timestampsMs, startTimestampsMs: starts }: RangeSeries): Int32Array {
  const found: number[] = [];
  if (starts === undefined) return new Int32Array(0);
  for (let i = 1; i < starts.length; i++) {
    if (overlapsBefore(starts[i - 1], timestampsMs[i - 1], starts[i])) found.push(i);
  }
  return Int32Array.from(found);
}

/** Whether one of the rising `indexes` is after `first` and at most `last`. */
export function hasBetween(indexes: Int32Array, first: number, last: number): boolean {
  const next = firstAtLeast(indexes, first + 1);
  return next < indexes.length && indexes[next] <= last;
}

/** Which of the rising `indexes` is the first one of at least `index`; their number when there is none. */
export function firstAtLeast(indexes: Int32Array, index: number): number {
  let low = 0;
  let high = indexes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (indexes[middle] < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
