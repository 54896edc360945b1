import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { Scope } from './scope.ts';
import { type Column, createColumn } from './value.ts';

/** Where a selector looks: at `firstMs`, then `stepMs` further at each step; `stepMs` is 0 with an `@`. */
export interface ReferenceTimes {
  readonly firstMs: number;
  readonly stepMs: number;
}

/** The latest sample of `series` at or before each reference time and later than the lookback delta before it;
 *  a stale marker ends the series. `undefined` when there is none at any step.
 *  @param sampleTimes Give the sample's time in seconds instead of its value, for `timestamp()`.
 *  @see prometheus/promql/engine.go vectorSelectorSingle */
export function selectLatest(
  series: SeriesSamples,
  scope: Scope,
  { times, lookbackMs, sampleTimes }: { times: ReferenceTimes; lookbackMs: number; sampleTimes: boolean },
): Column | undefined {
  const { timestampsMs, values } = series;
  const words = wordsOf(values);
  const column = createColumn(scope.steps);
  let found = false;
  let next = countUpTo(timestampsMs, times.firstMs);
  for (let k = 0; k < scope.steps; k++) {
    const referenceMs = times.firstMs + k * times.stepMs;
    while (next < timestampsMs.length && timestampsMs[next] <= referenceMs) next++;
    const latest = next - 1;
    if (latest < 0 || timestampsMs[latest] <= referenceMs - lookbackMs || isStaleAt(words, latest)) continue;
    column.values[k] = sampleTimes ? timestampsMs[latest] / 1000 : values[latest];
    column.present[k] = 1;
    found = true;
  }
  return found ? column : undefined;
}

/** How many of the rising `timestampsMs` are at or before `timeMs`. */
export function countUpTo(timestampsMs: Float64Array, timeMs: number): number {
  let low = 0;
  let high = timestampsMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestampsMs[middle] <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
