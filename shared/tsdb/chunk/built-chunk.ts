import type { ChunkEncoding } from './encoding.ts';

/** A chunk of one series, ready to be written to a block. */
export interface BuiltChunk {
  readonly encoding: ChunkEncoding;
  /** The first sample's time, Unix milliseconds. */
  readonly minMs: number;
  /** The last sample's time, inclusive. */
  readonly maxMs: number;
  readonly sampleCount: number;
  /** What stands behind the encoding in a segment file. */
  readonly bytes: Uint8Array;
}
