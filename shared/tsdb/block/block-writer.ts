import { formatLabels, type Labels } from '#shared/model/labels.ts';
import { holdsHistograms, isChunkEncoding, sampleCount } from '../chunk/encoding.ts';
import {
  type BlockCompaction,
  type BlockMeta,
  type BlockStats,
  blockMetaChecksum,
  formatBlockMeta,
  META_FILE,
} from './block-meta.ts';
import type { BlockPart } from './block-part.ts';
import type { NewChunk } from './chunk-meta.ts';
import { float64List } from './growing-list.ts';
import { IndexWriter, indexSymbols, type WrittenIndex } from './index-writer.ts';
import { SegmentWriter } from './segment-writer.ts';
import { encodeSidecar, SIDECAR_FILE } from './sidecar.ts';
import { countTombstones, encodeTombstones, TOMBSTONES_FILE, type Tombstones } from './tombstones.ts';

/** What a block is to be. */
export interface BlockPlan {
  readonly ulid: string;
  /** Inclusive, Unix milliseconds. */
  readonly minTime: number;
  /** Exclusive, Unix milliseconds. */
  readonly maxTime: number;
  /** All names and values of the series' labels, in any order, repeated or not. More are allowed. */
  readonly symbols: Iterable<string>;
  /** @default A block made of new samples: level 1, its own source. */
  readonly compaction?: Partial<BlockCompaction>;
  /** @default 512 MiB */
  readonly segmentBytes?: number;
}

/** Writes a block: series in the order of their labels, each with its chunks. Files come out in parts while they are made;
 *  in memory it keeps the symbols, and about 20 bytes a series and 4 a label.
 *
 *      const writer = new BlockWriter(plan);
 *      for (const { labels, chunks } of series) await upload(writer.add(labels, chunks));
 *      for (const part of writer.finish()) await upload([part]);
 *
 *  @see prometheus/tsdb/compact.go PopulateBlock */
export class BlockWriter {
  readonly #plan: BlockPlan;
  readonly #index: IndexWriter;
  readonly #segments: SegmentWriter;
  readonly #firstChunks = float64List();
  readonly #stats = { numSamples: 0, numFloatSamples: 0, numHistogramSamples: 0, numSeries: 0, numChunks: 0 };
  #finished = false;

  constructor(plan: BlockPlan) {
    this.#plan = plan;
    this.#index = new IndexWriter(indexSymbols(plan.symbols));
    this.#segments = new SegmentWriter(plan.segmentBytes);
  }

  /** Adds a series.
   *  @param labels Above those of the series before. @param chunks At least one, in time order, not overlapping, within the
   *  block's times. @returns The parts that became full.
   *  @throws {RangeError} When the order is not kept, a label is not among the symbols, or a chunk cannot be. */
  add(labels: Labels, chunks: readonly NewChunk[]): readonly BlockPart[] {
    if (this.#finished) throw new Error('Cannot add series: the block is finished');
    if (chunks.length === 0) raise(labels, 'it has no chunk');
    for (const chunk of chunks) this.#count(labels, chunk);
    const metas = this.#segments.add(chunks);
    this.#index.add(labels, metas);
    this.#firstChunks.push(metas[0].ref);
    this.#stats.numSeries++;
    return [...this.#segments.take(), ...this.#index.take()];
  }

  /** Writes what follows the series; the block is whole when all parts were taken. `meta.json` comes last.
   *  @param tombstones What is deleted of it.
   *  @throws {RangeError} When no series was added: a block without samples is not one. */
  *finish(tombstones: Tombstones = new Map()): Generator<BlockPart, BlockMeta> {
    if (this.#stats.numSeries === 0) throw new RangeError('Cannot finish block: it has no series');
    this.#finished = true;
    this.#segments.end();
    yield* this.#segments.take();
    const index = yield* this.#index.finish();
    const meta = this.#meta({ ...this.#stats, numTombstones: countTombstones(tombstones) });
    yield whole(SIDECAR_FILE, this.#sidecar(index, meta));
    yield whole(TOMBSTONES_FILE, encodeTombstones(tombstones));
    yield whole(META_FILE, new TextEncoder().encode(formatBlockMeta(meta)));
    return meta;
  }

  #count(labels: Labels, { encoding, bytes, minMs, maxMs }: NewChunk): void {
    if (!isChunkEncoding(encoding)) raise(labels, `a chunk has the unknown encoding ${encoding}`);
    const { minTime, maxTime } = this.#plan;
    if (minMs < minTime || maxMs >= maxTime) {
      raise(labels, `a chunk has times ${minMs} to ${maxMs}, outside of the block's ${minTime} to ${maxTime}`);
    }
    const samples = sampleCount(encoding, bytes);
    this.#stats.numSamples += samples;
    this.#stats[holdsHistograms(encoding) ? 'numHistogramSamples' : 'numFloatSamples'] += samples;
    this.#stats.numChunks++;
  }

  #meta(stats: BlockStats): BlockMeta {
    const { ulid, minTime, maxTime, compaction } = this.#plan;
    const fresh = { level: 1, sources: [ulid], parents: [], hints: [], deletable: false, failed: false };
    return { ulid, minTime, maxTime, stats, compaction: { ...fresh, ...compaction } };
  }

  #sidecar(index: WrittenIndex, meta: BlockMeta): Uint8Array<ArrayBuffer> {
    const metaChecksum = blockMetaChecksum(meta);
    return encodeSidecar({ ...index, metaChecksum }, this.#firstChunks.view(), this.#segments.sizesBytes);
  }
}

function whole(path: string, bytes: Uint8Array<ArrayBuffer>): BlockPart {
  return { path, bytes, last: true };
}

function raise(labels: Labels, problem: string): never {
  throw new RangeError(`Cannot write series ${formatLabels(labels)} to the block: ${problem}`);
}
