import { histogramSizeBytes } from '#shared/model/histogram/size.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { type Column, countPresent, type RangeSeries, type Value, type VectorSeries } from './value.ts';

/** A time and a float. */
const SAMPLE_BYTES = 16;

/** What a histogram weighs among samples: as many as it takes the memory of, in Prometheus.
 *  @see prometheus/promql/value.go HPoint.size */
export function histogramWeight(histogram: Histogram): number {
  return Math.floor((histogramSizeBytes(histogram) + 8) / SAMPLE_BYTES);
}

/** What a histogram weighs in a vector that is just made.
 *  @see prometheus/promql/value.go Vector.TotalSamples */
function histogramWeightInVector(histogram: Histogram): number {
  return 1 + Math.floor(histogramSizeBytes(histogram) / SAMPLE_BYTES);
}

/** What the samples of a column weigh. @param count How many there are. */
export function columnWeight({ present, histograms }: Column, count: number, weightOf = histogramWeight): number {
  if (histograms === undefined) return count;
  let weight = count;
  for (let k = 0; k < present.length; k++) {
    const histogram = present[k] === 1 ? histograms[k] : undefined;
    if (histogram !== undefined) weight += weightOf(histogram) - 1;
  }
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
  return sum(value.series, (series) => columnWeight(series, countPresent(series.present), histogramWeightInVector));
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

function vectorSeriesBytes({ values, histograms }: VectorSeries, ownHistograms: boolean): number {
  const bytes = columnBytes(values.length);
  if (histograms === undefined) return bytes;
  return bytes + (ownHistograms ? histogramBytes(histograms) : histograms.length * POINTER_BYTES);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
