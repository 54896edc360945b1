import { equalHistograms } from '#shared/model/histogram/equal.ts';
import type { RangeSeries } from '#shared/promql/engine/value.ts';
import { isResetAt } from './counter-resets.ts';
import type { RangeFunction, Windows } from './range-function.ts';
import { int32Scratch } from './scratch.ts';

const runningTotals = int32Scratch();

/** How many pairs of neighbours `counts` holds for, by one running total over the series. Between a float and a histogram
 *  it always does. An anchored window begins with the last sample at or before its start.
 *  @param counts Asked for the pair of samples i − 1 and i, of one kind. */
function countPairs(counts: (series: RangeSeries, i: number) => boolean): RangeFunction {
  return (windows, out) => {
    const { series, from, to, extended } = windows;
    const { values, histograms } = series;
    const totals = runningTotals.take(values.length);
    totals[0] = 0;
    for (let i = 1; i < values.length; i++) {
      const mixed = histograms !== undefined && (histograms[i] === undefined) !== (histograms[i - 1] === undefined);
      totals[i] = totals[i - 1] + (mixed || counts(series, i) ? 1 : 0);
    }
    for (let k = 0; k < from.length; k++) {
      if (from[k] === to[k]) continue;
      const first = extended === undefined ? from[k] : anchorOf(windows, k);
      if (first === undefined) continue;
      out.values[k] = totals[to[k] - 1] - totals[first];
      out.present[k] = 1;
    }
  };
}

/** The last sample at or before the window's start, or the first one after it; undefined when none is after it. */
function anchorOf({ series, from, to, endMs, rangeMs }: Windows, k: number): number | undefined {
  const { timestampsMs } = series;
  const startMs = endMs(k) - rangeMs;
  if (timestampsMs[to[k] - 1] <= startMs) return undefined;
  let first = from[k];
  while (timestampsMs[first + 1] <= startMs) first++;
  return first;
}

function isChange({ values, histograms }: RangeSeries, i: number): boolean {
  const histogram = histograms?.[i];
  if (histogram !== undefined) return !equalHistograms(histogram, histograms![i - 1]!);
  const before = values[i - 1];
  const after = values[i];
  return after !== before && !(Number.isNaN(after) && Number.isNaN(before));
}

export const PAIR_COUNT_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  resets: countPairs(isResetAt),
  changes: countPairs(isChange),
};
