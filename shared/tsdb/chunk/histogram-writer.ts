import type { Histogram } from '#shared/model/histogram.ts';
import type { BitWriter } from './bit-writer.ts';
import { holdsStartTimestamps, MAX_HISTOGRAM_ST_SAMPLES, MAX_SAMPLES } from './encoding.ts';
import { type CountsCodec, countsCodec, TOTAL_SLOTS } from './histogram-counts.ts';
import { type HistogramEncoding, RESET_BYTE, type ResetHeader } from './histogram-encoding.ts';
import { fillSlots, type HistogramLayout, slotCount, writeLayout } from './histogram-layout.ts';
import { HIGH, LOW, STALE_HIGH, STALE_LOW, wordsIn } from './sample-columns.ts';
import { START_HEADER_BYTE, StartTimesWriter } from './start-times.ts';
import { writeVarbitInt } from './varbit.ts';
import { XorValues } from './xor-values.ts';

/** A sample of a histogram chunk. */
export interface HistogramSample {
  readonly timestampMs: number;
  /** 0 where it is not known. */
  readonly startTimestampMs: number;
  /** Absent: a stale marker. */
  readonly histogram?: Histogram;
}

/** Writes histograms as a chunk, byte for byte as Prometheus does. */
export class HistogramChunkWriter {
  readonly #writer: BitWriter;
  readonly #layout: HistogramLayout;
  readonly #counts: CountsCodec;
  readonly #slots: Float64Array;
  readonly #sum = new XorValues(1);
  readonly #startTimes: StartTimesWriter | undefined;
  #count = 0;
  #time = 0;
  #delta = 0;

  /** @param writer Its own until `finish`; what is in it is lost.
   *  @param layout Has all buckets of all histograms to come. */
  constructor(writer: BitWriter, encoding: HistogramEncoding, layout: HistogramLayout) {
    this.#writer = writer;
    this.#layout = layout;
    this.#slots = new Float64Array(slotCount(layout));
    this.#counts = countsCodec(encoding, this.#slots.length);
    this.#startTimes = holdsStartTimestamps(encoding) ? new StartTimesWriter() : undefined;
    writer.reset();
    writer.bits(0, 24);
  }

  /** How large the chunk is so far. */
  get byteLength(): number {
    return this.#writer.byteLength;
  }

  get sampleCount(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count >= (this.#startTimes === undefined ? MAX_SAMPLES : MAX_HISTOGRAM_ST_SAMPLES);
  }

  /** @param sample After a stale marker only others can follow, as readers do not see the counts between.
   *  @throws {RangeError} When the time is not a whole number after the one before, or the chunk is full. */
  append(sample: HistogramSample): void {
    const { timestampMs: time } = sample;
    if (this.isFull) throw new RangeError(`Cannot encode chunk: it has ${this.#count} samples`);
    if (this.#count === 0) {
      writeLayout(this.#writer, this.#layout);
      writeVarbitInt(this.#writer, time);
      this.#writeFirst(sample.histogram);
    } else {
      const delta = time - this.#time;
      if (!(delta > 0)) throw new RangeError(`Cannot encode chunk: time ${time} is not after ${this.#time}`);
      writeVarbitInt(this.#writer, delta - this.#delta);
      this.#delta = delta;
      this.#writeNext(sample.histogram);
    }
    this.#startTimes?.write(this.#writer, sample.startTimestampMs, { time, previousTime: this.#time });
    this.#time = time;
    this.#count++;
  }

  /** The chunk; nothing can be appended after. */
  finish(reset: ResetHeader): Uint8Array<ArrayBuffer> {
    const chunk = this.#writer.finish();
    chunk[0] = this.#count >>> 8;
    chunk[1] = this.#count;
    if (this.#startTimes === undefined) {
      chunk[RESET_BYTE] = reset;
    } else {
      chunk[0] |= reset;
      chunk[START_HEADER_BYTE] = this.#startTimes.header;
    }
    return chunk;
  }

  #writeFirst(histogram: Histogram | undefined): void {
    const slots = this.#prepare(histogram);
    for (let slot = 0; slot < TOTAL_SLOTS; slot++) this.#counts.writeFirst(this.#writer, slot, slots[slot]);
    const { high, low } = sumWords(histogram);
    this.#sum.writeFirst(this.#writer, 0, high, low);
    for (let slot = TOTAL_SLOTS; slot < slots.length; slot++) this.#counts.writeFirst(this.#writer, slot, slots[slot]);
  }

  #writeNext(histogram: Histogram | undefined): void {
    const { high, low } = sumWords(histogram);
    if (histogram === undefined) {
      this.#counts.writeStale(this.#writer);
      this.#sum.write(this.#writer, 0, high, low);
      return;
    }
    const slots = this.#prepare(histogram);
    for (let slot = 0; slot < TOTAL_SLOTS; slot++) this.#counts.write(this.#writer, slot, slots[slot]);
    this.#sum.write(this.#writer, 0, high, low);
    for (let slot = TOTAL_SLOTS; slot < slots.length; slot++) this.#counts.write(this.#writer, slot, slots[slot]);
  }

  #prepare(histogram: Histogram | undefined): Float64Array {
    if (histogram === undefined) return this.#slots.fill(0);
    fillSlots(this.#layout, histogram, this.#slots);
    this.#counts.prepare(this.#slots, this.#layout);
    return this.#slots;
  }
}

/** Bits of Go's NaN, which readers tell apart from the stale marker. */
const NAN_HIGH = 0x7ff80000;
const NAN_LOW = 1;

const SUM = new Float64Array(1);
const SUM_WORDS = wordsIn(SUM);
const STALE_SUM = { high: STALE_HIGH, low: STALE_LOW };
const NAN_SUM = { high: NAN_HIGH, low: NAN_LOW };

function sumWords(histogram: Histogram | undefined): { readonly high: number; readonly low: number } {
  if (histogram === undefined) return STALE_SUM;
  if (Number.isNaN(histogram.sum)) return NAN_SUM;
  SUM[0] = histogram.sum;
  return { high: SUM_WORDS[HIGH], low: SUM_WORDS[LOW] };
}
