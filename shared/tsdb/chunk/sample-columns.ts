import type { Histogram } from '#shared/model/histogram.ts';

/** Samples in columns of equal length, which chunks are made of and read into. */
export interface SampleColumns {
  /** Unix milliseconds. */
  readonly timestampsMs: Float64Array;
  /** Mean nothing where the sample is a native histogram: decoders write 0. */
  readonly values: Float64Array;
  /** The bits of `values`, two words each, sharing its memory: a NaN's bits do not survive being a number. */
  readonly words: Int32Array;
  /** When the counters began, Unix milliseconds, 0 where that is not known. */
  readonly startTimestampsMs?: Float64Array;
  /** The native histograms. A stale marker is a value, also after histograms. */
  readonly histograms?: (Histogram | undefined)[];
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Where the upper word of a float is: word `2 * index + HIGH`. */
export const HIGH = LITTLE_ENDIAN ? 1 : 0;
/** Where the lower word of a float is. */
export const LOW = 1 - HIGH;

/** The words of the stale marker. @see shared/model/stale.ts */
export const STALE_HIGH = 0x7ff00000;
export const STALE_LOW = 2;

/** Empty columns for `length` samples.
 *  @param parts Which of the columns that not all samples need are there. */
export function createSampleColumns(
  length: number,
  { startTimestamps = false, histograms = false }: { startTimestamps?: boolean; histograms?: boolean } = {},
): SampleColumns {
  const values = new Float64Array(length);
  return {
    timestampsMs: new Float64Array(length),
    values,
    words: wordsIn(values),
    startTimestampsMs: startTimestamps ? new Float64Array(length) : undefined,
    histograms: histograms ? new Array(length).fill(undefined) : undefined,
  };
}

/** The words of `values`, signed, sharing its memory. */
export function wordsIn(values: Float64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** @throws {RangeError} When `count` samples from `at` on do not fit. */
export function checkRoom({ timestampsMs }: SampleColumns, at: number, count: number): void {
  if (at + count > timestampsMs.length) {
    throw new RangeError(
      `Cannot decode ${count} samples at ${at}: the columns have room for ${timestampsMs.length} samples`,
    );
  }
}

/** Empties the columns that a chunk of plain floats does not fill. */
export function clearOthers({ startTimestampsMs, histograms }: SampleColumns, at: number, count: number): void {
  startTimestampsMs?.fill(0, at, at + count);
  histograms?.fill(undefined, at, at + count);
}
