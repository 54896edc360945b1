import { formatFloatJson, formatFloatPlain } from '#shared/model/float.ts';
import type { Labels } from '#shared/model/labels.ts';
import type { MatrixSeries, ResultValue, VectorSample } from '#shared/promql/engine/result.ts';
import { encodeJson, JsonText, quotePlain } from './go-json.ts';

/** A query's result as upstream writes it. Built as text, because results are large.
 *  @see prometheus/web/api/v1/json_codec.go */
export function resultJson(value: ResultValue): JsonText {
  switch (value.kind) {
    case 'scalar':
      return new JsonText(`[${value.timeMs / 1000},"${formatFloatPlain(value.value)}"]`);
    case 'string':
      return new JsonText(`[${value.timeMs / 1000},${encodeJson(value.value)}]`);
    case 'vector':
      return new JsonText(`[${value.samples.map(sampleText).join(',')}]`);
    case 'matrix':
      return new JsonText(`[${value.series.map(createSeriesWriter()).join(',')}]`);
  }
}

/** A label set as a JSON object. */
export function labelsJson(labels: Labels): JsonText {
  return new JsonText(labelsText(labels));
}

function labelsText(labels: Labels): string {
  let out = '{';
  for (let i = 0; i < labels.length; i += 2) {
    if (i > 0) out += ',';
    out += `${quotePlain(labels[i])}:${quotePlain(labels[i + 1])}`;
  }
  return `${out}}`;
}

function sampleText({ labels, timeMs, value }: VectorSample): string {
  return `{"metric":${labelsText(labels)},"value":[${timestampText(timeMs)},"${formatFloatJson(value)}"]}`;
}

/** The series of a range query share their times, so the texts of the times are kept. */
function createSeriesWriter(): (series: MatrixSeries) => string {
  const known = new Map<Float64Array, readonly string[]>();
  const textsOf = (timesMs: Float64Array): readonly string[] => {
    let texts = known.get(timesMs);
    if (texts === undefined) {
      texts = Array.from(timesMs, timestampText);
      known.set(timesMs, texts);
    }
    return texts;
  };
  return ({ labels, timestampsMs, values }) => {
    if (values.length === 0) return `{"metric":${labelsText(labels)}}`;
    const times = textsOf(timestampsMs);
    let out = `{"metric":${labelsText(labels)},"values":[`;
    for (let i = 0; i < values.length; i++) {
      out += `${i === 0 ? '' : ','}[${times[i]},"${formatFloatJson(values[i])}"]`;
    }
    return `${out}]}`;
  };
}

/** Milliseconds as seconds with no decimals or three. Times of scalars, strings and statistics are numbers as any other.
 *  @see prometheus/util/jsonutil/marshal.go MarshalTimestamp */
export function timestampText(timeMs: number): string {
  const size = Math.abs(timeMs);
  const fraction = size % 1000;
  const whole = `${timeMs < 0 ? '-' : ''}${(size - fraction) / 1000}`;
  return fraction === 0 ? whole : `${whole}.${String(fraction).padStart(3, '0')}`;
}
