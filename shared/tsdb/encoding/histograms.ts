import { type Buckets, type CounterReset, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

/** The histograms of a section: `undefined` where the series has a float. */
export type HistogramColumn = readonly (Histogram | undefined)[];

const RESETS: readonly CounterReset[] = ['unknown', 'reset', 'not-reset', 'gauge'];
const RESET_MASK = 3;
const FLAG_WHOLE = 4;
const FLAG_BOUNDS = 8;

/** Writes the native histograms of a section. @see FORMAT.md, Native histograms */
export function writeHistograms(out: ByteWriter, histograms: HistogramColumn): void {
  const bounds = new BoundsTable();
  const present: number[] = [];
  for (const [i, histogram] of histograms.entries()) {
    if (histogram === undefined) continue;
    present.push(i);
    if (histogram.customBounds !== undefined) bounds.add(histogram.customBounds);
  }
  bounds.write(out);
  out.varint(present.length);
  let next = 0;
  for (const i of present) {
    out.varint(i - next);
    next = i + 1;
    writeHistogram(out, histograms[i]!, bounds);
  }
}

/** @param count How many series the section has.
 *  @throws {RangeError} When the bytes name a series or bounds that are not there. */
export function readHistograms(reader: ByteReader, count: number): HistogramColumn {
  const bounds = Array.from({ length: reader.varint() }, () => reader.f64s(reader.varint()));
  const histograms: (Histogram | undefined)[] = new Array(count).fill(undefined);
  let next = 0;
  for (let left = reader.varint(); left > 0; left--) {
    const i = next + reader.varint();
    if (i >= count) throw new RangeError(`Cannot read histogram of series ${i}: the section has ${count} series`);
    histograms[i] = readHistogram(reader, bounds);
    next = i + 1;
  }
  return histograms;
}

/** The custom bounds of a section, each list once. */
class BoundsTable {
  readonly #indexOf = new Map<string, number>();
  readonly #known = new Map<Float64Array, number>();
  readonly #lists: Float64Array[] = [];

  add(list: Float64Array): void {
    if (this.#known.has(list)) return;
    const key = list.join();
    let index = this.#indexOf.get(key);
    if (index === undefined) {
      index = this.#lists.push(list) - 1;
      this.#indexOf.set(key, index);
    }
    this.#known.set(list, index);
  }

  indexOf(list: Float64Array): number {
    return this.#known.get(list)!;
  }

  write(out: ByteWriter): void {
    out.varint(this.#lists.length);
    for (const list of this.#lists) {
      out.varint(list.length);
      out.f64s(list);
    }
  }
}

function writeHistogram(out: ByteWriter, histogram: Histogram, bounds: BoundsTable): void {
  const { counterReset, schema, zeroThreshold, zeroCount, count, sum, positive, negative, customBounds } = histogram;
  const whole =
    isWhole(zeroCount) && isWhole(count) && positive.counts.every(isWhole) && negative.counts.every(isWhole);
  const flags = RESETS.indexOf(counterReset) | (whole ? FLAG_WHOLE : 0) | (customBounds ? FLAG_BOUNDS : 0);
  out.varint(flags);
  out.varint(zigzag(schema));
  if (customBounds !== undefined) out.varint(bounds.indexOf(customBounds));
  out.f64(zeroThreshold);
  out.f64(sum);
  const number = whole ? (value: number) => out.varint(value) : (value: number) => out.f64(value);
  number(zeroCount);
  number(count);
  for (const { indexes, counts } of [positive, negative]) {
    out.varint(indexes.length);
    for (let i = 0; i < indexes.length; i++) {
      out.varint(i === 0 ? zigzag(indexes[0]) : indexes[i] - indexes[i - 1]);
      number(counts[i]);
    }
  }
}

function readHistogram(reader: ByteReader, bounds: readonly Float64Array[]): Histogram {
  const flags = reader.varint();
  const schema = unzigzag(reader.varint());
  const customBounds = flags & FLAG_BOUNDS ? bounds[reader.varint()] : undefined;
  if (flags & FLAG_BOUNDS && customBounds === undefined) {
    throw new RangeError(`Cannot read histogram: its bounds are not among the ${bounds.length} of the section`);
  }
  const zeroThreshold = reader.f64();
  const sum = reader.f64();
  const number = flags & FLAG_WHOLE ? () => reader.varint() : () => reader.f64();
  const zeroCount = number();
  const count = number();
  const positive = readBuckets(reader, number);
  const negative = readBuckets(reader, number);
  const histogram = { counterReset: RESETS[flags & RESET_MASK], schema, zeroThreshold, zeroCount, count, sum };
  return { ...histogram, positive, negative, ...(customBounds && { customBounds }) };
}

function readBuckets(reader: ByteReader, number: () => number): Buckets {
  const length = reader.varint();
  if (length === 0) return NO_BUCKETS;
  // Each takes two bytes or more: a damaged length fails before it takes memory.
  if (length * 2 > reader.remaining)
    throw new RangeError(`Cannot read ${length} buckets: only ${reader.remaining} bytes are left`);
  const indexes = new Int32Array(length);
  const counts = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    indexes[i] = i === 0 ? unzigzag(reader.varint()) : indexes[i - 1] + reader.varint();
    counts[i] = number();
  }
  return { indexes, counts };
}

/** Whether a varint can hold the number; not −0, whose sign it would lose. */
function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}

/** Signed to unsigned, small ones staying small: 0, −1, 1, −2, … are 0, 1, 2, 3, … */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
