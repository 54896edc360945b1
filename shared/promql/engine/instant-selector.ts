import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { ColumnArena } from './column-arena.ts';
import { allPresent, type Column } from './value.ts';

/** Where a selector looks: at `firstMs`, then `stepMs` further at each step; `stepMs` is 0 with an `@`. */
export interface ReferenceTimes {
  readonly firstMs: number;
  readonly stepMs: number;
}

/** What of a sample is wanted. Times are given in seconds. */
export type SamplePart = 'value' | 'time' | 'startTime';

/** A column and how many samples it has. */
export interface CountedColumn {
  readonly column: Column;
  readonly count: number;
}

/** Where the latest samples of one series are. */
export interface FoundLatest {
  /** For each step the index of the latest sample at or before its reference time and later than the lookback delta
   *  before it; −1 where there is none. */
  readonly index: Int32Array;
  /** How many steps have a sample. */
  count: number;
}

/** Results that are kept: series of a few targets alternate in the order of labels. */
const KEPT = 4;

/** Finds the latest samples of series after series, keeping the last few results for series that have their samples at
 *  the same times. A result is written over after `KEPT` others. */
export class LatestFinder {
  readonly #steps: number;
  readonly #times: ReferenceTimes;
  readonly #lookbackMs: number;
  readonly #timesOf: (Float64Array | undefined)[] = [];
  readonly #kept: FoundLatest[] = [];
  #next = 0;

  constructor(steps: number, times: ReferenceTimes, lookbackMs: number) {
    this.#steps = steps;
    this.#times = times;
    this.#lookbackMs = lookbackMs;
  }

  find(timestampsMs: Float64Array): FoundLatest {
    const known = this.#timesOf.indexOf(timestampsMs);
    if (known >= 0) return this.#kept[known];
    this.#kept[this.#next] ??= { index: new Int32Array(this.#steps), count: 0 };
    const latest = this.#kept[this.#next];
    this.#timesOf[this.#next] = timestampsMs;
    this.#next = (this.#next + 1) % KEPT;
    this.#fill(latest, timestampsMs);
    return latest;
  }

  #fill(into: FoundLatest, timestampsMs: Float64Array): void {
    const { firstMs, stepMs } = this.#times;
    const { index } = into;
    const { length } = timestampsMs;
    let next = countUpTo(timestampsMs, firstMs);
    let found = 0;
    for (let k = 0; k < index.length; k++) {
      const referenceMs = firstMs + k * stepMs;
      while (next < length && timestampsMs[next] <= referenceMs) next++;
      const latest = next - 1;
      const isIn = latest >= 0 && timestampsMs[latest] > referenceMs - this.#lookbackMs;
      index[k] = isIn ? latest : -1;
      if (isIn) found++;
    }
    into.count = found;
  }
}

/** The latest sample of `series` at each step; a stale marker ends the series. `undefined` when there is none at any step.
 *  @see prometheus/promql/engine.go vectorSelectorSingle */
export function selectLatest(
  series: SeriesSamples,
  { finder, arena, part }: { finder: LatestFinder; arena: ColumnArena; part: SamplePart },
): CountedColumn | undefined {
  const found = finder.find(series.timestampsMs);
  if (found.count === 0) return undefined;
  const values = arena.values();
  const present = gather(series, found, values);
  let count = values.length;
  if (present !== undefined) {
    count = 0;
    for (let k = 0; k < present.length; k++) count += present[k];
    if (count === 0) {
      values.fill(0);
      return undefined;
    }
  }
  arena.keepValues();
  const shown = present ?? allPresent(values.length);
  if (part !== 'value') {
    writeTimes(series, found, { values, present: shown }, part);
    return { column: { values, present: shown }, count };
  }
  if (series.histograms === undefined) return { column: { values, present: shown }, count };
  return { column: { values, present: shown, ...histogramsAt(series.histograms, found) }, count };
}

/** Writes the latest values. @returns Where they are samples, `undefined` when at each step. */
function gather(
  { values: from, histograms }: SeriesSamples,
  { index }: FoundLatest,
  values: Float64Array,
): Uint8Array | undefined {
  let present: Uint8Array | undefined;
  let words: Uint32Array | undefined;
  for (let k = 0; k < index.length; k++) {
    const latest = index[k];
    if (latest >= 0) {
      const value = from[latest];
      let stale = false;
      if (Number.isNaN(value)) {
        words ??= wordsOf(from);
        stale = isStaleAt(words, latest) && histograms?.[latest] === undefined;
      }
      if (!stale) {
        values[k] = value;
        if (present !== undefined) present[k] = 1;
        continue;
      }
    }
    present ??= new Uint8Array(index.length).fill(1, 0, k);
  }
  return present;
}

function writeTimes(series: SeriesSamples, { index }: FoundLatest, out: Column, part: 'time' | 'startTime'): void {
  const times = part === 'time' ? series.timestampsMs : series.startTimestampsMs;
  for (let k = 0; k < index.length; k++) {
    if (out.present[k] === 1) out.values[k] = times === undefined ? 0 : times[index[k]] / 1000;
  }
}

function histogramsAt(histograms: NonNullable<SeriesSamples['histograms']>, { index }: FoundLatest): Partial<Column> {
  let found = false;
  const column = new Array(index.length);
  for (let k = 0; k < index.length; k++) {
    const histogram = index[k] < 0 ? undefined : histograms[index[k]];
    if (histogram === undefined) continue;
    column[k] = histogram;
    found = true;
  }
  return found ? { histograms: column } : {};
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
