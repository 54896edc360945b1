/** Where a chunk of a block is, and the times of its samples. */
export interface ChunkMeta {
  /** Of the first sample, Unix milliseconds. */
  readonly minMs: number;
  /** Of the last sample, Unix milliseconds. */
  readonly maxMs: number;
  /** The number of the segment from 0 times 2^32, plus the offset in its file. */
  readonly ref: number;
}

/** The samples of a chunk as they are stored. @see ../chunk/encoding.ts */
export interface ChunkPayload {
  readonly encoding: number;
  /** May be a view of a larger buffer; not to be written into. */
  readonly bytes: Uint8Array;
}

/** A chunk to write. */
export interface NewChunk extends ChunkPayload {
  readonly minMs: number;
  readonly maxMs: number;
}

const TWO_32 = 0x1_0000_0000;

/** @param segment From 0. @param offset Below 2^32.
 *  @see prometheus/tsdb/chunks/chunks.go BlockChunkRef */
export function chunkRef(segment: number, offset: number): number {
  return segment * TWO_32 + offset;
}

/** The number of a chunk's segment, from 0. */
export function segmentOf(ref: number): number {
  return Math.floor(ref / TWO_32);
}

/** Where in its segment's file a chunk is. */
export function offsetOf(ref: number): number {
  return ref % TWO_32;
}

/** The file of a segment. @param segment From 0; the files are counted from 1. */
export function segmentPath(segment: number): string {
  return `chunks/${String(segment + 1).padStart(6, '0')}`;
}

/** Whether a chunk has, by its times, something of a range whose bounds both belong to it. */
export function overlaps(chunk: { readonly minMs: number; readonly maxMs: number }, minMs: number, maxMs: number) {
  return chunk.minMs <= maxMs && minMs <= chunk.maxMs;
}
