import { ByteWriter } from '../encoding/bytes.ts';
import { type BlockPart, PartWriter } from './block-part.ts';
import { type ChunkMeta, chunkRef, type NewChunk, segmentPath } from './chunk-meta.ts';
import { MAX_LENGTH_BYTES, SEGMENT_HEADER_BYTES, segmentHeader, writeChunk } from './segment-format.ts';

/** The size that Prometheus cuts segments at. */
export const DEFAULT_SEGMENT_BYTES = 512 * 1024 * 1024;

const CHUNK_EXTRA_BYTES = MAX_LENGTH_BYTES + 1 + 4;

/** Writes chunks one after another into segment files, and says where each is.
 *  @see prometheus/tsdb/chunks/chunks.go Writer */
export class SegmentWriter {
  readonly #segmentBytes: number;
  readonly #sizes: number[] = [];
  readonly #frame = new ByteWriter();
  #parts: BlockPart[] = [];
  #file: PartWriter | undefined;

  /** @param segmentBytes A segment ends before it would be longer, as far as one chunk goes. */
  constructor(segmentBytes = DEFAULT_SEGMENT_BYTES) {
    this.#segmentBytes = segmentBytes;
  }

  /** Writes the chunks of one series. */
  add(chunks: readonly NewChunk[]): readonly ChunkMeta[] {
    this.#file ??= this.#open();
    // As upstream cuts: what is in the file counts until the first cut.
    const before = this.#file.position;
    let firstBatch = before > SEGMENT_HEADER_BYTES;
    let batchBytes = 0;
    return chunks.map((chunk, i) => {
      const chunkBytes = chunk.bytes.length + CHUNK_EXTRA_BYTES;
      batchBytes += chunkBytes;
      const limit = this.#segmentBytes - (firstBatch ? before : SEGMENT_HEADER_BYTES);
      if (batchBytes > limit && (firstBatch || i > 0)) {
        this.#close();
        this.#file = this.#open();
        batchBytes = chunkBytes;
        firstBatch = false;
      }
      return this.#write(chunk);
    });
  }

  /** The sizes of the segments that were ended, bytes. */
  get sizesBytes(): readonly number[] {
    return this.#sizes;
  }

  /** No more chunks come. */
  end(): void {
    if (this.#file !== undefined) this.#close();
    this.#file = undefined;
  }

  /** The parts that are full since the last call. */
  take(): readonly BlockPart[] {
    const parts = [...this.#parts, ...(this.#file?.take() ?? [])];
    this.#parts = [];
    return parts;
  }

  #write(chunk: NewChunk): ChunkMeta {
    const file = this.#file!;
    const ref = chunkRef(this.#sizes.length, file.position);
    this.#frame.reset();
    writeChunk(this.#frame, chunk);
    file.write(this.#frame.finish());
    return { minMs: chunk.minMs, maxMs: chunk.maxMs, ref };
  }

  #open(): PartWriter {
    const file = new PartWriter(segmentPath(this.#sizes.length));
    file.write(segmentHeader());
    return file;
  }

  #close(): void {
    const file = this.#file!;
    this.#sizes.push(file.position);
    file.end();
    this.#parts.push(...file.take());
  }
}
