import type { Histogram } from '#shared/model/histogram.ts';
import type { Piece } from './pieces.ts';
import type { Run } from './run.ts';

/** Consecutive runs of one source with one layout as one: each series that was asked for lies in one piece. Queries of
 *  dashboards go over the same windows again and again; they find them joined, and add what is new at the end. */
export class JoinedChain {
  readonly #parts: JoinedPart[] = [];
  readonly #times: Float64Array;
  readonly #columns = new Map<number, JoinedColumn>();
  #length = 0;
  #sizeBytes: number;

  /** @param capacity How many samples a series may get. */
  constructor(capacity: number) {
    this.#times = new Float64Array(capacity);
    this.#sizeBytes = 1024 + this.#times.byteLength;
  }

  /** About how much memory it takes. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Of all samples: views, to be cut. */
  get times(): Float64Array {
    return this.#times.subarray(0, this.#length);
  }

  get runs(): readonly Run[] {
    return this.#parts.map(({ run }) => run);
  }

  /** Takes in what is new of some runs, which follow one another.
   *  @returns Whether it has them all now, with nothing between them. If not, it is of no more use. */
  take(runs: readonly Run[]): boolean {
    let at = this.#parts.length === 0 ? 0 : this.#parts.findIndex(({ run }) => run === runs[0]);
    if (at < 0) return false;
    for (const run of runs) {
      if (at === this.#parts.length) this.#parts.push({ run, offset: this.#length, taken: 0 });
      else if (this.#parts[at].run !== run) return false;
      if (!this.#takeTimes(at)) return false;
      at++;
    }
    return true;
  }

  /** Only the last part may grow: of the others all was taken. */
  #takeTimes(at: number): boolean {
    const part = this.#parts[at];
    const { run, taken } = part;
    if (taken === run.length) return true;
    if (at < this.#parts.length - 1 || this.#length + run.length - taken > this.#times.length) return false;
    if (this.#length > 0 && run.times[taken] <= this.#times[this.#length - 1]) return false;
    this.#times.set(run.times.subarray(taken, run.length), this.#length);
    this.#length += run.length - taken;
    part.taken = run.length;
    return true;
  }

  /** The memory that columns will take which nobody asked for before. */
  bytesFor(columns: Int32Array): number {
    let missing = 0;
    for (let i = 0; i < columns.length; i++) if (!this.#columns.has(columns[i])) missing++;
    return missing * this.#times.byteLength;
  }

  /** The samples `start` up to `end` of a column. @param times Of these samples. */
  piece(column: number, { start, end, times }: { start: number; end: number; times: Float64Array }): Piece {
    const { values, startTimes, histograms, staleFree } = this.#column(column);
    return {
      times,
      values: values.subarray(start, end),
      startTimes: startTimes?.subarray(start, end),
      histograms: histograms && partOf(histograms, start, end),
      staleFree,
    };
  }

  #column(index: number): JoinedColumn {
    let column = this.#columns.get(index);
    if (column === undefined) {
      column = { values: this.#newList(), filled: 0, startTimes: undefined, histograms: undefined, staleFree: true };
      this.#columns.set(index, column);
    }
    if (column.filled < this.#length) this.#fill(column, index);
    return column;
  }

  #newList(): Float64Array {
    this.#sizeBytes += this.#times.byteLength;
    return new Float64Array(this.#times.length);
  }

  #fill(column: JoinedColumn, index: number): void {
    for (const { run, offset, taken } of this.#parts) {
      if (offset + taken <= column.filled) continue;
      const start = column.filled - offset;
      const at = index * run.capacity;
      column.values.set(run.values.subarray(at + start, at + taken), column.filled);
      if (run.startTimes !== undefined) {
        column.startTimes ??= this.#newList();
        column.startTimes.set(run.startTimes.subarray(at + start, at + taken), column.filled);
      }
      this.#fillHistograms(column, run.histograms.get(index), { start, end: taken });
      if (!run.staleFree) column.staleFree = false;
      column.filled = offset + taken;
    }
  }

  #fillHistograms(
    column: JoinedColumn,
    from: readonly (Histogram | undefined)[] | undefined,
    { start, end }: { readonly start: number; readonly end: number },
  ): void {
    if (from === undefined && column.histograms === undefined) return;
    column.histograms ??= new Array(column.filled).fill(undefined);
    for (let i = start; i < end; i++) column.histograms.push(from?.[i]);
    this.#sizeBytes += 8 * (end - start);
  }
}

interface JoinedPart {
  readonly run: Run;
  /** Where its samples begin. */
  readonly offset: number;
  /** How many of its samples are there. */
  taken: number;
}

interface JoinedColumn {
  readonly values: Float64Array;
  /** How many samples are there: the first of the chain. */
  filled: number;
  startTimes: Float64Array | undefined;
  histograms: (Histogram | undefined)[] | undefined;
  staleFree: boolean;
}

/** A part of a list; `undefined` when there is no histogram in it. */
export function partOf(
  histograms: readonly (Histogram | undefined)[],
  start: number,
  end: number,
): (Histogram | undefined)[] | undefined {
  const part = histograms.slice(start, end);
  return part.some((histogram) => histogram !== undefined) ? part : undefined;
}
