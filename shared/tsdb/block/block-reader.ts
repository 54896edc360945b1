import type { Labels } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { SelectOptions, TimeRange } from '#shared/model/storage.ts';
import type { ByteRange } from '#shared/ports/object-store.ts';
import { type BlockMeta, blockMetaChecksum, META_FILE, parseBlockMeta } from './block-meta.ts';
import {
  BlockCorruptError,
  type BlockSource,
  decodeAt,
  decodeEach,
  MAX_GAP_BYTES,
  readFile,
  readFrames,
  readRanges,
} from './block-source.ts';
import { type ChunkMeta, type ChunkPayload, overlaps } from './chunk-meta.ts';
import { type ChunkSpan, ChunkSpans, readChunks, readSpans } from './chunk-reads.ts';
import {
  decodePostings,
  INDEX_FILE,
  readSection,
  readSeriesFrame,
  SERIES_ALIGN_BYTES,
  sectionEnd,
  seriesFrameBytes,
} from './index-format.ts';
import { type OpenIndex, openIndex, openIndexBySidecar } from './open-index.ts';
import { firstNotBelow, intersect, subtract, unite } from './postings-math.ts';
import { planPostings } from './select-postings.ts';
import { decodeSeriesEntry } from './series-entry.ts';
import { decodeSidecar, SIDECAR_FILE } from './sidecar.ts';
import { decodeTombstones, TOMBSTONES_FILE, type Tombstones } from './tombstones.ts';

/** A series of a block, with its chunks that were asked for. */
export interface BlockSeries<Chunk = ChunkMeta> {
  /** Names the series in this block; rises with the labels. */
  readonly ref: number;
  readonly labels: Labels;
  /** In time order, not overlapping. */
  readonly chunks: readonly Chunk[];
}

/** A chunk with its samples. */
export type StoredChunk = ChunkMeta & ChunkPayload;

/** Opens a block with one round of reads when it has a sidecar, else with up to four.
 *  @param options.useSidecar False to read the index as others do. @default true
 *  @throws {BlockCorruptError} When a file of it is damaged or missing. */
export async function openBlock(
  source: BlockSource,
  options: { readonly useSidecar?: boolean } = {},
): Promise<BlockReader> {
  const [meta, tombstones, sidecar] = await Promise.all([
    readMeta(source),
    readTombstones(source),
    options.useSidecar === false ? undefined : readFile(source, SIDECAR_FILE),
  ]);
  if (sidecar === undefined) return new BlockReader(await openIndex(source), meta, tombstones);
  const place = { blockId: source.id, path: SIDECAR_FILE, offset: 0 };
  const opened = decodeAt(place, () => decodeSidecar(sidecar));
  if (opened.metaChecksum !== blockMetaChecksum(meta)) {
    throw new BlockCorruptError({ ...place, path: META_FILE }, `it is not the one that ${SIDECAR_FILE} was made with`);
  }
  return new BlockReader(openIndexBySidecar(source, opened), meta, tombstones);
}

/** Reads `meta.json` alone. @throws {BlockCorruptError} When it is damaged, missing, or of another block. */
export async function readMeta(source: BlockSource): Promise<BlockMeta> {
  const place = { blockId: source.id, path: META_FILE, offset: 0 };
  const file = await readFile(source, META_FILE);
  if (file === undefined) throw new BlockCorruptError(place, 'the file is missing');
  const meta = decodeAt(place, () => parseBlockMeta(new TextDecoder('utf-8', { fatal: true }).decode(file)));
  if (meta.ulid !== source.id) throw new BlockCorruptError(place, `it is of block ${meta.ulid}`);
  return meta;
}

/** Reads what is deleted of a block; nothing where it has no such file. @throws {BlockCorruptError} When it is damaged. */
export async function readTombstones(source: BlockSource): Promise<Tombstones> {
  const file = await readFile(source, TOMBSTONES_FILE);
  if (file === undefined) return new Map();
  return decodeAt({ blockId: source.id, path: TOMBSTONES_FILE, offset: 0 }, () => decodeTombstones(file));
}

/** What most series entries fit in. */
const SERIES_GUESS_BYTES = 256;
const MAX_SERIES_BYTES = 64 * 1024 * 1024;

/** Reads a block that does not change. Everything that is read is checked by its checksum.
 *  @see prometheus/tsdb/index/index.go Reader, prometheus/tsdb/chunks/chunks.go Reader */
export class BlockReader {
  readonly meta: BlockMeta;
  /** Not applied to what is read. */
  readonly tombstones: Tombstones;
  readonly #index: OpenIndex;
  readonly #source: BlockSource;

  constructor(index: OpenIndex, meta: BlockMeta, tombstones: Tombstones) {
    this.meta = meta;
    this.tombstones = tombstones;
    this.#index = index;
    this.#source = index.source;
  }

  /** Of the tables that stay in memory, besides texts that were looked up. */
  get indexMemoryBytes(): number {
    const { symbols, offsets, places } = this.#index;
    return (
      symbols.memoryBytes + offsets.memoryBytes + (places ? places.refs.byteLength + places.chunkStarts.byteLength : 0)
    );
  }

  /** All names and values of labels, and the empty symbol, ordered: what the symbols of a block made of this one begin with. */
  symbols(): Generator<string> {
    return this.#index.symbols.all();
  }

  /** The names of labels, ordered. */
  labelNames(): readonly string[] {
    return this.#index.offsets.names();
  }

  /** The values of a label, ordered. */
  labelValues(name: string): readonly string[] {
    const values: string[] = [];
    this.#index.offsets.scan(name, (value) => values.push(value));
    return name === '' ? [] : values;
  }

