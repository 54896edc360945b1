import { compareLabels, compareStrings, formatLabels, type Labels } from '#shared/model/labels.ts';
import { ByteWriter } from '../encoding/bytes.ts';
import { crc32c } from '../encoding/crc32c.ts';
import { type BlockPart, PartWriter } from './block-part.ts';
import type { ChunkMeta } from './chunk-meta.ts';
import {
  encodeToc,
  INDEX_FILE,
  INDEX_MAGIC,
  type IndexToc,
  POSTINGS_ALIGN_BYTES,
  SERIES_ALIGN_BYTES,
  U32_BYTES,
} from './index-format.ts';
import { PostingsBuilder, type PostingsList } from './postings-builder.ts';
import { encodeSeriesEntry } from './series-entry.ts';

const VERSION = 2;
const MAX_U32 = 0xffff_ffff;

/** What an index was written as. */
export interface WrittenIndex {
  readonly sizeBytes: number;
  readonly toc: IndexToc;
  /** The contents of the symbol table. */
  readonly symbolTable: Uint8Array;
  /** The contents of the postings offset table. */
  readonly postingsTable: Uint8Array;
  /** Of all series; they rise. */
  readonly refs: Uint32Array;
}

/** Writes the index of a block, byte for byte as Prometheus does. In memory it keeps the symbols and 8 bytes a series and 4
 *  a label.
 *  @see prometheus/tsdb/index/index.go Writer */
export class IndexWriter {
  readonly #file = new PartWriter(INDEX_FILE);
  readonly #symbolRefs: ReadonlyMap<string, number>;
  readonly #symbols: readonly string[];
  readonly #symbolTable: Uint8Array;
  readonly #seriesStart: number;
  readonly #postings = new PostingsBuilder();
  readonly #entry = new ByteWriter();
  readonly #frame = new ByteWriter();
  #lastLabels: Labels = [];
  #lastSymbols = new Uint32Array();
  #lastChunkRef = 0;
  #count = 0;

