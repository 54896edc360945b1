import { compareLabels, compareStrings, formatLabels, type Labels } from '#shared/model/labels.ts';
import type { ByteRange } from '#shared/ports/object-store.ts';
import type { BlockMeta } from './block-meta.ts';
import { BlockCorruptError, type BlockSource, decodeAt, readRanges } from './block-source.ts';
import type { ChunkMeta } from './chunk-meta.ts';
import {
  decodePostings,
  INDEX_FILE,
  readSection,
  readSeriesFrame,
  SERIES_ALIGN_BYTES,
  sectionEnd,
  seriesFrameBytes,
} from './index-format.ts';
import type { OpenIndex } from './open-index.ts';
import { PostingsBuilder, type PostingsList } from './postings-builder.ts';
import { decodeSeriesEntry, decodeSeriesSymbols } from './series-entry.ts';

/** A series as it is in the index. */
export interface IndexedSeries {
  readonly ref: number;
  /** Bytes from the start of the index. */
  readonly offset: number;
  readonly labels: Labels;
  readonly chunks: readonly ChunkMeta[];
  /** The contents of its entry. */
  readonly contents: Uint8Array;
}

/** What is read of the series at once. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/** All series of an index in the order of the file, without looking at refs or postings.
 *  @throws {BlockCorruptError} When an entry is damaged: where the next one begins is not known then. */
export async function* walkSeries(index: OpenIndex): AsyncGenerator<IndexedSeries> {
  const { source, toc, sizeBytes, version } = index;
  const end = sectionEnd(toc, toc.series, sizeBytes);
  let window: Window = { offset: toc.series, bytes: new Uint8Array() };
  for (let at = toc.series; at < end; ) {
    const windowEnd = window.offset + window.bytes.length;
    if (windowEnd < end && windowEnd - at < WINDOW_BYTES / 2) window = await readWindow(source, at, end);
    const start = skipPadding(source, window, at);
    if (start >= end) return;
    const aligned = version === 1 || (start % SERIES_ALIGN_BYTES === 0 && start - at < SERIES_ALIGN_BYTES);
    if (!aligned) throw corrupt(source, start, 'a series begins here, where none can');
    let bytes = window.bytes.subarray(start - window.offset);
    const size = decodeAt(placeOf(source, start), () => seriesFrameBytes(bytes));
    if (size === 0 || start + size > end) throw corrupt(source, start, 'a series goes over the end of its section');
    if (size > bytes.length) [bytes] = await readRanges(source, INDEX_FILE, [{ offset: start, length: size }]);
    yield decodeAt(placeOf(source, start), () => decodeEntry(index, bytes, start));
    at = start + size;
  }
}

function decodeEntry({ symbols, version }: OpenIndex, bytes: Uint8Array, offset: number): IndexedSeries {
  const contents = readSeriesFrame(bytes);
  const { labels, chunks } = decodeSeriesEntry(contents, (symbol) => symbols.get(symbol));
  return { ref: version === 1 ? offset : offset / SERIES_ALIGN_BYTES, offset, labels, chunks, contents };
}

/** A part of the index. */
interface Window {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

async function readWindow(source: BlockSource, offset: number, end: number): Promise<Window> {
  const [bytes] = await readRanges(source, INDEX_FILE, [{ offset, length: Math.min(WINDOW_BYTES, end - offset) }]);
  return { offset, bytes };
}

/** The next byte that is not 0, or the end of the window. */
function skipPadding(source: BlockSource, window: Window, at: number): number {
  const start = at - window.offset;
  if (start > window.bytes.length) throw corrupt(source, at, 'the file ends');
  const length = window.bytes.subarray(start).findIndex((byte) => byte !== 0);
  return length < 0 ? window.offset + window.bytes.length : at + length;
}

/** Checks the order of series and chunks while they go by, and then that the lists of postings are those of the series. */
export class SeriesChecks {
  readonly #index: OpenIndex;
  readonly #meta: BlockMeta;
  readonly #postings = new PostingsBuilder();
  #last: IndexedSeries | undefined;
  #lastChunk: ChunkMeta | undefined;
  #maxSymbol = 0;

  constructor(index: OpenIndex, meta: BlockMeta) {
    this.#index = index;
    this.#meta = meta;
  }

  /** The refs of the series so far. */
  get refs(): Uint32Array {
    return this.#postings.refs();
  }

