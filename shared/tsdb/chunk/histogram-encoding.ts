import type { Histogram } from '#shared/model/histogram.ts';
import {
  type ChunkEncoding,
  FLOAT_HISTOGRAM,
  FLOAT_HISTOGRAM_ST,
  HISTOGRAM,
  HISTOGRAM_ST,
  holdsStartTimestamps,
} from './encoding.ts';

/** The encodings of native histograms. */
export type HistogramEncoding =
  | typeof HISTOGRAM
  | typeof FLOAT_HISTOGRAM
  | typeof HISTOGRAM_ST
  | typeof FLOAT_HISTOGRAM_ST;

/** What a chunk's header says of a counter reset before its first histogram, or of all of them: a gauge. In the two upper
 *  bits of a byte.
 *  @see prometheus/tsdb/chunkenc/histogram.go CounterResetHeader */
export type ResetHeader = typeof UNKNOWN_RESET | typeof NOT_RESET | typeof RESET | typeof GAUGE;

export const UNKNOWN_RESET = 0;
export const NOT_RESET = 0x40;
export const RESET = 0x80;
export const GAUGE = 0xc0;

/** The byte that has the counter reset, in encodings without start timestamps; else it is the first. */
export const RESET_BYTE = 2;

/** Whole counts above this may differ by more than a float can say; they are written as floats. */
const MAX_WHOLE = 2 ** 50;

/** Which encoding histograms need. */
export function histogramEncoding(options: { integer: boolean; startTimestamps: boolean }): HistogramEncoding {
  if (options.integer) return options.startTimestamps ? HISTOGRAM_ST : HISTOGRAM;
  return options.startTimestamps ? FLOAT_HISTOGRAM_ST : FLOAT_HISTOGRAM;
}

/** Whether all counts are whole numbers that the encoding for those can hold. */
export function hasWholeCounts({ count, zeroCount, positive, negative }: Histogram): boolean {
  return isWhole(count) && isWhole(zeroCount) && areWhole(positive.counts) && areWhole(negative.counts);
}

function areWhole(counts: Float64Array): boolean {
  for (let i = 0; i < counts.length; i++) if (!isWhole(counts[i])) return false;
  return true;
}

function isWhole(count: number): boolean {
  return count >= 0 && count <= MAX_WHOLE && Number.isInteger(count) && !Object.is(count, -0);
}

/** What the header of a histogram chunk says of counter resets. */
export function resetOf(encoding: ChunkEncoding, chunk: Uint8Array): ResetHeader {
  return (chunk[holdsStartTimestamps(encoding) ? 0 : RESET_BYTE] & GAUGE) as ResetHeader;
}