  /** @param symbols All names and values of labels, ordered, each once. @throws {RangeError} When they are not. */
  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
    this.#symbolRefs = numberSymbols(symbols);
    this.#symbolTable = encodeSymbolTable(symbols);
    this.#frame.u32be(INDEX_MAGIC);
    this.#frame.u8(VERSION);
    this.#writeSection(this.#symbolTable);
    this.#seriesStart = this.#file.position;
  }

  /** @param labels Above those of the series before. @param chunks In time order, not overlapping, their refs rising also
   *  from series to series.
   *  @returns The ref of the series. @throws {RangeError} When the order is not kept, or a label is not among the symbols. */
  add(labels: Labels, chunks: readonly ChunkMeta[]): number {
    if (this.#count > 0 && compareLabels(labels, this.#lastLabels) <= 0) {
      raise(labels, `it is not after ${formatLabels(this.#lastLabels)}`);
    }
    this.#checkChunks(labels, chunks);
    const symbols = this.#symbolsOf(labels);
    this.#file.pad(SERIES_ALIGN_BYTES);
    const ref = this.#file.position / SERIES_ALIGN_BYTES;
    if (ref > MAX_U32) raise(labels, 'the index would be larger than 64 GiB');
    this.#writeEntry(symbols, chunks);
    this.#postings.add(ref, symbols);
    this.#lastLabels = labels;
    this.#lastSymbols = symbols;
    this.#count++;
    return ref;
  }

  /** The parts that are full since the last call. */
  take(): readonly BlockPart[] {
    return this.#file.take();
  }

  /** Writes what follows the series. Nothing may be added any more. */
  *finish(): Generator<BlockPart, WrittenIndex> {
    const labelIndices = this.#file.position;
    this.#file.pad(POSTINGS_ALIGN_BYTES);
    const offsets = new PostingsOffsetsWriter();
    for (const list of this.#postings.lists(this.#symbols.length)) {
      this.#file.pad(POSTINGS_ALIGN_BYTES);
      const [name, value] = list.name < 0 ? ['', ''] : [this.#symbols[list.name], this.#symbols[list.value]];
      offsets.add(name, value, this.#file.position);
      this.#writePostings(list);
      yield* this.#file.take();
    }
    const postingsTable = offsets.finish();
    const tableStart = this.#file.position;
    this.#writeSection(postingsTable);
    const toc = {
      // Behind magic and version.
      symbols: U32_BYTES + 1,
      series: this.#seriesStart,
      labelIndices,
      // Lists of label values are no longer written, nor the table of where they are.
      labelIndicesTable: tableStart,
      postings: labelIndices,
      postingsTable: tableStart,
    };
    this.#file.write(encodeToc(toc));
    const sizeBytes = this.#file.position;
    this.#file.end();
    yield* this.#file.take();
    return { sizeBytes, toc, symbolTable: this.#symbolTable, postingsTable, refs: this.#postings.refs() };
  }

  #writeEntry(symbols: Uint32Array, chunks: readonly ChunkMeta[]): void {
    this.#entry.reset();
    encodeSeriesEntry(this.#entry, symbols, chunks);
    const contents = this.#entry.finish();
    this.#frame.varint(contents.length);
    this.#frame.bytes(contents);
    this.#frame.u32be(crc32c(contents));
    this.#flush();
  }

  #writePostings({ refs }: PostingsList): void {
    this.#entry.reset();
    this.#entry.u32be(refs.length);
    this.#entry.u32sbe(refs);
    this.#writeSection(this.#entry.finish());
  }

  #writeSection(contents: Uint8Array): void {
    if (contents.length > MAX_U32) {
      throw new RangeError(
        `Cannot write index: a section has ${contents.length} bytes, at most ${MAX_U32} are allowed`,
      );
    }
    this.#frame.u32be(contents.length);
    this.#flush();
    this.#file.write(contents);
    this.#frame.u32be(crc32c(contents));
    this.#flush();
  }

  #flush(): void {
    this.#file.write(this.#frame.finish());
    this.#frame.reset();
  }

  #symbolsOf(labels: Labels): Uint32Array<ArrayBuffer> {
    const symbols = new Uint32Array(labels.length);
    for (let i = 0; i < labels.length; i++) {
      // Neighbours have much in common, and comparing is faster than looking up.
      const known = labels[i] === this.#lastLabels[i] ? this.#lastSymbols[i] : this.#symbolRefs.get(labels[i]);
      symbols[i] = known ?? raise(labels, `"${labels[i]}" is not among the symbols`);
    }
    return symbols;
  }

  #checkChunks(labels: Labels, chunks: readonly ChunkMeta[]): void {
    let lastMs = Number.NEGATIVE_INFINITY;
    for (const { minMs, maxMs, ref } of chunks) {
      if (ref < this.#lastChunkRef) raise(labels, `its chunk reference ${ref} is below ${this.#lastChunkRef}`);
      if (minMs <= lastMs) raise(labels, `chunk minT ${minMs} is not higher than previous chunk maxT ${lastMs}`);
      if (maxMs < minMs) raise(labels, `chunk maxT ${maxMs} is less than minT ${minMs}`);
      this.#lastChunkRef = ref;
      lastMs = maxMs;
    }
  }
}

function raise(labels: Labels, problem: string): never {
  throw new RangeError(`Cannot write series ${formatLabels(labels)} to the index: ${problem}`);
}

/** The symbols of an index: what the caller's label sets have, and the empty one, as Prometheus's blocks do.
 *  @param strings In any order, repeated or not. */
export function indexSymbols(strings: Iterable<string>): readonly string[] {
  const symbols = [...new Set(strings).add('')].sort();
  // UTF-16 order is that of UTF-8 but for surrogates.
  return symbols.some((symbol) => /[\ud800-\uffff]/.test(symbol)) ? symbols.sort(compareStrings) : symbols;
}

function numberSymbols(symbols: readonly string[]): ReadonlyMap<string, number> {
  const refs = new Map<string, number>();
  for (let i = 0; i < symbols.length; i++) {
    if (i > 0 && compareStrings(symbols[i - 1], symbols[i]) >= 0) {
      throw new RangeError(`Cannot write index: symbol "${symbols[i]}" is not after "${symbols[i - 1]}"`);
    }
    refs.set(symbols[i], i);
  }
  return refs;
}

function encodeSymbolTable(symbols: readonly string[]): Uint8Array {
  const out = new ByteWriter(symbols.length * 16 + U32_BYTES);
  out.u32be(symbols.length);
  for (const symbol of symbols) out.string(symbol);
  return out.finish();
}

/** Where the list of each label is. */
class PostingsOffsetsWriter {
  readonly #out = new ByteWriter();
  #count = 0;

  constructor() {
    this.#out.u32be(0);
  }

  add(name: string, value: string, offset: number): void {
    this.#out.varint(2);
    this.#out.string(name);
    this.#out.string(value);
    this.#out.varint(offset);
    this.#count++;
  }

  finish(): Uint8Array {
    const contents = this.#out.finish();
    new DataView(contents.buffer, contents.byteOffset).setUint32(0, this.#count);
    return contents;
  }
}
