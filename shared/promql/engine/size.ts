import { sameLists } from '#shared/model/histogram/layout.ts';
import { rowWidth } from '#shared/model/histogram/rows.ts';
import { histogramSizeBytes, type SizedBuckets } from '#shared/model/histogram/size.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { type Column, countPresent, hasHistograms, type RangeSeries, type Value, type VectorSeries } from './value.ts';

/** A time and a float. */
const SAMPLE_BYTES = 16;

/** What a histogram weighs among samples: as many as it takes the memory of, in Prometheus.
 *  @see prometheus/promql/value.go HPoint.size */
export function histogramWeight(histogram: SizedBuckets): number {
  return weightOfSize(histogramSizeBytes(histogram));
}

function weightOfSize(sizeBytes: number): number {
  return Math.floor((sizeBytes + 8) / SAMPLE_BYTES);
}

/** What a histogram weighs in a vector that is just made.
 *  @see prometheus/promql/value.go Vector.TotalSamples */
function weightInVector(sizeBytes: number): number {
  return 1 + Math.floor(sizeBytes / SAMPLE_BYTES);
}

/** What the samples of a column weigh. @param count How many there are.
 *  @param weightOf What a histogram of some size weighs. */
export function columnWeight(column: Column, count: number, weightOf = weightOfSize): number {
  const { present, rows } = column;
  if (rows !== undefined) return rowsWeight(rows.sizesBytes, present, weightOf);
  const { histograms } = column;
  if (histograms === undefined) return count;
  let weight = count;
  let last: Histogram | undefined;
  let lastWeight = 0;
  for (let k = 0; k < present.length; k++) {
    const histogram = present[k] === 1 ? histograms[k] : undefined;
    if (histogram === undefined) continue;
    if (last === undefined || !sameLists(histogram, last)) lastWeight = weightOf(histogramSizeBytes(histogram));
    last = histogram;
    weight += lastWeight - 1;
  }
  return weight;
}

function rowsWeight(sizesBytes: Int32Array, present: Uint8Array, weightOf: (sizeBytes: number) => number): number {
  let weight = 0;
  for (let k = 0; k < present.length; k++) if (present[k] === 1) weight += weightOf(sizesBytes[k]);
  return weight;
}

/** What the samples from `from` to before `to` weigh. */
export function samplesWeight({ histograms }: Pick<RangeSeries, 'histograms'>, from: number, to: number): number {
  let weight = to - from;
  if (histograms === undefined) return weight;
  for (let i = from; i < to; i++) {
    const histogram = histograms[i];
    if (histogram !== undefined) weight += histogramWeight(histogram) - 1;
  }
  return weight;
}

/** What all samples of a vector or scalar weigh while it is made. */
export function freshWeight(value: Value): number {
  if (value.kind !== 'vector') return valueWeight(value);
  return sum(value.series, (series) => columnWeight(series, countPresent(series.present), weightInVector));
}

/** What all samples of a value weigh. */
export function valueWeight(value: Value): number {
  switch (value.kind) {
    case 'scalar':
      return value.values.length;
    case 'string':
      return 0;
    case 'vector':
      return sum(value.series, (series) => columnWeight(series, countPresent(series.present)));
    case 'matrix':
      return sum(value.series, (series) => samplesWeight(series, 0, series.values.length));
  }
}

/** Memory of a histogram: its object, two pairs of arrays with their buffers, and the buckets. */
const HISTOGRAM_BYTES = 700;
const BUCKET_ENTRY_BYTES = 12;
const POINTER_BYTES = 8;
/** Labels, views and the series' own object. */
const SERIES_BYTES = 400;

/** An estimate of the memory that histograms take. */
export function histogramBytes(histograms: readonly (Histogram | undefined)[]): number {
  let bytes = histograms.length * POINTER_BYTES;
  for (let k = 0; k < histograms.length; k++) {
    const histogram = histograms[k];
    if (histogram === undefined) continue;
    bytes +=
      HISTOGRAM_BYTES + (histogram.positive.indexes.length + histogram.negative.indexes.length) * BUCKET_ENTRY_BYTES;
  }
  return bytes;
}

/** As `histogramBytes`, of a column; of rows what they take should somebody ask for the histograms. */
export function columnHistogramBytes(column: Column): number {
  const { rows, present } = column;
  if (rows === undefined) return column.histograms === undefined ? 0 : histogramBytes(column.histograms);
  const each = HISTOGRAM_BYTES + rowWidth(rows.layout) * BUCKET_ENTRY_BYTES;
  return present.length * POINTER_BYTES + countPresent(present) * each;
}

/** An estimate of the memory of one column of floats, presence included. */
export function columnBytes(steps: number): number {
  return SERIES_BYTES + steps * 9;
}

/** An estimate of the memory that a value takes.
 *  @param ownHistograms Whether its histograms are its own, not storage's. */
export function valueBytes(value: Value, ownHistograms: boolean): number {
  switch (value.kind) {
    case 'scalar':
      return value.values.byteLength;
    case 'string':
      return value.value.length * 2;
    case 'vector':
      return sum(value.series, (series) => vectorSeriesBytes(series, ownHistograms));
    case 'matrix':
      return sum(value.series, ({ values }) => SERIES_BYTES + values.length * SAMPLE_BYTES);
  }
}

function vectorSeriesBytes(series: VectorSeries, ownHistograms: boolean): number {
  const { length } = series.values;
  const bytes = columnBytes(length);
  if (!hasHistograms(series)) return bytes;
  return bytes + (ownHistograms ? columnHistogramBytes(series) : length * POINTER_BYTES);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
