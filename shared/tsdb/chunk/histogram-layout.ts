import { frexp, ldexp } from '#shared/model/go-math.ts';
import { spansOf } from '#shared/model/histogram/spans.ts';
import { type Buckets, CUSTOM_BUCKETS_SCHEMA, type Histogram } from '#shared/model/histogram.ts';
import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { readVarbitInt, readVarbitUint, writeVarbitInt, writeVarbitUint } from './varbit.ts';

/** What all histograms of a chunk have in common; written once. */
export interface HistogramLayout {
  readonly schema: number;
  readonly zeroThreshold: number;
  /** The indexes of the buckets above 0, rising. A histogram that lacks one has 0 there. */
  readonly positive: Int32Array;
  /** As `positive`, below 0. */
  readonly negative: Int32Array;
  readonly customBounds?: Float64Array;
}

const NO_INDEXES = new Int32Array(0);

/** The layout of a chunk that begins with a stale marker: only others can follow. */
export const STALE_LAYOUT: HistogramLayout = {
  schema: 0,
  zeroThreshold: 0,
  positive: NO_INDEXES,
  negative: NO_INDEXES,
};

/** The layout of one histogram, with as few buckets as it has. */
export function layoutOf({ schema, zeroThreshold, positive, negative, customBounds }: Histogram): HistogramLayout {
  return { schema, zeroThreshold, positive: positive.indexes, negative: negative.indexes, customBounds };
}

/** The indexes that are in either list; `a` itself when it has all of them. */
export function unionIndexes(a: Int32Array, b: Int32Array): Int32Array {
  if (hasAll(a, b)) return a;
  const union = new Int32Array(a.length + b.length);
  let length = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const next = j >= b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j];
    if (i < a.length && a[i] === next) i++;
    if (j < b.length && b[j] === next) j++;
    union[length++] = next;
  }
  return union.slice(0, length);
}

/** Whether `a` has all of `b`. */
function hasAll(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true;
  let at = 0;
  for (let i = 0; i < b.length; i++) {
    while (at < a.length && a[at] < b[i]) at++;
    if (at === a.length || a[at] !== b[i]) return false;
  }
  return true;
}

/** How many numbers a histogram has in a chunk: `slotsOf` gives them. */
export function slotCount({ positive, negative }: HistogramLayout): number {
  return 2 + positive.length + negative.length;
}

/** Writes the numbers of a histogram into `slots`: its count, its zero count, and those of all buckets of the layout.
 *  @param histogram Has no bucket that is not in the layout. */
export function fillSlots({ positive, negative }: HistogramLayout, histogram: Histogram, slots: Float64Array): void {
  slots[0] = histogram.count;
  slots[1] = histogram.zeroCount;
  fillBuckets(positive, histogram.positive, { slots, from: 2 });
  fillBuckets(negative, histogram.negative, { slots, from: 2 + positive.length });
}

function fillBuckets(
  layout: Int32Array,
  { indexes, counts }: Buckets,
  { slots, from }: { readonly slots: Float64Array; readonly from: number },
): void {
  for (let i = 0, at = 0; i < layout.length; i++) {
    slots[from + i] = at < indexes.length && indexes[at] === layout[i] ? counts[at++] : 0;
  }
}

/** @see prometheus/tsdb/chunkenc/histogram_meta.go writeHistogramChunkLayout */
export function writeLayout(writer: BitWriter, layout: HistogramLayout): void {
  writeZeroThreshold(writer, layout.zeroThreshold);
  writeVarbitInt(writer, layout.schema);
  writeSpans(writer, layout.positive);
  writeSpans(writer, layout.negative);
  if (layout.schema !== CUSTOM_BUCKETS_SCHEMA) return;
  const bounds = layout.customBounds ?? new Float64Array(0);
  writeVarbitUint(writer, bounds.length);
  for (const bound of bounds) writeCustomBound(writer, bound);
}

/** @throws {RangeError} When the chunk ends, the spans go back, or the chunk is too short for so many buckets.
 *  @see prometheus/tsdb/chunkenc/histogram_meta.go readHistogramChunkLayout */
export function readLayout(reader: BitReader): HistogramLayout {
  const zeroThreshold = readZeroThreshold(reader);
  const schema = readVarbitInt(reader);
  const positive = readSpans(reader);
  const negative = readSpans(reader);
  if (schema !== CUSTOM_BUCKETS_SCHEMA) return { schema, zeroThreshold, positive, negative };
  return { schema, zeroThreshold, positive, negative, customBounds: readCustomBounds(reader) };
}

/** One byte where the threshold is 0 or a power of two from 2^-243 to 2^10; else 255 and the float. */
function writeZeroThreshold(writer: BitWriter, threshold: number): void {
  const { fraction, exponent } = frexp(threshold);
  if (threshold === 0) {
    writer.bits(0, 8);
  } else if (fraction === 0.5 && exponent >= -242 && exponent <= 11) {
    writer.bits(exponent + 243, 8);
  } else {
    writer.bits(255, 8);
    writer.float64(threshold);
  }
}

function readZeroThreshold(reader: BitReader): number {
  const byte = reader.bits(8);
  if (byte === 0) return 0;
  return byte === 255 ? reader.float64() : ldexp(0.5, byte - 243);
}

function writeSpans(writer: BitWriter, indexes: Int32Array): void {
  const spans = spansOf({ indexes, counts: NO_COUNTS });
  writeVarbitUint(writer, spans.length);
  for (const { offset, length } of spans) {
    writeVarbitUint(writer, length);
    writeVarbitInt(writer, offset);
  }
}

const NO_COUNTS = new Float64Array(0);

function readSpans(reader: BitReader): Int32Array {
  const indexes: number[] = [];
  const spans = readVarbitUint(reader);
  let index = 0;
  for (let i = 0; i < spans; i++) {
    const length = readVarbitUint(reader);
    const offset = readVarbitInt(reader);
    if (i > 0 && offset < 0) reader.raise(`span ${i} has the offset ${offset}`);
    index += offset;
    // A bucket takes a bit or more of every histogram: so many, and the chunk would not be whole.
    if (indexes.length + length > reader.endBit) reader.raise(`${indexes.length + length} buckets do not fit`);
    if (Math.abs(index) + length > MAX_INDEX) reader.raise(`bucket index ${index} is out of range`);
    for (let k = 0; k < length; k++) indexes.push(index++);
  }
  return indexes.length === 0 ? NO_INDEXES : Int32Array.from(indexes);
}

const MAX_INDEX = 0x7fffffff;

/** A bound that is a multiple of 0.001 from 0 to 33554.430 takes up to four bytes: its thousandths and one more.
 *  Others are a 0 and the float.
 *  @see prometheus/tsdb/chunkenc/histogram_meta.go putCustomBound */
function writeCustomBound(writer: BitWriter, bound: number): void {
  const thousandths = Math.round(bound * 1000);
  if (bound * 1000 >= 0 && bound * 1000 <= MAX_THOUSANDTHS && thousandths / 1000 === bound) {
    writeVarbitUint(writer, thousandths + 1);
  } else {
    writer.bits(0, 1);
    writer.float64(bound);
  }
}

/** What a varbit of four bytes can hold, less one. */
const MAX_THOUSANDTHS = 33554430;

function readCustomBounds(reader: BitReader): Float64Array {
  const length = readVarbitUint(reader);
  const bounds: number[] = [];
  for (let i = 0; i < length; i++) {
    const thousandths = readVarbitUint(reader);
    bounds.push(thousandths === 0 ? reader.float64() : (thousandths - 1) / 1000);
  }
  return Float64Array.from(bounds);
}
