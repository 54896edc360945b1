import { type BlockMeta, blockMetaChecksum, META_FILE } from './block-meta.ts';
import { readMeta, readTombstones } from './block-reader.ts';
import { BlockCorruptError, type BlockSource, decodeAt, readFile, readRanges } from './block-source.ts';
import { type ChunkMeta, offsetOf, segmentOf, segmentPath } from './chunk-meta.ts';
import { INDEX_FILE } from './index-format.ts';
import { type OpenIndex, openIndex } from './open-index.ts';
import { checkSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-format.ts';
import { decodeSidecar, SIDECAR_FILE, segmentStarts } from './sidecar.ts';
import { countTombstones, TOMBSTONES_FILE, type Tombstones } from './tombstones.ts';
import { ChunkChecks } from './verify-chunks.ts';
import { type IndexedSeries, SeriesChecks, walkSeries } from './verify-index.ts';

/** What looking at every byte of a block found. */
export interface BlockReport {
  /** Empty for a good block. */
  readonly problems: readonly BlockCorruptError[];
  readonly numSeries: number;
  readonly numChunks: number;
  readonly numSamples: number;
}

/** Problems that are reported at most: of a block that is all wrong, more tell nothing. */
const MAX_PROBLEMS = 100;
/** Chunks that are read and decoded at once. */
const BATCH_CHUNKS = 4096;

/** Reads a whole block: checksums, the order of symbols, series and chunks, that postings are those of the series, that
 *  chunks hold samples of the times that the index says, and that counts and sidecar agree.
 *  Memory: 8 bytes a series, 4 a label, and some MB. */
export async function verifyBlock(source: BlockSource): Promise<BlockReport> {
  return new BlockVerifier(source).run();
}

class BlockVerifier {
  readonly #source: BlockSource;
  readonly #problems: BlockCorruptError[] = [];
  readonly #segments = new Set<number>();
  readonly #firstChunks: number[] = [];
  #numSeries = 0;
  #numChunks = 0;
  readonly #chunks: ChunkChecks;

  constructor(source: BlockSource) {
    this.#source = source;
    this.#chunks = new ChunkChecks(source);
  }

  async run(): Promise<BlockReport> {
    await this.#collect(async () => {
      const meta = await readMeta(this.#source);
      const index = await openIndex(this.#source);
      const checks = new SeriesChecks(index, meta);
      await this.#collect(() => this.#checkSeries(index, checks));
      for await (const problem of checks.checkPostings()) this.#add(problem);
      this.#checkStats(meta);
      await this.#collect(async () => this.#checkTombstones(meta, await readTombstones(this.#source), checks.refs));
      await this.#collect(() => this.#checkSegments());
      await this.#collect(() => this.#checkSidecar(meta, index, checks.refs));
    });
    const numSamples = this.#chunks.numFloats + this.#chunks.numHistograms;
    return { problems: this.#problems, numSeries: this.#numSeries, numChunks: this.#numChunks, numSamples };
  }

  async #checkSeries(index: OpenIndex, checks: SeriesChecks): Promise<void> {
    let batch: ChunkMeta[] = [];
    for await (const series of walkSeries(index)) {
      for (const problem of checks.add(series)) this.#raiseAt(INDEX_FILE, series.offset, problem);
      this.#countSeries(series);
      batch.push(...series.chunks);
      if (batch.length >= BATCH_CHUNKS) {
        this.#addAll(await this.#chunks.add(batch));
        batch = [];
      }
    }
    this.#addAll(await this.#chunks.add(batch));
  }

  #countSeries({ chunks }: IndexedSeries): void {
    this.#numSeries++;
    this.#numChunks += chunks.length;
    this.#firstChunks.push(chunks.length > 0 ? chunks[0].ref : 0);
    for (const { ref } of chunks) this.#segments.add(segmentOf(ref));
  }

  async #checkSegments(): Promise<void> {
    for (const segment of this.#segments) {
      const path = segmentPath(segment);
      await this.#collect(async () => {
        const [header] = await readRanges(this.#source, path, [{ offset: 0, length: SEGMENT_HEADER_BYTES }]);
        decodeAt({ blockId: this.#source.id, path, offset: 0 }, () => checkSegmentHeader(header));
      });
    }
  }

  #checkStats({ stats }: BlockMeta): void {
    const { numFloats, numHistograms } = this.#chunks;
    const actual = {
      numSeries: this.#numSeries,
      numChunks: this.#numChunks,
      numSamples: numFloats + numHistograms,
      numFloatSamples: numFloats,
      numHistogramSamples: numHistograms,
    };
    // Older blocks do not say which samples are of which kind.
    const known = stats.numFloatSamples + stats.numHistogramSamples > 0;
    for (const [name, count] of Object.entries(actual) as [keyof typeof actual, number][]) {
      if (!known && name !== 'numSeries' && name !== 'numChunks' && name !== 'numSamples') continue;
      if (stats[name] !== count) this.#raiseAt(META_FILE, 0, `${name} is ${stats[name]}, expected ${count}`);
    }
  }

  #checkTombstones({ stats }: BlockMeta, tombstones: Tombstones, refs: Uint32Array): void {
    const known = new Set(refs);
    for (const ref of tombstones.keys()) {
      if (!known.has(ref)) this.#raiseAt(TOMBSTONES_FILE, 0, `there is no series ${ref}`);
    }
    const count = countTombstones(tombstones);
    if (count !== stats.numTombstones) {
      this.#raiseAt(META_FILE, 0, `numTombstones is ${stats.numTombstones}, expected ${count}`);
    }
  }

  async #checkSidecar(meta: BlockMeta, index: OpenIndex, refs: Uint32Array): Promise<void> {
    const file = await readFile(this.#source, SIDECAR_FILE);
    if (file === undefined) return;
    const place = { blockId: this.#source.id, path: SIDECAR_FILE, offset: 0 };
    const sidecar = decodeAt(place, () => decodeSidecar(file));
    const starts = segmentStarts(sidecar.places.segmentBytes);
    const firstChunks = this.#firstChunks.map((ref) => starts[segmentOf(ref)] + offsetOf(ref));
    const same =
      sidecar.metaChecksum === blockMetaChecksum(meta) &&
      sidecar.indexBytes === index.sizeBytes &&
      JSON.stringify(sidecar.toc) === JSON.stringify(index.toc) &&
      equal(sidecar.symbolTable, index.symbols.contents) &&
      equal(sidecar.postingsTable, index.offsets.contents) &&
      equal(sidecar.places.refs, refs) &&
      equal(sidecar.places.chunkStarts, firstChunks);
    if (!same) this.#raiseAt(SIDECAR_FILE, 0, 'it is not that of the index');
  }

  async #collect(check: () => Promise<void>): Promise<void> {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof BlockCorruptError)) throw error;
      this.#add(error);
    }
  }

  #raiseAt(path: string, offset: number, problem: string): void {
    this.#add(new BlockCorruptError({ blockId: this.#source.id, path, offset }, problem));
  }

  #addAll(problems: readonly BlockCorruptError[]): void {
    for (const problem of problems) this.#add(problem);
  }

  #add(problem: BlockCorruptError): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
