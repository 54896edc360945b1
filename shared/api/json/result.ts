import { formatFloatPlain } from '#shared/model/float.ts';
import { boundariesRule, populatedBuckets } from '#shared/model/histogram/buckets.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import type { Labels } from '#shared/model/labels.ts';
import type { MatrixSeries, ResultValue, VectorSample } from '#shared/promql/engine/result.ts';
import { encodeJson, type JsonPieces, JsonText, quotePlain } from './go-json.ts';
import { JsonWriter } from './json-writer.ts';

/** A query's result as upstream writes it.
 *  @see prometheus/web/api/v1/json_codec.go */
export function resultJson(value: ResultValue): JsonPieces {
  return {
    writeTo: (out) => writeResult(out, value),
    get text() {
      const out = new JsonWriter();
      for (const _ of writeResult(out, value));
      return out.text();
    },
  };
}

function* writeResult(out: JsonWriter, value: ResultValue): Generator<void> {
  switch (value.kind) {
    case 'scalar':
      out.ascii(`[${value.timeMs / 1000},"${formatFloatPlain(value.value)}"]`);
      return;
    case 'string':
      out.raw(`[${value.timeMs / 1000},${encodeJson(value.value)}]`);
      return;
    case 'vector':
      yield* writeList(out, value.samples, writeSample);
      return;
    case 'matrix':
      yield* writeList(out, value.series, createSeriesWriter());
      return;
  }
}

function* writeList<T>(
  out: JsonWriter,
  items: readonly T[],
  write: (out: JsonWriter, item: T) => void,
): Generator<void> {
  out.ascii('[');
  for (let i = 0; i < items.length; i++) {
    if (i > 0) out.ascii(',');
    write(out, items[i]);
    if (out.hasChunk) yield;
  }
  out.ascii(']');
}

/** A label set as a JSON object. */
export function labelsJson(labels: Labels): JsonText {
  let text = '{';
  for (let i = 0; i < labels.length; i += 2) {
    if (i > 0) text += ',';
    text += `${quotePlain(labels[i])}:${quotePlain(labels[i + 1])}`;
  }
  return new JsonText(`${text}}`);
}

function writeMetric(out: JsonWriter, labels: Labels): void {
  out.ascii('{"metric":{');
  for (let i = 0; i < labels.length; i += 2) {
    if (i > 0) out.ascii(',');
    out.quoted(labels[i]);
    out.ascii(':');
    out.quoted(labels[i + 1]);
  }
  out.ascii('}');
}

function writeSample(out: JsonWriter, { labels, timeMs, value, histogram }: VectorSample): void {
  writeMetric(out, labels);
  out.ascii(`,"${histogram === undefined ? 'value' : 'histogram'}":[${timestampText(timeMs)},`);
  if (histogram === undefined) out.float(value);
  else writeHistogram(out, histogram);
  out.ascii(']}');
}

/** The series of a range query share their times, so the texts of the times are kept. */
function createSeriesWriter(): (out: JsonWriter, series: MatrixSeries) => void {
  const known = new Map<Float64Array, PointStarts>();
  const startsOf = (timesMs: Float64Array): PointStarts => {
    let starts = known.get(timesMs);
    if (starts === undefined) known.set(timesMs, (starts = pointStarts(timesMs)));
    return starts;
  };
  return (out, { labels, timestampsMs, values, histograms }) => {
    writeMetric(out, labels);
    if (values.length > 0) {
      out.ascii(',"values":[');
      writePoints(out, startsOf(timestampsMs), (i) => out.float(values[i]));
    }
    if (histograms !== undefined && histograms.values.length > 0) {
      out.ascii(',"histograms":[');
      writePoints(out, startsOf(histograms.timestampsMs), (i) => writeHistogram(out, histograms.values[i]));
    }
    out.ascii('}');
  };
}

/** The texts that points begin with, `,[1700000000,`, one after the other. */
interface PointStarts {
  readonly bytes: Uint8Array;
  /** Where each ends. */
  readonly ends: Int32Array;
}

function pointStarts(timesMs: Float64Array): PointStarts {
  const texts = Array.from(timesMs, (timeMs, i) => `${i === 0 ? '' : ','}[${timestampText(timeMs)},`);
  let end = 0;
  const ends = Int32Array.from(texts, (text) => (end += text.length));
  return { bytes: new TextEncoder().encode(texts.join('')), ends };
}

function writePoints(out: JsonWriter, { bytes, ends }: PointStarts, writeValue: (i: number) => void): void {
  let start = 0;
  for (let i = 0; i < ends.length; i++) {
    out.bytes(bytes, start, ends[i]);
    writeValue(i);
    out.ascii(']');
    start = ends[i];
  }
  out.ascii(']');
}

/** @see prometheus/util/jsonutil/marshal.go MarshalHistogram */
function writeHistogram(out: JsonWriter, histogram: Histogram): void {
  out.ascii('{"count":');
  out.float(histogram.count);
  out.ascii(',"sum":');
  out.float(histogram.sum);
  const buckets = populatedBuckets(histogram);
  for (const [i, bucket] of buckets.entries()) {
    out.ascii(`${i === 0 ? ',"buckets":[' : ','}[${boundariesRule(bucket)},`);
    out.float(bucket.lower);
    out.ascii(',');
    out.float(bucket.upper);
    out.ascii(',');
    out.float(bucket.count);
    out.ascii(']');
  }
  out.ascii(buckets.length > 0 ? ']}' : '}');
}

/** Milliseconds as seconds with no decimals or three. Times of scalars, strings and statistics are numbers as any other.
 *  @see prometheus/util/jsonutil/marshal.go MarshalTimestamp */
export function timestampText(timeMs: number): string {
  const size = Math.abs(timeMs);
  const fraction = size % 1000;
  const whole = `${timeMs < 0 ? '-' : ''}${(size - fraction) / 1000}`;
  return fraction === 0 ? whole : `${whole}.${String(fraction).padStart(3, '0')}`;
}
