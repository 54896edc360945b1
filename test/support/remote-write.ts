import type { Buckets, CounterReset, Histogram } from '#shared/model/histogram.ts';
import { type Labels, labelPairs } from '#shared/model/labels.ts';
import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { snappyLiterals } from './snappy-literals.ts';

/** Requests are ended above this. The receiver refuses more than 32 MiB. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
/** Samples of one series in one message, so that a long series does not make a request too large. */
const MAX_SAMPLES = 20_000;

const RESET_HINTS: Readonly<Record<CounterReset, number>> = { unknown: 0, reset: 1, 'not-reset': 2, gauge: 3 };

/** Consecutive samples of one series, from `from` to before `to`, of one type. Among histograms a stale marker is the last
 *  of its run: it is stored as a histogram, after floats that come with it. */
interface Run {
  readonly series: SeriesSamples;
  readonly from: number;
  readonly to: number;
}

/** Writes series to a receiver of remote write, in time order within each series: 2.0 where a series has start
 *  timestamps, else 1.0. Histograms all of whose counts are whole are written as integer histograms, others as float
 *  histograms.
 *  @param url The receiver's, such as `http://localhost:9090/api/v1/write`.
 *  @throws {Error} When the receiver does not take all. */
export async function remoteWrite(url: string, series: readonly SeriesSamples[]): Promise<void> {
  const version2 = series.some(({ startTimestampsMs }) => startTimestampsMs !== undefined);
  const headers = {
    'content-encoding': 'snappy',
    'content-type': `application/x-protobuf${version2 ? ';proto=io.prometheus.write.v2.Request' : ''}`,
    'x-prometheus-remote-write-version': version2 ? '2.0.0' : '0.1.0',
  };
  for (const request of writeRequests(series, { version2 })) {
    const response = await fetch(url, { method: 'POST', headers, body: snappyLiterals(request) });
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot write to ${url}: status ${response.status}: ${text.trim()}`);
  }
}

/** The messages, in the order to send them, each until the next is asked for.
 *  A receiver stores the floats of a message before its histograms, so that each message has only one run of a series
 *  that mixes them.
 *  @see prometheus/prompb/remote.proto WriteRequest, prometheus/prompb/io/prometheus/write/v2/types.proto Request */
export function* writeRequests(
  series: readonly SeriesSamples[],
  { version2 = false }: { readonly version2?: boolean } = {},
): Generator<Uint8Array> {
  let runs = series.filter(({ values }) => values.length > 0).map((one) => runAt(one, 0));
  while (runs.length > 0) {
    let request = new RequestWriter(version2);
    for (const run of runs) {
      request.add(run);
      if (request.length < MAX_REQUEST_BYTES) continue;
      yield request.finish();
      request = new RequestWriter(version2);
    }
    if (request.length > 0) yield request.finish();
    runs = runs.filter(({ series, to }) => to < series.values.length).map(({ series, to }) => runAt(series, to));
  }
}

function runAt(series: SeriesSamples, from: number): Run {
  const { values, histograms } = series;
  const end = Math.min(values.length, from + MAX_SAMPLES);
  let to = end;
  if (histograms !== undefined) {
    const isHistogram = histograms[from] !== undefined;
    const words = wordsOf(values);
    to = from + 1;
    while (to < end && (histograms[to] !== undefined) === isHistogram && !isStaleAt(words, to - 1)) to++;
  }
  return { series, from, to };
}

/** One message of either version. */
class RequestWriter {
  readonly #version2: boolean;
  readonly #writer = new ProtobufWriter();
  /** Strings by number, of version 2; the first must be empty. */
  readonly #symbols = new Map<string, number>([['', 0]]);

  constructor(version2: boolean) {
    this.#version2 = version2;
  }

  get length(): number {
    return this.#writer.length;
  }

  add(run: Run): void {
    this.#writer.message(this.#version2 ? 5 : 1, () => {
      this.#writeLabels(run.series.labels);
      writeSamples(this.#writer, run, this.#version2 ? 3 : 4);
    });
  }

  finish(): Uint8Array {
    if (this.#version2) for (const symbol of this.#symbols.keys()) this.#writer.string(4, symbol);
    return this.#writer.bytes();
  }

  #writeLabels(labels: Labels): void {
    const writer = this.#writer;
    if (this.#version2) {
      writer.packedUint64(
        1,
        labels.map((text) => this.#symbol(text)),
      );
      return;
    }
    for (const [name, value] of labelPairs(labels)) {
      writer.message(1, () => {
        writer.string(1, name);
        writer.string(2, value);
      });
    }
  }

  #symbol(text: string): number {
    let number = this.#symbols.get(text);
    if (number === undefined) {
      number = this.#symbols.size;
      this.#symbols.set(text, number);
    }
    return number;
  }
}

function writeSamples(writer: ProtobufWriter, { series, from, to }: Run, histogramsField: number): void {
  const { timestampsMs, values, histograms, startTimestampsMs } = series;
  const words = wordsOf(values);
  for (let i = from; i < to; i++) {
    const startMs = startTimestampsMs?.[i] ?? 0;
    const histogram = histograms?.[i];
    if (histogram !== undefined) {
      writer.message(histogramsField, () => {
        writeHistogram(writer, histogram, timestampsMs[i]);
        if (startMs !== 0) writer.int64(17, startMs);
      });
      continue;
    }
    writer.message(2, () => {
      writer.doubleWords(1, words[2 * i], words[2 * i + 1]);
      writer.int64(2, timestampsMs[i]);
      if (startMs !== 0) writer.int64(3, startMs);
    });
  }
}

function writeHistogram(writer: ProtobufWriter, histogram: Histogram, timestampMs: number): void {
  const { count, zeroCount, sum, schema, zeroThreshold, positive, negative, customBounds, counterReset } = histogram;
  const whole = [count, zeroCount, ...positive.counts, ...negative.counts].every(isWhole);
  if (whole) writer.int64(1, count);
  else writer.double(2, count);
  writer.double(3, sum);
  writer.sint64(4, schema);
  writer.double(5, zeroThreshold);
  if (whole) writer.int64(6, zeroCount);
  else writer.double(7, zeroCount);
  writeBuckets(writer, negative, { spans: 8, deltas: 9, counts: 10, whole });
  writeBuckets(writer, positive, { spans: 11, deltas: 12, counts: 13, whole });
  writer.int64(14, RESET_HINTS[counterReset]);
  writer.int64(15, timestampMs);
  if (customBounds !== undefined) writer.packedDoubles(16, customBounds);
}

function isWhole(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0;
}

/** @param fields The numbers of the message's fields. */
function writeBuckets(
  writer: ProtobufWriter,
  { indexes, counts }: Buckets,
  fields: { readonly spans: number; readonly deltas: number; readonly counts: number; readonly whole: boolean },
): void {
  let end = 0;
  for (let from = 0; from < indexes.length; ) {
    let to = from + 1;
    while (to < indexes.length && indexes[to] === indexes[to - 1] + 1) to++;
    const offset = indexes[from] - end;
    const length = to - from;
    writer.message(fields.spans, () => {
      writer.sint64(1, offset);
      writer.int64(2, length);
    });
    end = indexes[from] + length;
    from = to;
  }
  if (indexes.length === 0) return;
  if (!fields.whole) writer.packedDoubles(fields.counts, counts);
  else
    writer.packedSint64(
      fields.deltas,
      counts.map((count, i) => count - (i === 0 ? 0 : counts[i - 1])),
    );
}