  /** @returns What is wrong with the series. */
  add(series: IndexedSeries): readonly string[] {
    const symbols = decodeSeriesSymbols(series.contents);
    for (const symbol of symbols) this.#maxSymbol = Math.max(this.#maxSymbol, symbol);
    this.#postings.add(series.ref, symbols);
    const problems = [
      ...this.#labelProblems(series),
      ...series.chunks.flatMap((chunk, i) => this.#chunkProblems(chunk, i)),
    ];
    this.#last = series;
    return problems.map((problem) => `series ${formatLabels(series.labels)}: ${problem}`);
  }

  *#labelProblems({ labels, chunks }: IndexedSeries): Generator<string> {
    if (this.#last !== undefined && compareLabels(labels, this.#last.labels) <= 0) {
      yield `it is not after ${formatLabels(this.#last.labels)}`;
    }
    for (let i = 0; i < labels.length; i += 2) {
      if (i > 0 && compareStrings(labels[i - 2], labels[i]) >= 0) yield `label "${labels[i]}" is out of order`;
      if (labels[i + 1] === '') yield `label "${labels[i]}" is empty`;
    }
    if (chunks.length === 0) yield 'it has no chunk';
  }

  #chunkProblems(chunk: ChunkMeta, i: number): readonly string[] {
    const { minMs, maxMs, ref } = chunk;
    const { minTime, maxTime } = this.#meta;
    const last = this.#lastChunk;
    this.#lastChunk = chunk;
    const problems: string[] = [];
    if (last !== undefined && ref <= last.ref) problems.push(`chunk reference ${ref} is not above ${last.ref}`);
    if (i > 0 && minMs <= last!.maxMs)
      problems.push(`chunk at ${minMs} begins before ${last!.maxMs}, where the last ends`);
    if (minMs < minTime || maxMs >= maxTime) {
      problems.push(`chunk of ${minMs} to ${maxMs} is outside of the block's ${minTime} to ${maxTime}`);
    }
    return problems;
  }

  /** Compares the lists of postings with the series that went by. */
  async *checkPostings(): AsyncGenerator<BlockCorruptError> {
    const { offsets, source, toc } = this.#index;
    let count = 0;
    for (const batch of batches(this.#postings.lists(this.#maxSymbol + 1))) {
      count += batch.length;
      const lists: ExpectedList[] = [];
      for (const { name, value, refs } of batch) {
        const range = offsets.find(this.#text(name), this.#text(value));
        const label = `${this.#text(name)}="${this.#text(value)}"`;
        if (range === undefined) yield corrupt(source, toc.postingsTable, `there are no postings of ${label}`);
        else lists.push({ label, refs, range });
      }
      yield* await compareLists(source, lists);
    }
    const actual = ['', ...offsets.names()].reduce((total, name) => total + this.#countValues(name), 0);
    if (actual !== count) {
      yield corrupt(source, toc.postingsTable, `there are ${actual} lists of postings, expected ${count}`);
    }
  }

  #text(symbol: number): string {
    return symbol < 0 ? '' : this.#index.symbols.get(symbol);
  }

  #countValues(name: string): number {
    let count = 0;
    this.#index.offsets.scan(name, () => count++);
    return count;
  }
}

/** What the list of postings at a place must be. */
interface ExpectedList {
  readonly label: string;
  readonly refs: Uint32Array;
  readonly range: ByteRange;
}

async function compareLists(
  source: BlockSource,
  lists: readonly ExpectedList[],
): Promise<readonly BlockCorruptError[]> {
  const sections = await readRanges(
    source,
    INDEX_FILE,
    lists.map(({ range }) => range),
  );
  return lists.flatMap(({ label, refs, range: { offset } }, i) => {
    try {
      const actual = decodeAt(placeOf(source, offset), () => decodePostings(readSection(sections[i])));
      const same = actual.length === refs.length && actual.every((ref, at) => ref === refs[at]);
      return same ? [] : [corrupt(source, offset, `the postings of ${label} are not the series that have it`)];
    } catch (error) {
      if (error instanceof BlockCorruptError) return [error];
      throw error;
    }
  });
}

/** So many refs are compared at once. */
const BATCH_REFS = 1_000_000;

/** The lists, several at once; copied, as each is overwritten by the next. */
function* batches(lists: Iterable<PostingsList>): Generator<readonly PostingsList[]> {
  let batch: PostingsList[] = [];
  let refs = 0;
  for (const list of lists) {
    batch.push({ ...list, refs: list.refs.slice() });
    refs += list.refs.length;
    if (refs < BATCH_REFS) continue;
    yield batch;
    batch = [];
    refs = 0;
  }
  yield batch;
}

function placeOf(source: BlockSource, offset: number) {
  return { blockId: source.id, path: INDEX_FILE, offset };
}

function corrupt(source: BlockSource, offset: number, problem: string): BlockCorruptError {
  return new BlockCorruptError(placeOf(source, offset), problem);
}
