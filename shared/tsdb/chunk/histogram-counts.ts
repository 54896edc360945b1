import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { HISTOGRAM, HISTOGRAM_ST } from './encoding.ts';
import type { HistogramEncoding } from './histogram-encoding.ts';
import type { HistogramLayout } from './histogram-layout.ts';
import { HIGH, LOW, wordsIn } from './sample-columns.ts';
import { readVarbitInt, readVarbitUint, writeVarbitInt, writeVarbitUint } from './varbit.ts';
import { XorValues } from './xor-values.ts';

/** Writes and reads the numbers of histograms, one slot after the other: see `fillSlots`. */
export interface CountsCodec {
  /** Makes of the numbers of a histogram what is written; in place. */
  prepare(slots: Float64Array, layout: HistogramLayout): void;
  writeFirst(writer: BitWriter, slot: number, value: number): void;
  write(writer: BitWriter, slot: number, value: number): void;
  /** Writes the counts, which nobody will look at, of a stale marker behind histograms. */
  writeStale(writer: BitWriter): void;
  readFirst(reader: BitReader, slot: number): void;
  read(reader: BitReader, slot: number): void;
  /** Copies the counts of the buckets from slot `from` on. @param counts As long as there are buckets. */
  copyBuckets(from: number, counts: Float64Array): void;
  /** The number in a slot that is not a bucket. */
  total(slot: number): number;
}

/** The slots of the totals, before those of the buckets. */
export const TOTAL_SLOTS = 2;

/** What writes and reads the numbers of an encoding. @param slots How many a histogram has. */
export function countsCodec(encoding: HistogramEncoding, slots: number): CountsCodec {
  return encoding === HISTOGRAM || encoding === HISTOGRAM_ST ? new WholeCounts(slots) : new FloatCounts(slots);
}

/** Whole counts: as changes of their differences to the sample before; those of buckets also to the bucket before.
 *  @see prometheus/tsdb/chunkenc/histogram.go HistogramAppender */
class WholeCounts implements CountsCodec {
  readonly #last: Float64Array;
  readonly #delta: Float64Array;

  constructor(slots: number) {
    this.#last = new Float64Array(slots);
    this.#delta = new Float64Array(slots);
  }

  prepare(slots: Float64Array, { positive }: HistogramLayout): void {
    subtractNeighbours(slots, TOTAL_SLOTS + positive.length, slots.length);
    subtractNeighbours(slots, TOTAL_SLOTS, TOTAL_SLOTS + positive.length);
  }

  writeFirst(writer: BitWriter, slot: number, value: number): void {
    if (slot < TOTAL_SLOTS) writeVarbitUint(writer, value);
    else writeVarbitInt(writer, value);
    this.#last[slot] = value;
  }

  write(writer: BitWriter, slot: number, value: number): void {
    const delta = value - this.#last[slot];
    writeVarbitInt(writer, delta - this.#delta[slot]);
    this.#last[slot] = value;
    this.#delta[slot] = delta;
  }

  writeStale(writer: BitWriter): void {
    writer.bits(0, TOTAL_SLOTS);
  }

  readFirst(reader: BitReader, slot: number): void {
    this.#last[slot] = slot < TOTAL_SLOTS ? readVarbitUint(reader) : readVarbitInt(reader);
  }

  read(reader: BitReader, slot: number): void {
    const delta = this.#delta[slot] + readVarbitInt(reader);
    if (delta > Number.MAX_SAFE_INTEGER || delta < -Number.MAX_SAFE_INTEGER) {
      reader.raise(`a count changes by ${delta}, beyond 2^53 - 1`);
    }
    this.#delta[slot] = delta;
    this.#last[slot] += delta;
  }

  copyBuckets(from: number, counts: Float64Array): void {
    let count = 0;
    for (let i = 0; i < counts.length; i++) {
      count += this.#last[from + i];
      counts[i] = count;
    }
  }

  total(slot: number): number {
    const total = this.#last[slot];
    if (!Number.isSafeInteger(total)) throw new RangeError(`Cannot read chunk: the count ${total} is beyond 2^53 - 1`);
    return total;
  }
}

function subtractNeighbours(slots: Float64Array, from: number, to: number): void {
  for (let i = to - 1; i > from; i--) slots[i] -= slots[i - 1];
}

/** Any counts: as the bits that change between samples.
 *  @see prometheus/tsdb/chunkenc/float_histogram.go FloatHistogramAppender */
class FloatCounts implements CountsCodec {
  readonly #xor: XorValues;

  constructor(slots: number) {
    this.#xor = new XorValues(slots);
  }

  prepare(): void {}

  writeFirst(writer: BitWriter, slot: number, value: number): void {
    ONE[0] = value;
    this.#xor.writeFirst(writer, slot, ONE_WORDS[HIGH], ONE_WORDS[LOW]);
  }

  write(writer: BitWriter, slot: number, value: number): void {
    ONE[0] = value;
    this.#xor.write(writer, slot, ONE_WORDS[HIGH], ONE_WORDS[LOW]);
  }

  writeStale(writer: BitWriter): void {
    for (let slot = 0; slot < TOTAL_SLOTS; slot++) this.write(writer, slot, 0);
  }

  readFirst(reader: BitReader, slot: number): void {
    this.#xor.readFirst(reader, slot);
  }

  read(reader: BitReader, slot: number): void {
    this.#xor.read(reader, slot);
  }

  copyBuckets(from: number, counts: Float64Array): void {
    const { values } = this.#xor;
    for (let i = 0; i < counts.length; i++) counts[i] = values[from + i];
  }

  total(slot: number): number {
    return this.#xor.values[slot];
  }
}

const ONE = new Float64Array(1);
const ONE_WORDS = wordsIn(ONE);
