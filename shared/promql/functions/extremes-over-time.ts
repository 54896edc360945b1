import type { RangeFunction, Windows } from './range-function.ts';
import { int32Scratch } from './scratch.ts';
import { ofFloats } from './split-windows.ts';

/** Whether a later value makes an earlier one useless. NaN gives way to any value. */
type Beats = (later: number, earlier: number) => boolean;

const queueIndexes = int32Scratch();

/** Finds the extreme of each window by a monotonic queue: the samples that can still become one, oldest first.
 *  @param write Gets the index of the extreme of window k. */
function findExtremes({ series: { values }, from, to }: Windows, beats: Beats, write: (k: number, at: number) => void) {
  const queue = queueIndexes.take(values.length);
  let head = 0;
  let tail = 0;
  let next = from.length > 0 ? from[0] : 0;
  for (let k = 0; k < from.length; k++) {
    const start = from[k];
    const end = to[k];
    if (next < start) {
      next = start;
      head = tail;
    }
    for (; next < end; next++) {
      const value = values[next];
      while (tail > head && beats(value, values[queue[tail - 1]])) tail--;
      queue[tail++] = next;
    }
    while (head < tail && queue[head] < start) head++;
    if (start < end) write(k, queue[head]);
  }
}

/** @see prometheus/promql/functions.go compareOverTime */
function extremeOverTime(beats: Beats): RangeFunction {
  return ofFloats((windows, out) => {
    const { values } = windows.series;
    findExtremes(windows, beats, (k, at) => {
      out.values[k] = values[at];
      out.present[k] = 1;
    });
  });
}

/** The time in seconds of the last extreme. */
function timeOfExtreme(beats: Beats): RangeFunction {
  return ofFloats((windows, out) => {
    const { timestampsMs } = windows.series;
    findExtremes(windows, beats, (k, at) => {
      out.values[k] = timestampsMs[at] / 1000;
      out.present[k] = 1;
    });
  });
}

export const EXTREME_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  min_over_time: extremeOverTime((later, earlier) => later < earlier || Number.isNaN(earlier)),
  max_over_time: extremeOverTime((later, earlier) => later > earlier || Number.isNaN(earlier)),
  ts_of_min_over_time: timeOfExtreme((later, earlier) => later <= earlier || Number.isNaN(earlier)),
  ts_of_max_over_time: timeOfExtreme((later, earlier) => later >= earlier || Number.isNaN(earlier)),
};
