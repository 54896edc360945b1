import type { Histogram } from '#shared/model/histogram.ts';
import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SampledSection } from '../batch.ts';
import type { Layout } from '../layout.ts';
import { histogramBytes } from './pieces.ts';
import { sameNumbers } from './sample.ts';

/** Consecutive batches of one source with one layout: a column of values a series and one shared column of times.
 *  Columns lie one after the other in `values`, each `capacity` long. */
export interface Run {
  /** The same for all runs of one source with one layout, in all windows of a stream. */
  readonly key: string;
  readonly layout: Layout;
  /** The numbers of the layout's series. */
  readonly ids: Int32Array;
  /** Unix milliseconds, rising. Only the first `length` count. */
  times: Float64Array;
  values: Float64Array;
  /** As `values`; absent while no batch had any. */
  startTimes: Float64Array | undefined;
  /** By column, `length` long at most: what is missing is a float. Absent for columns without. */
  readonly histograms: Map<number, (Histogram | undefined)[]>;
  capacity: number;
  length: number;
  /** No value is a stale marker. */
  staleFree: boolean;
}

/** @param capacity How many batches are likely to come, at least 1. */
export function createRun({ key, layout, ids }: Pick<Run, 'key' | 'layout' | 'ids'>, capacity: number): Run {
  return {
    key,
    layout,
    ids,
    times: new Float64Array(capacity),
    values: new Float64Array(capacity * layout.series.length),
    startTimes: undefined,
    histograms: new Map(),
    capacity,
    length: 0,
    staleFree: true,
  };
}

/** Adds one sample to each series. */
export function appendRow(
  run: Run,
  timeMs: number,
  { values, histograms, startTimesMs }: Pick<SampledSection, 'values' | 'histograms' | 'startTimesMs'>,
): void {
  if (run.length === run.capacity) grow(run);
  run.times[run.length] = timeMs;
  spread(values, run.values, run);
  if (run.staleFree && hasStale(values)) run.staleFree = false;
  if (startTimesMs !== undefined) {
    run.startTimes ??= new Float64Array(run.values.length);
    spread(startTimesMs, run.startTimes, run);
  }
  if (histograms !== undefined) appendHistograms(run, histograms);
  run.length++;
}

/** Words, not numbers: stale markers and other NaN payloads must keep their bits. */
function spread(row: Float64Array, columns: Float64Array, { length, capacity }: Run): void {
  const from = new Int32Array(row.buffer, row.byteOffset, row.length * 2);
  const to = new Int32Array(columns.buffer, columns.byteOffset, columns.length * 2);
  for (let i = 0, at = length * 2; i < row.length; i++, at += capacity * 2) {
    to[at] = from[2 * i];
    to[at + 1] = from[2 * i + 1];
  }
}

function hasStale(values: Float64Array): boolean {
  const words = wordsOf(values);
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i]) && isStaleAt(words, i)) return true;
  return false;
}

function appendHistograms(run: Run, row: readonly (Histogram | undefined)[]): void {
  for (let i = 0; i < row.length; i++) {
    const histogram = row[i];
    if (histogram === undefined) continue;
    let column = run.histograms.get(i);
    if (column === undefined) run.histograms.set(i, (column = []));
    const before = column[column.length - 1];
    while (column.length < run.length) column.push(undefined);
    column.push(before === undefined ? histogram : sharing(histogram, before));
  }
}

/** A histogram with the lists of the one before where they are equal: most scrapes find the same buckets. */
function sharing(histogram: Histogram, before: Histogram): Histogram {
  const { positive, negative, customBounds } = histogram;
  const bounds = before.customBounds;
  return {
    ...histogram,
    positive: { indexes: shared(positive.indexes, before.positive.indexes), counts: positive.counts },
    negative: { indexes: shared(negative.indexes, before.negative.indexes), counts: negative.counts },
    ...(customBounds && { customBounds: bounds && sameNumbers(customBounds, bounds) ? bounds : customBounds }),
  };
}

function shared(indexes: Int32Array, before: Int32Array): Int32Array {
  return sameNumbers(indexes, before) ? before : indexes;
}

function grow(run: Run): void {
  const capacity = run.capacity * 2;
  const times = new Float64Array(capacity);
  times.set(run.times);
  const wider = (columns: Float64Array): Float64Array => {
    const grown = new Float64Array(capacity * run.layout.series.length);
    for (let i = 0; i < run.layout.series.length; i++) {
      grown.set(columns.subarray(i * run.capacity, i * run.capacity + run.length), i * capacity);
    }
    return grown;
  };
  const values = wider(run.values);
  const startTimes = run.startTimes && wider(run.startTimes);
  Object.assign(run, { times, values, startTimes, capacity });
}

/** About how much memory a run takes. */
export function runBytes({ times, values, startTimes, histograms }: Run): number {
  let bytes = times.byteLength + values.byteLength + (startTimes?.byteLength ?? 0);
  for (const column of histograms.values()) bytes += histogramBytes(column);
  return bytes;
}
