import type { Layout } from '../layout.ts';

/** Consecutive batches of one source with one layout: a column of values a series and one shared column of times.
 *  Columns lie one after the other in `values`, each `capacity` long. */
export interface Run {
  readonly layout: Layout;
  /** Unix milliseconds, rising. Only the first `length` count. */
  times: Float64Array;
  values: Float64Array;
  capacity: number;
  length: number;
}

const FIRST_CAPACITY = 8;

export function createRun(layout: Layout): Run {
  return {
    layout,
    times: new Float64Array(FIRST_CAPACITY),
    values: new Float64Array(FIRST_CAPACITY * layout.series.length),
    capacity: FIRST_CAPACITY,
    length: 0,
  };
}

/** Adds one sample to each series. @param row One value a series, in the layout's order; copied bit by bit. */
export function appendRow(run: Run, timeMs: number, row: Float64Array): void {
  if (run.length === run.capacity) grow(run);
  run.times[run.length] = timeMs;
  // Words, not numbers: stale markers and other NaN payloads must keep their bits.
  const from = new Int32Array(row.buffer, row.byteOffset, row.length * 2);
  const to = new Int32Array(run.values.buffer, run.values.byteOffset, run.values.length * 2);
  for (let i = 0, at = run.length * 2; i < row.length; i++, at += run.capacity * 2) {
    to[at] = from[2 * i];
    to[at + 1] = from[2 * i + 1];
  }
  run.length++;
}

function grow(run: Run): void {
  const capacity = run.capacity * 2;
  const times = new Float64Array(capacity);
  times.set(run.times);
  const values = new Float64Array(capacity * run.layout.series.length);
  for (let i = 0; i < run.layout.series.length; i++) values.set(column(run, i), i * capacity);
  Object.assign(run, { times, values, capacity });
}

/** The values of series `index`, `run.length` of them: a view. */
export function column(run: Run, index: number): Float64Array {
  const start = index * run.capacity;
  return run.values.subarray(start, start + run.length);
}

/** The first index with `times[index] ≥ timeMs`; `length` when there is none. */
export function lowerBound(times: Float64Array, length: number, timeMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