  /** The refs of the series that have the label, ordered. @throws {BlockCorruptError} */
  async postings(name: string, value: string): Promise<Uint32Array> {
    const range = this.#index.offsets.find(name, value);
    if (range === undefined) return new Uint32Array();
    return (await this.#readPostings([range]))[0];
  }

  /** The refs of the series that match, ordered as their labels are; not to be written into. One round of reads.
   *  @throws {BlockCorruptError} */
  async select(matchers: readonly Matcher[], options: SelectOptions = {}): Promise<Uint32Array> {
    const plan = planPostings(this.#index.offsets, matchers);
    if (plan === undefined) return new Uint32Array();
    const { places } = this.#index;
    // Only without a list to begin with, all series are needed.
    const everything = plan.all.length === 0 && places === undefined ? this.#index.offsets.find('', '') : undefined;
    const groups = [...plan.all, plan.none, everything === undefined ? [] : [everything]];
    const read = await this.#readPostings(groups.flat(), options.signal);
    let at = 0;
    const lists = groups.map((group) => read.slice(at, (at += group.length)));
    const included = lists.slice(0, plan.all.length).map(unite);
    const [none, all] = lists.slice(plan.all.length);
    const refs = included.length > 0 ? intersect(included) : (all[0] ?? places?.refs ?? new Uint32Array());
    return none.length === 0 ? refs : subtract(refs, unite(none));
  }

  /** Reads series without their samples. One round of reads, mostly.
   *  @param refs As `select` gives them. @param range Only chunks that may have a sample in it, and series with such.
   *  @throws {BlockCorruptError} */
  async series(
    refs: Uint32Array,
    range: TimeRange,
    options: Pick<SelectOptions, 'signal'> = {},
  ): Promise<readonly BlockSeries[]> {
    const found = await this.#readEntries(refs, options.signal);
    return found.flatMap(({ ref, labels, chunks }) => {
      const wanted = chunks.filter((chunk) => overlaps(chunk, range.minMs, range.maxMs));
      return wanted.length === 0 ? [] : [{ ref, labels, chunks: wanted }];
    });
  }

  /** Reads series with those of their chunks that may have a sample in the range. With a sidecar, in one round of reads where
   *  the chunks of a series are near each other; else in two or three.
   *  @param refs As `select` gives them. @throws {BlockCorruptError} */
  async read(
    refs: Uint32Array,
    range: TimeRange,
    options: SelectOptions = {},
  ): Promise<readonly BlockSeries<StoredChunk>[]> {
    const spans = this.#shortSpans(refs);
    options.reserve?.(spans.reduce((total, { length }) => total + length, 0));
    const [series, bytes] = await Promise.all([
      this.series(refs, range, options),
      readSpans(this.#source, spans, options.signal),
    ]);
    const metas = series.flatMap(({ chunks }) => chunks);
    const payloads = await readChunks(this.#source, metas, { ...options, known: bytes });
    let at = 0;
    return series.map(({ ref, labels, chunks }) => ({
      ref,
      labels,
      chunks: chunks.map(({ minMs, maxMs, ref: chunkRef }) => {
        const { encoding, bytes: payload } = payloads[at++];
        return { minMs, maxMs, ref: chunkRef, encoding, bytes: payload };
      }),
    }));
  }

  async #readPostings(ranges: readonly ByteRange[], signal?: AbortSignal): Promise<readonly Uint32Array[]> {
    const sections = await readRanges(this.#source, INDEX_FILE, ranges, signal);
    const placeOf = (i: number) => this.#placeInIndex(ranges[i].offset);
    return decodeEach(sections.length, placeOf, (i) => decodePostings(readSection(sections[i])));
  }

  async #readEntries(refs: Uint32Array, signal?: AbortSignal): Promise<readonly BlockSeries[]> {
    const align = this.#index.version === 1 ? 1 : SERIES_ALIGN_BYTES;
    const requests = Array.from(refs, (ref) => ({ offset: ref * align, guessBytes: this.#entryBytes(ref) }));
    const kind = { frameBytes: seriesFrameBytes, maxBytes: MAX_SERIES_BYTES, signal };
    const frames = await readFrames(this.#source, INDEX_FILE, requests, kind);
    const symbol = (ref: number) => this.#index.symbols.get(ref);
    const placeOf = (i: number) => this.#placeInIndex(requests[i].offset);
    return decodeEach(frames.length, placeOf, (i) => {
      const { labels, chunks } = decodeSeriesEntry(readSeriesFrame(frames[i]), symbol);
      return { ref: refs[i], labels, chunks };
    });
  }

  /** What to read for the entry of a series: with a sidecar, up to the next one. */
  #entryBytes(ref: number): number {
    const { places, toc, sizeBytes } = this.#index;
    if (places === undefined) return SERIES_GUESS_BYTES;
    const next = places.refs[firstNotBelow(places.refs, ref + 1)];
    const end = next === undefined ? sectionEnd(toc, toc.series, sizeBytes) : next * SERIES_ALIGN_BYTES;
    return end - ref * SERIES_ALIGN_BYTES;
  }

  /** Where the chunks of each series are, for those whose chunks are so near that reading some reads all. */
  #shortSpans(refs: Uint32Array): readonly ChunkSpan[] {
    const { places } = this.#index;
    if (places === undefined) return [];
    const spans = new ChunkSpans(places);
    return Array.from(refs).flatMap((ref) => {
      const own = spans.of(firstNotBelow(places.refs, ref));
      return own.reduce((total, { length }) => total + length, 0) <= MAX_GAP_BYTES ? own : [];
    });
  }

  #placeInIndex(offset: number) {
    return { blockId: this.#source.id, path: INDEX_FILE, offset };
  }
}
