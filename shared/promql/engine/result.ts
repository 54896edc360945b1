import type { Histogram } from '#shared/model/histogram.ts';
import { compareLabels, type Labels, labelsEqual } from '#shared/model/labels.ts';
import { executionError } from './query-error.ts';
import { type Scope, stepTimesMs } from './scope.ts';
import {
  allPresent,
  areStrictlyOrdered,
  dropMetadata,
  mergeSameLabels,
  type RangeSeries,
  type Value,
  type VectorSeries,
} from './value.ts';

export interface ScalarResult {
  readonly kind: 'scalar';
  readonly timeMs: number;
  readonly value: number;
}

export interface StringResult {
  readonly kind: 'string';
  readonly timeMs: number;
  readonly value: string;
}

export interface VectorSample {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
  /** Where the sample is a native histogram and `value` means nothing. */
  readonly histogram?: Histogram;
}

/** Ordered by value after sort and topk, else in no order to rely on. */
export interface VectorResult {
  readonly kind: 'vector';
  readonly samples: readonly VectorSample[];
}

export interface MatrixSeries {
  readonly labels: Labels;
  /** Of the samples that are floats. */
  readonly timestampsMs: Float64Array;
  /** As long as `timestampsMs`. */
  readonly values: Float64Array;
  /** The samples that are native histograms; absent when there is none. */
  readonly histograms?: HistogramSamples;
}

/** Native histograms of one series, in the order of time. */
export interface HistogramSamples {
  readonly timestampsMs: Float64Array;
  /** As long as `timestampsMs`. */
  readonly values: readonly Histogram[];
}

/** Ordered by labels. */
export interface MatrixResult {
  readonly kind: 'matrix';
  readonly series: readonly MatrixSeries[];
}

/** What a query gives. */
export type ResultValue = ScalarResult | StringResult | VectorResult | MatrixResult;

/** The value of the only step of an instant query. */
export function toInstantResult(value: Value, timeMs: number, delayedNameRemoval: boolean): ResultValue {
  switch (value.kind) {
    case 'scalar':
      return { kind: 'scalar', timeMs, value: value.values[0] };
    case 'string':
      return { kind: 'string', timeMs, value: value.value };
    case 'vector': {
      const samples = withNamesDropped(value.series, delayedNameRemoval).map((series) => sampleOf(series, timeMs));
      return { kind: 'vector', samples };
    }
    case 'matrix':
      return matrixResult(value.series.map(rawSeries));
  }
}

function sampleOf({ labels, values, histograms }: VectorSeries, timeMs: number): VectorSample {
  const histogram = histograms?.[0];
  if (histogram === undefined) return { labels, timeMs, value: values[0] };
  return { labels, timeMs, value: Number.NaN, histogram };
}

/** The values of all steps of a range query; a scalar is a series without labels. */
export function toRangeResult(value: Value, scope: Scope, delayedNameRemoval: boolean): MatrixResult {
  const times = stepTimesMs(scope);
  if (value.kind === 'scalar') return matrixResult([{ labels: [], timestampsMs: times, values: value.values }]);
  if (value.kind !== 'vector') throw new TypeError(`Cannot make a range query of a ${value.kind}`);
  const series = withNamesDropped(value.series, delayedNameRemoval);
  const shown = series.map((one) => presentSamples(one, times));
  return areStrictlyOrdered(series) ? { kind: 'matrix', series: shown } : matrixResult(shown);
}

/** With delayed name removal names go now.
 *  @see prometheus/promql/engine.go cleanupMetricLabels */
function withNamesDropped(series: readonly VectorSeries[], delayedNameRemoval: boolean): readonly VectorSeries[] {
  if (!delayedNameRemoval) return mergeSameLabels(series);
  return mergeSameLabels(series.map((one) => (one.dropName ? { ...one, labels: dropMetadata(one.labels) } : one)));
}

function rawSeries({ labels, dropName, timestampsMs, values, histograms }: RangeSeries): MatrixSeries {
  const shown = dropName ? dropMetadata(labels) : labels;
  if (histograms === undefined) return { labels: shown, timestampsMs, values };
  return { labels: shown, ...splitByType(histograms, timestampsMs, values) };
}

function presentSamples({ labels, values, present, histograms }: VectorSeries, times: Float64Array): MatrixSeries {
  if (present === allPresent(times.length) || !present.includes(0)) {
    if (histograms === undefined) return { labels, timestampsMs: times, values };
    return { labels, ...splitByType(histograms, times, values) };
  }
  const isPresent = (_: unknown, k: number) => present[k] === 1;
  const timestampsMs = times.filter(isPresent);
  const floats = values.filter(isPresent);
  if (histograms === undefined) return { labels, timestampsMs, values: floats };
  const shown: (Histogram | undefined)[] = [];
  for (let k = 0; k < present.length; k++) if (present[k] === 1) shown.push(histograms[k]);
  return { labels, ...splitByType(shown, timestampsMs, floats) };
}

/** Floats and histograms apart. */
function splitByType(
  histograms: readonly (Histogram | undefined)[],
  timestampsMs: Float64Array,
  values: Float64Array,
): Omit<MatrixSeries, 'labels'> {
  const isFloat = (_: unknown, i: number) => histograms[i] === undefined;
  const isHistogram = (_: unknown, i: number) => histograms[i] !== undefined;
  const floats = { timestampsMs: timestampsMs.filter(isFloat), values: values.filter(isFloat) };
  const found = histograms.filter((histogram) => histogram !== undefined);
  if (found.length === 0) return floats;
  return { ...floats, histograms: { timestampsMs: timestampsMs.filter(isHistogram), values: found } };
}

/** Series that have lost the names that told them apart are one.
 *  @throws {QueryError} When they have samples at the same time.
 *  @see prometheus/promql/engine.go mergeSeriesWithSameLabelset */
function matrixResult(series: readonly MatrixSeries[]): MatrixResult {
  if (areStrictlyOrdered(series)) return { kind: 'matrix', series };
  const sorted = series.toSorted((a, b) => compareLabels(a.labels, b.labels));
  if (areStrictlyOrdered(sorted)) return { kind: 'matrix', series: sorted };
  const merged: MatrixSeries[] = [];
  for (const one of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && labelsEqual(last.labels, one.labels)) merged[merged.length - 1] = mergeSamples(last, one);
    else merged.push(one);
  }
  return { kind: 'matrix', series: merged };
}

type Sample = readonly [timeMs: number, value: number | Histogram];

function mergeSamples(a: MatrixSeries, b: MatrixSeries): MatrixSeries {
  const samples = [...samplesOf(a), ...samplesOf(b)].sort(([x], [y]) => x - y);
  for (let i = 1; i < samples.length; i++) {
    if (samples[i][0] === samples[i - 1][0]) {
      throw executionError('vector cannot contain metrics with the same labelset');
    }
  }
  const timestampsMs = Float64Array.from(samples, ([timeMs]) => timeMs);
  const values = Float64Array.from(samples, ([, value]) => (typeof value === 'number' ? value : Number.NaN));
  const histograms = samples.map(([, value]) => (typeof value === 'number' ? undefined : value));
  return { labels: a.labels, ...splitByType(histograms, timestampsMs, values) };
}

function samplesOf({ timestampsMs, values, histograms }: MatrixSeries): Sample[] {
  const floats = Array.from(timestampsMs, (timeMs, i): Sample => [timeMs, values[i]]);
  if (histograms === undefined) return floats;
  return [...floats, ...histograms.values.map((value, i): Sample => [histograms.timestampsMs[i], value])];
}
