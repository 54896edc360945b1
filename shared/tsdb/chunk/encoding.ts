/** How the bytes of a chunk hold its samples. The numbers are written to blocks.
 *  @see prometheus/tsdb/chunkenc/chunk.go Encoding */
export type ChunkEncoding = 1 | 2 | 3 | 4 | 5 | 6;

/** Floats. */
export const XOR = 1;
/** Native histograms with whole counts. */
export const HISTOGRAM = 2;
/** Native histograms with any counts. */
export const FLOAT_HISTOGRAM = 3;
/** Floats, with start timestamps where there are any. */
export const XOR2 = 4;
/** As `HISTOGRAM`, with start timestamps. */
export const HISTOGRAM_ST = 5;
/** As `FLOAT_HISTOGRAM`, with start timestamps. */
export const FLOAT_HISTOGRAM_ST = 6;

const NAMES: Record<ChunkEncoding, string> = {
  [XOR]: 'XOR',
  [HISTOGRAM]: 'histogram',
  [FLOAT_HISTOGRAM]: 'floathistogram',
  [XOR2]: 'XOR2',
  [HISTOGRAM_ST]: 'histogramST',
  [FLOAT_HISTOGRAM_ST]: 'floathistogramST',
};

/** Samples that the 16 bits of a chunk's header can count. */
export const MAX_SAMPLES = 0xffff;

/** Samples that a histogram chunk with start timestamps can count: two bits of the 16 hold the counter reset. */
export const MAX_HISTOGRAM_ST_SAMPLES = 0x3fff;

/** Whether `encoding` is one that chunks have. */
export function isChunkEncoding(encoding: number): encoding is ChunkEncoding {
  return encoding in NAMES;
}

/** The name of an encoding, as Prometheus's tools print it. */
export function encodingName(encoding: ChunkEncoding): string {
  return NAMES[encoding];
}

/** Whether samples of this encoding are native histograms. */
export function holdsHistograms(encoding: ChunkEncoding): boolean {
  return encoding !== XOR && encoding !== XOR2;
}

/** Whether samples of this encoding may have start timestamps. */
export function holdsStartTimestamps(encoding: ChunkEncoding): boolean {
  return encoding >= XOR2;
}

/** The number of samples in a chunk, as its header says.
 *  @throws {RangeError} When the header is not whole. */
export function sampleCount(encoding: ChunkEncoding, chunk: Uint8Array): number {
  const headerBytes = encoding === XOR ? 2 : 3;
  if (chunk.length < headerBytes) {
    throw new RangeError(
      `Cannot decode ${NAMES[encoding]} chunk: it has ${chunk.length} bytes, its header ${headerBytes}`,
    );
  }
  const count = (chunk[0] << 8) | chunk[1];
  return encoding >= HISTOGRAM_ST ? count & MAX_HISTOGRAM_ST_SAMPLES : count;
}
