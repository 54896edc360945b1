import type { Histogram } from '#shared/model/histogram.ts';
import type { SelectOptions, SeriesSamples, TimeRange } from '#shared/model/storage.ts';
import type { ChainCache } from './chain-cache.ts';
import { partOf } from './joined-chain.ts';
import { cutPiece, lowerBound, mergePieces, type Piece, upperBound } from './pieces.ts';
import type { Run } from './run.ts';
import { sameNumbers } from './sample.ts';
import type { SelectedColumns, Selection, SeriesTable } from './series-table.ts';
import type { StreamWindow } from './stream-window.ts';

/** Of one run the batches from `start` to before `end`. */
interface RunPart {
  readonly run: Run;
  readonly start: number;
  readonly end: number;
}

/** The parts of one source with one layout, window after window: their series share times. */
interface Chain {
  readonly selected: SelectedColumns;
  readonly parts: RunPart[];
}

/** For each series of a selection its samples, as they are found. */
class FoundPieces {
  readonly #first: (Piece | undefined)[];
  readonly #more = new Map<number, Piece[]>();

  constructor(size: number) {
    this.#first = new Array(size).fill(undefined);
  }

  add(position: number, piece: Piece): void {
    if (this.#first[position] === undefined) this.#first[position] = piece;
    else {
      const more = this.#more.get(position);
      if (more === undefined) this.#more.set(position, [piece]);
      else more.push(piece);
    }
  }

  /** All samples of a series, merged. */
  at(position: number): Piece | undefined {
    const first = this.#first[position];
    const more = this.#more.get(position);
    return first === undefined || more === undefined ? first : mergePieces([first, ...more]);
  }
}

/** The samples of a selection in some windows, ordered by labels.
 *  @param windows In the order of time; of one time, in the order in which samples win over later ones. */
export function selectSamples(
  windows: readonly StreamWindow[],
  { table, selection, cache }: { table: SeriesTable; selection: Selection; cache: ChainCache },
  { range, options }: { readonly range: TimeRange; readonly options: SelectOptions },
): SeriesSamples[] {
  const { ids } = selection;
  if (ids.length === 0) return [];
  const found = new FoundPieces(ids.length);
  const context = { found, options, sharedTimes: createSharedTimes(), cache };
  for (const chain of chainsIn(windows, selection, range)) {
    options.signal?.throwIfAborted();
    addChain(chain, context);
  }
  table.withMarks(ids, (marks) => addLoose(found, windows, { marks, range }));
  const series: SeriesSamples[] = [];
  for (let i = 0; i < ids.length; i++) {
    const piece = found.at(i);
    if (piece !== undefined) series.push(toSamples(table, ids[i], piece));
  }
  return series;
}

function toSamples(table: SeriesTable, id: number, piece: Piece): SeriesSamples {
  const { times: timestampsMs, values, histograms, startTimes: startTimestampsMs } = piece;
  const staleFree = piece.staleFree || undefined;
  return { labels: table.labelsOf(id), timestampsMs, values, histograms, startTimestampsMs, staleFree };
}

function chainsIn(windows: readonly StreamWindow[], selection: Selection, range: TimeRange): Iterable<Chain> {
  const chains = new Map<string, Chain>();
  for (const window of windows) {
    for (const run of window.runs) {
      const start = lowerBound(run.times, run.length, range.minMs);
      const end = upperBound(run.times, run.length, range.maxMs);
      if (start >= end) continue;
      let chain = chains.get(run.key);
      if (chain === undefined) {
        const selected = selection.columnsOf(run.ids);
        if (selected.columns.length === 0) continue;
        chains.set(run.key, (chain = { selected, parts: [] }));
      }
      chain.parts.push({ run, start, end });
    }
  }
  return chains.values();
}

interface ChainContext {
  readonly found: FoundPieces;
  readonly options: SelectOptions;
  readonly sharedTimes: (times: Float64Array) => Float64Array;
  readonly cache: ChainCache;
}

/** Makes equal lists of times one: what readers work out for one list, they need not work out for the next. */
function createSharedTimes(): (times: Float64Array) => Float64Array {
  const known: Float64Array[] = [];
  return (times) => {
    const same = known.find((list) => sameNumbers(list, times));
    if (same !== undefined) return same;
    if (known.length < MAX_KNOWN_TIMES) known.push(times);
    return times;
  };
}

/** Targets of a stream mostly have the same times; where each has its own, looking for equal ones is in vain. */
const MAX_KNOWN_TIMES = 8;

/** Adds a chain's series: views of what lies in one piece, else columns joined for this query alone. */
function addChain(chain: Chain, context: ChainContext): void {
  const { parts } = chain;
  if (parts.length === 1 || !rises(parts)) {
    for (const part of parts) addViews(part, chain.selected, context);
  } else if (!takesMost(parts) || !addKept(chain, context)) addJoined(chain, context);
}

/** Whether it is worth joining all of the runs for others to use: not for the few samples around a window's end. */
function takesMost(parts: readonly RunPart[]): boolean {
  let taken = 0;
  let all = 0;
  for (const { run, start, end } of parts) {
    taken += end - start;
    all += run.length;
  }
  return taken * 2 >= all;
}

/** @returns Whether it could be done. */
function addKept({ selected, parts }: Chain, { found, options, sharedTimes, cache }: ChainContext): boolean {
  const chain = cache.chainOf(parts.map(({ run }) => run));
  if (chain === undefined) return false;
  const { columns, positions } = selected;
  const { times: allTimes } = chain;
  const last = parts[parts.length - 1];
  const start = lowerBound(allTimes, allTimes.length, parts[0].run.times[parts[0].start]);
  const end = upperBound(allTimes, allTimes.length, last.run.times[last.end - 1]);
  const times = sharedTimes(allTimes.subarray(start, end));
  options.reserve?.(chain.bytesFor(columns));
  for (let i = 0; i < columns.length; i++) found.add(positions[i], chain.piece(columns[i], { start, end, times }));
  cache.keep(last.run.key, chain);
  return true;
}

function rises(parts: readonly RunPart[]): boolean {
  return parts.every((part, i) => {
    if (i === 0) return true;
    const before = parts[i - 1];
    return before.run.times[before.end - 1] < part.run.times[part.start];
  });
}

function addViews(
  { run, start, end }: RunPart,
  { columns, positions }: SelectedColumns,
  { found, sharedTimes }: ChainContext,
): void {
  const times = sharedTimes(run.times.subarray(start, end));
  const { staleFree } = run;
  for (let i = 0; i < columns.length; i++) {
    const at = columns[i] * run.capacity;
    found.add(positions[i], {
      times,
      values: run.values.subarray(at + start, at + end),
      histograms: partHistograms(run.histograms.get(columns[i]), start, end),
      startTimes: run.startTimes?.subarray(at + start, at + end),
      staleFree,
    });
  }
}

function addJoined({ selected, parts }: Chain, { found, options: { reserve }, sharedTimes }: ChainContext): void {
  const { columns, positions } = selected;
  const length = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  const hasStartTimes = parts.some(({ run }) => run.startTimes !== undefined);
  reserve?.(length * 8 * (1 + columns.length * (hasStartTimes ? 2 : 1)));
  const times = sharedTimes(joinTimes(parts, length));
  const staleFree = parts.every(({ run }) => run.staleFree);
  const values = joinColumns(parts, { columns, length, of: ({ values }) => values });
  const startTimes = hasStartTimes
    ? joinColumns(parts, { columns, length, of: ({ startTimes }) => startTimes })
    : undefined;
  for (let i = 0; i < columns.length; i++) {
    found.add(positions[i], {
      times,
      values: values.subarray(i * length, (i + 1) * length),
      histograms: joinHistograms(parts, columns[i]),
      startTimes: startTimes?.subarray(i * length, (i + 1) * length),
      staleFree,
    });
  }
}

function joinTimes(parts: readonly RunPart[], length: number): Float64Array {
  const times = new Float64Array(length);
  let at = 0;
  for (const { run, start, end } of parts) {
    times.set(run.times.subarray(start, end), at);
    at += end - start;
  }
  return times;
}

/** The columns one after the other, each `length` long; 0 where a run has none. */
function joinColumns(
  parts: readonly RunPart[],
  { columns, length, of }: { columns: Int32Array; length: number; of: (run: Run) => Float64Array | undefined },
): Float64Array {
  const joined = new Float64Array(columns.length * length);
  let offset = 0;
  for (const { run, start, end } of parts) {
    const source = of(run);
    for (let i = 0; i < columns.length && source !== undefined; i++) {
      const at = columns[i] * run.capacity;
      joined.set(source.subarray(at + start, at + end), i * length + offset);
    }
    offset += end - start;
  }
  return joined;
}

type Histograms = (Histogram | undefined)[];

/** @param column May be shorter than the run: what is missing is a float. */
function partHistograms(column: Histograms | undefined, start: number, end: number): Histograms | undefined {
  if (column === undefined || column.length <= start) return undefined;
  const part = partOf(column, start, end);
  while (part !== undefined && part.length < end - start) part.push(undefined);
  return part;
}

function joinHistograms(parts: readonly RunPart[], column: number): Histograms | undefined {
  if (!parts.some(({ run }) => run.histograms.has(column))) return undefined;
  const joined: Histograms = [];
  let any = false;
  for (const { run, start, end } of parts) {
    const part = partHistograms(run.histograms.get(column), start, end);
    any ||= part !== undefined;
    for (let i = 0; i < end - start; i++) joined.push(part?.[i]);
  }
  return any ? joined : undefined;
}

function addLoose(
  found: FoundPieces,
  windows: readonly StreamWindow[],
  { marks, range }: { readonly marks: Int32Array; readonly range: TimeRange },
): void {
  for (const window of windows) {
    for (const [id, { samples, stale }] of window.loose) {
      if (marks[id] === 0) continue;
      for (const list of [samples, stale]) {
        const piece = list && cutPiece(list.piece(), range);
        if (piece !== undefined) found.add(marks[id] - 1, piece);
      }
    }
  }
}
