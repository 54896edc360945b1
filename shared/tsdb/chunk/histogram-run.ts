import type { Histogram } from '#shared/model/histogram.ts';
import { BitWriter } from './bit-writer.ts';
import type { BuiltChunk } from './built-chunk.ts';
import { chunkRangeEnd, foreseeChunkEnd, HISTOGRAM_BYTES, MIN_HISTOGRAM_SAMPLES } from './chunk-cuts.ts';
import { HISTOGRAM, HISTOGRAM_ST, holdsStartTimestamps } from './encoding.ts';
import {
  GAUGE,
  type HistogramEncoding,
  hasWholeCounts,
  histogramEncoding,
  NOT_RESET,
  RESET,
  type ResetHeader,
  UNKNOWN_RESET,
} from './histogram-encoding.ts';
import { fitHistogram, type HistogramFit } from './histogram-fit.ts';
import { type HistogramLayout, layoutOf, STALE_LAYOUT } from './histogram-layout.ts';
import { HistogramChunkWriter, type HistogramSample } from './histogram-writer.ts';

/** The chunk that samples are appended to. */
interface OpenChunk {
  encoding: HistogramEncoding;
  readonly reset: ResetHeader;
  readonly samples: HistogramSample[];
  layout: HistogramLayout;
  writer: HistogramChunkWriter;
  /** A sample at or after this time goes to the next chunk. */
  endMs: number;
}

/** Makes chunks of the native histograms of one series, cut where the head of Prometheus cuts them. Where a histogram
 *  has buckets that the chunk does not, the chunk is written again with them.
 *  @see prometheus/tsdb/head_append.go histogramsAppendPreprocessor, appendHistogram */
export class HistogramRun {
  readonly #rangeMs: number;
  readonly #emit: (chunk: BuiltChunk) => void;
  readonly #writer = new BitWriter();
  #open: OpenChunk | undefined;
  /** Whether `endMs` was foreseen from the chunk's size. As in Prometheus it stays so when a counter reset cuts the chunk. */
  #endForeseen = false;
  /** A count that is not whole makes the chunk and all that follow floats: else they would be cut wherever counts happen to
   *  be whole. */
  #wholeSoFar = true;

  constructor(rangeMs: number, emit: (chunk: BuiltChunk) => void) {
    this.#rangeMs = rangeMs;
    this.#emit = emit;
  }

