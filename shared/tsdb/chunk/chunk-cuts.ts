/** How long chunks of the head are, and so the time that no chunk crosses. */
export const CHUNK_RANGE_MS = 2 * 60 * 60 * 1000;

/** Samples that a float chunk is made for; where they come faster than foreseen, twice as many. */
export const SAMPLES_PER_CHUNK = 120;

/** A float chunk with more bytes takes no further sample: the next one may need 19, and it should stay below 1,024. */
export const MAX_XOR_BYTES = 1024 - 19;

/** Bytes that a histogram chunk is made for; it may get twice as many. */
export const HISTOGRAM_BYTES = 1024;

/** A histogram chunk has so many samples before its size is looked at: one alone may be larger. */
export const MIN_HISTOGRAM_SAMPLES = 10;

/** The end of the chunk range that a time is in, exclusive. Below 0 it is rounded as Go does: towards 0.
 *  @see prometheus/tsdb/head.go rangeForTimestamp */
export function chunkRangeEnd(timeMs: number, rangeMs: number): number {
  return Math.trunc(timeMs / rangeMs) * rangeMs + rangeMs;
}

/** When a chunk should end, so that the time up to `endMs` is divided into equal chunks: foreseen when a part of the chunk
 *  is full.
 *  @param ratioToFull How many times the part that is full now makes a whole chunk.
 *  @see prometheus/tsdb/head_append.go computeChunkEndTime */
export function foreseeChunkEnd(
  { firstMs, lastMs, endMs }: { readonly firstMs: number; readonly lastMs: number; readonly endMs: number },
  ratioToFull: number,
): number {
  const chunks = (endMs - firstMs) / ((lastMs - firstMs + 1) * ratioToFull);
  if (chunks <= 1) return endMs;
  return Math.trunc(firstMs + (endMs - firstMs) / Math.floor(chunks));
}
