import type { Histogram } from '#shared/model/histogram.ts';
import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { BuiltChunk } from './built-chunk.ts';
import { CHUNK_RANGE_MS } from './chunk-cuts.ts';
import { encodeFloatRun } from './float-run.ts';
import { HistogramRun } from './histogram-run.ts';
import { createSampleColumns, type SampleColumns } from './sample-columns.ts';

/** Samples of one series as storage gives them. @see shared/model/storage.ts SeriesSamples */
export interface BuilderSamples {
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  readonly histograms?: readonly (Histogram | undefined)[];
  readonly startTimestampsMs?: Float64Array;
}

/** Makes chunks of the samples of one series at a time, as many and as large as Prometheus would. A chunk has samples of one
 *  kind and of one chunk range; floats are cut at 120 to 240 samples or 1,005 bytes, histograms at 1,024 to 2,048 bytes and
 *  wherever a counter begins anew or its buckets are others. A stale marker behind a histogram becomes one of a histogram.
 *  Memory: the samples since the last change of kind. */
export class ChunkBuilder {
  readonly #rangeMs: number;
  #chunks: BuiltChunk[] = [];
  #floats = createSampleColumns(1024, { startTimestamps: true });
  #floatCount = 0;
  #histograms: HistogramRun | undefined;
  #lastIsHistogram = false;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param rangeMs No chunk crosses a multiple of it. @default 2 h */
  constructor({ rangeMs = CHUNK_RANGE_MS }: { readonly rangeMs?: number } = {}) {
    this.#rangeMs = rangeMs;
  }

  /** Appends the samples from `from` to before `to`; they are copied.
   *  @throws {RangeError} When a time is not after the one before. */
  append(samples: BuilderSamples, { from = 0, to = samples.timestampsMs.length } = {}): void {
    this.#checkTimes(samples, from, to);
    const { histograms } = samples;
    if (histograms === undefined && !this.#lastIsHistogram) {
      this.#appendFloats(samples, from, to);
      return;
    }
    const words = wordsOf(samples.values);
    for (let i = from; i < to; i++) {
      const histogram = histograms?.[i];
      if (histogram === undefined && !(this.#lastIsHistogram && isStaleAt(words, i))) {
        this.#appendFloats(samples, i, i + 1);
      } else {
        this.#appendHistogram(samples, i, histogram);
      }
    }
  }

  /** The chunks of the series, in the order of time; the builder is ready for another one. */
  finish(): BuiltChunk[] {
    this.#closeFloats();
    this.#histograms?.restart();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#lastIsHistogram = false;
    this.#lastMs = Number.NEGATIVE_INFINITY;
    return chunks;
  }

  #checkTimes({ timestampsMs }: BuilderSamples, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const time = timestampsMs[i];
      if (!(time > this.#lastMs)) {
        throw new RangeError(`Cannot append sample: time ${time} is not after ${this.#lastMs}`);
      }
      this.#lastMs = time;
    }
  }

  #appendFloats({ timestampsMs, values, startTimestampsMs }: BuilderSamples, from: number, to: number): void {
    if (from === to) return;
    if (this.#lastIsHistogram) this.#histograms?.close();
    this.#lastIsHistogram = false;
    const at = this.#floatCount;
    this.#floatCount = at + to - from;
    this.#floats = grown(this.#floats, this.#floatCount);
    this.#floats.timestampsMs.set(timestampsMs.subarray(from, to), at);
    this.#floats.values.set(values.subarray(from, to), at);
    const startTimes = this.#floats.startTimestampsMs!;
    if (startTimestampsMs === undefined) startTimes.fill(0, at, this.#floatCount);
    else startTimes.set(startTimestampsMs.subarray(from, to), at);
  }

  #appendHistogram({ timestampsMs, startTimestampsMs }: BuilderSamples, i: number, histogram?: Histogram): void {
    this.#closeFloats();
    this.#lastIsHistogram = true;
    const startTimestampMs = startTimestampsMs === undefined ? 0 : startTimestampsMs[i];
    this.#histograms ??= new HistogramRun(this.#rangeMs, (chunk) => this.#chunks.push(chunk));
    this.#histograms.append({ timestampMs: timestampsMs[i], startTimestampMs, histogram });
  }

  #closeFloats(): void {
    if (this.#floatCount === 0) return;
    const chunks = encodeFloatRun(this.#floats, { from: 0, to: this.#floatCount, rangeMs: this.#rangeMs });
    for (const chunk of chunks) this.#chunks.push(chunk);
    this.#floatCount = 0;
  }
}

/** The columns with room for `length` samples. */
function grown(columns: SampleColumns, length: number): SampleColumns {
  const { timestampsMs } = columns;
  if (length <= timestampsMs.length) return columns;
  const larger = createSampleColumns(Math.max(length, 2 * timestampsMs.length), { startTimestamps: true });
  larger.timestampsMs.set(timestampsMs);
  larger.values.set(columns.values);
  larger.startTimestampsMs!.set(columns.startTimestampsMs!);
  return larger;
}