  /** @param sample Later than the one before. */
  append(sample: HistogramSample): void {
    const { histogram } = sample;
    if (this.#wholeSoFar && histogram !== undefined) this.#wholeSoFar = hasWholeCounts(histogram);
    const open = this.#open;
    if (open !== undefined && !this.#wholeSoFar) this.#makeFloat(open);
    const encoding = isMarker(sample) && open !== undefined ? open.encoding : this.#encodingOf(sample);
    if (open === undefined || open.encoding !== encoding || this.#isLarge(open, sample.timestampMs)) {
      this.#endForeseen = false;
      this.#begin(sample, { encoding, reset: resetAfter(open, encoding, histogram) });
      return;
    }
    const fit = fitOf(open, histogram);
    if (fit.kind === 'cut') {
      this.#begin(sample, { encoding, reset: resetWithin(encoding, fit.reset) });
      return;
    }
    if (fit.layout !== open.layout) this.#recode(open, { layout: fit.layout });
    open.samples.push(sample);
    open.writer.append(sample);
  }

  /** Hands over the open chunk. A later histogram is not compared with it: in between there were other samples. */
  close(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#finish(open);
    this.#open = undefined;
  }

  /** Hands over the open chunk and begins with another series. */
  restart(): void {
    this.close();
    this.#wholeSoFar = true;
  }

  #begin(sample: HistogramSample, { encoding, reset }: { encoding: HistogramEncoding; reset: ResetHeader }): void {
    if (this.#open !== undefined) this.#finish(this.#open);
    const layout = sample.histogram === undefined ? STALE_LAYOUT : layoutOf(sample.histogram);
    const writer = new HistogramChunkWriter(this.#writer, encoding, layout);
    writer.append(sample);
    const endMs = chunkRangeEnd(sample.timestampMs, this.#rangeMs);
    this.#open = { encoding, reset, samples: [sample], layout, writer, endMs };
  }

  #encodingOf({ startTimestampMs }: HistogramSample): HistogramEncoding {
    return histogramEncoding({ integer: this.#wholeSoFar, startTimestamps: startTimestampMs !== 0 });
  }

  #makeFloat(open: OpenChunk): void {
    if (!isInteger(open.encoding)) return;
    const startTimestamps = holdsStartTimestamps(open.encoding);
    this.#recode(open, { encoding: histogramEncoding({ integer: false, startTimestamps }) });
  }

  /** Writes the chunk again, with more buckets or as floats. */
  #recode(open: OpenChunk, change: { readonly encoding?: HistogramEncoding; readonly layout?: HistogramLayout }): void {
    open.layout = change.layout ?? open.layout;
    open.encoding = change.encoding ?? open.encoding;
    open.writer = new HistogramChunkWriter(this.#writer, open.encoding, open.layout);
    for (const sample of open.samples) open.writer.append(sample);
  }

  /** Whether the chunk is large enough, or its time is over. */
  #isLarge(open: OpenChunk, timeMs: number): boolean {
    const { samples, writer } = open;
    const firstMs = samples[0].timestampMs;
    const { byteLength } = writer;
    if (!this.#endForeseen && byteLength >= HISTOGRAM_BYTES / 4) {
      const lastMs = samples[samples.length - 1].timestampMs;
      open.endMs = foreseeChunkEnd({ firstMs, lastMs, endMs: open.endMs }, HISTOGRAM_BYTES / byteLength);
      this.#endForeseen = true;
    }
    if (writer.isFull) return true;
    if (timeMs < open.endMs && byteLength < 2 * HISTOGRAM_BYTES) return false;
    return samples.length >= MIN_HISTOGRAM_SAMPLES || timeMs >= chunkRangeEnd(firstMs, this.#rangeMs);
  }

  #finish({ encoding, samples, writer, reset }: OpenChunk): void {
    this.#emit({
      encoding,
      minMs: samples[0].timestampMs,
      maxMs: samples[samples.length - 1].timestampMs,
      sampleCount: samples.length,
      bytes: writer.finish(reset),
    });
  }
}

/** Whether it is a stale marker without a start timestamp, which any chunk can hold. */
function isMarker({ histogram, startTimestampMs }: HistogramSample): boolean {
  return histogram === undefined && startTimestampMs === 0;
}

function isInteger(encoding: HistogramEncoding): boolean {
  return encoding === HISTOGRAM || encoding === HISTOGRAM_ST;
}

function fitOf({ reset, layout, samples }: OpenChunk, histogram: Histogram | undefined): HistogramFit {
  return fitHistogram({ reset, layout, last: samples[samples.length - 1].histogram }, histogram);
}

/** What the header of a new chunk says, which a sample began because it did not fit. Float chunks tell only resets apart.
 *  @see prometheus/tsdb/chunkenc/float_histogram.go AppendFloatHistogram */
function resetWithin(encoding: HistogramEncoding, reset: ResetHeader): ResetHeader {
  return reset === NOT_RESET && !isInteger(encoding) ? UNKNOWN_RESET : reset;
}

/** What the header of a new chunk says, which follows `before` for its size.
 *  @see prometheus/tsdb/chunkenc/histogram.go AppendHistogram */
function resetAfter(
  before: OpenChunk | undefined,
  encoding: HistogramEncoding,
  histogram: Histogram | undefined,
): ResetHeader {
  if (histogram?.counterReset === 'gauge') return GAUGE;
  if (histogram?.counterReset === 'reset') return RESET;
  if (before === undefined || isInteger(before.encoding) !== isInteger(encoding)) return UNKNOWN_RESET;
  const fit = fitOf(before, histogram);
  const reset = fit.kind === 'fits' ? NOT_RESET : fit.reset;
  return isInteger(encoding) || reset === RESET ? reset : NOT_RESET;
}
