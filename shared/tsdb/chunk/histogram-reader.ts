import { reduceResolution } from '#shared/model/histogram/schema.ts';
import { type Buckets, CUSTOM_BUCKETS_SCHEMA, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import { BitReader } from './bit-reader.ts';
import { encodingName, holdsStartTimestamps, sampleCount } from './encoding.ts';
import { type CountsCodec, countsCodec, TOTAL_SLOTS } from './histogram-counts.ts';
import { GAUGE, type HistogramEncoding, type ResetHeader, resetOf } from './histogram-encoding.ts';
import { type HistogramLayout, readLayout, slotCount } from './histogram-layout.ts';
import { checkRoom, HIGH, LOW, type SampleColumns, STALE_HIGH, STALE_LOW } from './sample-columns.ts';
import { START_HEADER_BYTE, StartTimesReader } from './start-times.ts';
import { readVarbitInt } from './varbit.ts';
import { XorValues } from './xor-values.ts';

const reader: BitReader = new BitReader();

/** Reads all samples of a chunk into `columns` from `at` on. A stale marker becomes a value. Histograms share the indexes of
 *  their buckets; the first has no hint of a counter reset, as the chunk before may be gone.
 *  @returns How many there are.
 *  @throws {RangeError} As `decodeXor`; also when the schema is unknown. @throws {TypeError} When there is no column for histograms.
 *  @see prometheus/tsdb/chunkenc/histogram.go, float_histogram.go, histogram_st.go, float_histogram_st.go */
export function decodeHistograms(
  encoding: HistogramEncoding,
  chunk: Uint8Array,
  { columns, at }: { readonly columns: SampleColumns; readonly at: number },
): number {
  const count = sampleCount(encoding, chunk);
  checkRoom(columns, at, count);
  const { timestampsMs, startTimestampsMs, words, histograms } = columns;
  if (histograms === undefined) {
    throw new TypeError(`Cannot decode ${encodingName(encoding)} chunk: there is no column for histograms`);
  }
  startTimestampsMs?.fill(0, at, at + count);
  if (count === 0) return 0;
  const startHeader = holdsStartTimestamps(encoding) ? chunk[START_HEADER_BYTE] : 0;
  const startTimes = startHeader === 0 ? undefined : new StartTimesReader(startHeader);
  reader.load(chunk, 3);
  const histogram = new HistogramReader(encoding, readLayout(reader), resetOf(encoding, chunk));
  let time = 0;
  let delta = 0;
  for (let i = 0; i < count; i++) {
    const previousTime = time;
    if (i === 0) {
      time = readVarbitInt(reader);
      histogram.readFirst();
    } else {
      delta += readVarbitInt(reader);
      time += delta;
      histogram.readNext();
    }
    timestampsMs[at + i] = time;
    histograms[at + i] = histogram.isStale ? undefined : histogram.current(i);
    words[2 * (at + i) + HIGH] = histogram.isStale ? STALE_HIGH : 0;
    words[2 * (at + i) + LOW] = histogram.isStale ? STALE_LOW : 0;
    if (startTimes === undefined) continue;
    const startTime = startTimes.read(reader, { time, previousTime });
    if (startTimestampsMs !== undefined) startTimestampsMs[at + i] = startTime;
  }
  if (!Number.isSafeInteger(time)) reader.raise(`time ${time} is beyond 2^53 - 1`);
  return count;
}

const MIN_KNOWN_SCHEMA = -9;
const MAX_KNOWN_SCHEMA = 52;
/** Higher ones are of a newer Prometheus: it says to read them as this one. */
const MAX_SCHEMA = 8;

/** Reads what HistogramChunkWriter wrote, one histogram after the other. */
class HistogramReader {
  readonly #layout: HistogramLayout;
  readonly #reset: ResetHeader;
  readonly #counts: CountsCodec;
  readonly #slots: number;
  readonly #sum = new XorValues(1);
  #room = new Float64Array(0);
  #roomAt = 0;

  constructor(encoding: HistogramEncoding, layout: HistogramLayout, reset: ResetHeader) {
    const { schema } = layout;
    if (schema !== CUSTOM_BUCKETS_SCHEMA && !(schema >= MIN_KNOWN_SCHEMA && schema <= MAX_KNOWN_SCHEMA)) {
      throw new RangeError(
        `histogram has an unknown schema, which must be between ${MIN_KNOWN_SCHEMA} and ${MAX_KNOWN_SCHEMA} for exponential buckets, or ${CUSTOM_BUCKETS_SCHEMA} for custom buckets, got schema ${schema}`,
      );
    }
    this.#layout = layout;
    this.#reset = reset;
    this.#slots = slotCount(layout);
    this.#counts = countsCodec(encoding, this.#slots);
  }

  get isStale(): boolean {
    return this.#sum.hasWords(0, STALE_HIGH, STALE_LOW);
  }

  readFirst(): void {
    for (let slot = 0; slot < TOTAL_SLOTS; slot++) this.#counts.readFirst(reader, slot);
    this.#sum.readFirst(reader, 0);
    for (let slot = TOTAL_SLOTS; slot < this.#slots; slot++) this.#counts.readFirst(reader, slot);
  }

  readNext(): void {
    for (let slot = 0; slot < TOTAL_SLOTS; slot++) this.#counts.read(reader, slot);
    this.#sum.read(reader, 0);
    if (this.isStale) return;
    for (let slot = TOTAL_SLOTS; slot < this.#slots; slot++) this.#counts.read(reader, slot);
  }

  /** @param position In the chunk, from 0. */
  current(position: number): Histogram {
    const { schema, zeroThreshold, positive, negative, customBounds } = this.#layout;
    const histogram = {
      counterReset: this.#reset === GAUGE ? 'gauge' : position === 0 ? 'unknown' : 'not-reset',
      schema,
      zeroThreshold,
      zeroCount: this.#counts.total(1),
      count: this.#counts.total(0),
      sum: this.#sum.values[0],
      positive: this.#buckets(positive, TOTAL_SLOTS),
      negative: this.#buckets(negative, TOTAL_SLOTS + positive.length),
    } as const;
    if (customBounds !== undefined) return { ...histogram, customBounds };
    return schema > MAX_SCHEMA ? reduceResolution(histogram, MAX_SCHEMA) : histogram;
  }

  #buckets(indexes: Int32Array, from: number): Buckets {
    const { length } = indexes;
    if (length === 0) return NO_BUCKETS;
    if (this.#roomAt + length > this.#room.length) {
      this.#room = new Float64Array(Math.max(length, ROOM));
      this.#roomAt = 0;
    }
    const counts = new Float64Array(this.#room.buffer, this.#roomAt * 8, length);
    this.#roomAt += length;
    this.#counts.copyBuckets(from, counts);
    return { indexes, counts };
  }
}

/** Counts that one buffer has room for: of many histograms, as a buffer costs more than the counts of one. */
const ROOM = 1024;
