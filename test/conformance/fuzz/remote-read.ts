import type { Buckets, CounterReset, Histogram } from '#shared/model/histogram.ts';
import { formatLabels, labelsFromPairs, labelsKey } from '#shared/model/labels.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples, TimeRange } from '#shared/model/storage.ts';
import { ProtobufWriter } from '#test/support/protobuf-writer.ts';
import { snappyLiterals } from '#test/support/snappy-literals.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { snappyDecode } from './snappy-decode.ts';

const REGEX_MATCHER = 2;
const RESET_HINTS: readonly CounterReset[] = ['unknown', 'reset', 'not-reset', 'gauge'];

/** Reads all series that a server has in a time range, by remote read 1.0: what its own engine sees, counter resets as
 *  found when samples were stored, and empty buckets as they came to be in its chunks.
 *  @param url The server's, without a slash at the end.
 *  @returns Ordered by time within each series, series in no order. */
export async function remoteRead(url: string, { minMs, maxMs }: TimeRange): Promise<SeriesSamples[]> {
  const writer = new ProtobufWriter();
  writer.message(1, () => {
    writer.int64(1, minMs);
    writer.int64(2, maxMs);
    writer.message(3, () => {
      writer.int64(1, REGEX_MATCHER);
      writer.string(2, '__name__');
      writer.string(3, '.*');
    });
  });
  const response = await fetch(`${url}/api/v1/read`, {
    method: 'POST',
    headers: {
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-read-version': '0.1.0',
    },
    body: snappyLiterals(writer.bytes()),
  });
  if (!response.ok) throw new Error(`Cannot read from ${url}: status ${response.status}: ${await response.text()}`);
  return readResponse(new ProtobufReader(snappyDecode(await response.bytes())));
}

/** Adds what messages of remote read have no field for: the sign of a zero, and start timestamps.
 *  @param written The same samples as `stored`. */
export function restoreUnread(
  stored: readonly SeriesSamples[],
  written: readonly SeriesSamples[],
  { startTimestamps }: { readonly startTimestamps: boolean },
): SeriesSamples[] {
  const byLabels = new Map(written.map((series) => [labelsKey(series.labels), series]));
  return stored.map((series) => {
    const before = byLabels.get(labelsKey(series.labels));
    const { labels, values } = series;
    if (before?.values.length !== values.length)
      throw new Error(`Cannot read what was written: ${formatLabels(labels)}`);
    for (let i = 0; i < values.length; i++) if (values[i] === 0) values[i] = before.values[i];
    const { startTimestampsMs } = before;
    return startTimestamps && startTimestampsMs !== undefined ? { ...series, startTimestampsMs } : series;
  });
}

function readResponse(response: ProtobufReader): SeriesSamples[] {
  const series: SeriesSamples[] = [];
  while (response.next()) {
    const result = response.message();
    while (result.next()) series.push(readSeries(result.message()));
  }
  return series;
}

interface HistogramSample {
  readonly timeMs: number;
  readonly histogram: Histogram;
  readonly stale: boolean;
}

function readSeries(message: ProtobufReader): SeriesSamples {
  const labels: (readonly [string, string])[] = [];
  const floats: ProtobufReader[] = [];
  const histograms: HistogramSample[] = [];
  while (message.next()) {
    if (message.field === 1) labels.push(readLabel(message.message()));
    else if (message.field === 2) floats.push(message.message());
    else if (message.field === 4) histograms.push(readHistogram(message.message()));
    else message.skip();
  }
  return { labels: labelsFromPairs(labels), ...mergeSamples(readFloats(floats), histograms) };
}

function readLabel(message: ProtobufReader): readonly [string, string] {
  let name = '';
  let value = '';
  while (message.next()) {
    if (message.field === 1) name = message.string();
    else value = message.string();
  }
  return [name, value];
}

function readFloats(messages: readonly ProtobufReader[]) {
  const values = new Float64Array(messages.length);
  const words = wordsOf(values);
  const timestampsMs = new Float64Array(messages.length);
  for (const [i, message] of messages.entries()) {
    while (message.next()) {
      if (message.field === 1) message.doubleTo(words, i);
      else timestampsMs[i] = message.uint();
    }
  }
  return { timestampsMs, values };
}

/** A response has the floats of a series and its histograms apart. */
function mergeSamples(
  floats: { readonly timestampsMs: Float64Array; readonly values: Float64Array },
  samples: readonly HistogramSample[],
): Omit<SeriesSamples, 'labels'> {
  if (samples.length === 0) return floats;
  const length = floats.values.length + samples.length;
  const timestampsMs = new Float64Array(length);
  const values = new Float64Array(length);
  const words = wordsOf(values);
  const from = wordsOf(floats.values);
  const histograms: (Histogram | undefined)[] = new Array(length);
  for (let i = 0, f = 0, h = 0; i < length; i++) {
    if (h === samples.length || floats.timestampsMs[f] < samples[h].timeMs) {
      timestampsMs[i] = floats.timestampsMs[f];
      words.set(from.subarray(2 * f, 2 * f + 2), 2 * i);
      f++;
    } else {
      timestampsMs[i] = samples[h].timeMs;
      if (samples[h].stale) setStaleAt(words, i);
      else histograms[i] = samples[h].histogram;
      h++;
    }
  }
  return { timestampsMs, values, histograms };
}

interface RawBuckets {
  readonly spans: { offset: number; length: number }[];
  deltas: number[];
  counts: Float64Array;
}

function readHistogram(message: ProtobufReader): HistogramSample {
  const head = { count: 0, zeroCount: 0, schema: 0, zeroThreshold: 0, timeMs: 0, hint: 0 };
  const sum = new Float64Array(1);
  const words = wordsOf(sum);
  const negative: RawBuckets = { spans: [], deltas: [], counts: new Float64Array(0) };
  const positive: RawBuckets = { spans: [], deltas: [], counts: new Float64Array(0) };
  let customBounds: Float64Array | undefined;
  while (message.next()) {
    if (message.field === 1) head.count = message.uint();
    else if (message.field === 2) head.count = message.double();
    else if (message.field === 3) message.doubleTo(words, 0);
    else if (message.field === 4) head.schema = message.sint();
    else if (message.field === 5) head.zeroThreshold = message.double();
    else if (message.field === 6) head.zeroCount = message.uint();
    else if (message.field === 7) head.zeroCount = message.double();
    else if (message.field === 8) negative.spans.push(readSpan(message.message()));
    else if (message.field === 9) negative.deltas = message.packedSints();
    else if (message.field === 10) negative.counts = message.packedDoubles();
    else if (message.field === 11) positive.spans.push(readSpan(message.message()));
    else if (message.field === 12) positive.deltas = message.packedSints();
    else if (message.field === 13) positive.counts = message.packedDoubles();
    else if (message.field === 14) head.hint = message.uint();
    else if (message.field === 15) head.timeMs = message.uint();
    else if (message.field === 16) customBounds = message.packedDoubles();
    else message.skip();
  }
  const { timeMs, hint, ...scalars } = head;
  const histogram: Histogram = {
    ...scalars,
    counterReset: RESET_HINTS[hint],
    sum: sum[0],
    positive: toBuckets(positive),
    negative: toBuckets(negative),
    ...(customBounds === undefined ? {} : { customBounds }),
  };
  return { timeMs, histogram, stale: words[0] === 2 && words[1] === 0x7ff00000 };
}

function readSpan(message: ProtobufReader): { offset: number; length: number } {
  const span = { offset: 0, length: 0 };
  while (message.next()) {
    if (message.field === 1) span.offset = message.sint();
    else span.length = message.uint();
  }
  return span;
}

function toBuckets({ spans, deltas, counts }: RawBuckets): Buckets {
  const indexes: number[] = [];
  let index = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) indexes.push(index++);
  }
  if (counts.length > 0) return { indexes: Int32Array.from(indexes), counts };
  let count = 0;
  return { indexes: Int32Array.from(indexes), counts: Float64Array.from(deltas, (delta) => (count += delta)) };
}
