import { compareLabels, type Labels } from '#shared/model/labels.ts';
import { executionError } from './query-error.ts';
import { type Scope, stepTimeMs } from './scope.ts';
import { dropMetadata, mergeSameLabels, type RangeSeries, type Value, type VectorSeries } from './value.ts';

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
}

/** Ordered by value after sort and topk, else in no order to rely on. */
export interface VectorResult {
  readonly kind: 'vector';
  readonly samples: readonly VectorSample[];
}

export interface MatrixSeries {
  readonly labels: Labels;
  readonly timestampsMs: Float64Array;
  /** As long as `timestampsMs`. */
  readonly values: Float64Array;
}

/** Ordered by labels. */
export interface MatrixResult {
  readonly kind: 'matrix';
  readonly series: readonly MatrixSeries[];
}

/** What a query gives. */
export type ResultValue = ScalarResult | StringResult | VectorResult | MatrixResult;

/** The value of the only step of an instant query. */
export function toInstantResult(value: Value, timeMs: number): ResultValue {
  switch (value.kind) {
    case 'scalar':
      return { kind: 'scalar', timeMs, value: value.values[0] };
    case 'string':
      return { kind: 'string', timeMs, value: value.value };
    case 'vector': {
      const samples = withNamesDropped(value.series).map(({ labels, values }) => ({
        labels,
        timeMs,
        value: values[0],
      }));
      return { kind: 'vector', samples };
    }
    case 'matrix':
      return matrixResult(value.series.map(rawSeries));
  }
}

/** The values of all steps of a range query; a scalar is a series without labels. */
export function toRangeResult(value: Value, scope: Scope): MatrixResult {
  if (value.kind === 'scalar') {
    return matrixResult([{ labels: [], timestampsMs: allTimes(scope), values: value.values }]);
  }
  if (value.kind !== 'vector') throw new TypeError(`Cannot make a range query of a ${value.kind}`);
  const times = allTimes(scope);
  return matrixResult(withNamesDropped(value.series).map((series) => presentSamples(series, times)));
}

/** With delayed name removal names go now.
 *  @see prometheus/promql/engine.go cleanupMetricLabels */
function withNamesDropped(series: readonly VectorSeries[]): readonly VectorSeries[] {
  if (!series.some(({ dropName }) => dropName)) return mergeSameLabels(series);
  return mergeSameLabels(series.map((one) => (one.dropName ? { ...one, labels: dropMetadata(one.labels) } : one)));
}

function rawSeries({ labels, dropName, timestampsMs, values }: RangeSeries): MatrixSeries {
  return { labels: dropName ? dropMetadata(labels) : labels, timestampsMs, values };
}

function allTimes(scope: Scope): Float64Array {
  return Float64Array.from({ length: scope.steps }, (_, k) => stepTimeMs(scope, k));
}

function presentSamples({ labels, values, present }: VectorSeries, times: Float64Array): MatrixSeries {
  if (!present.includes(0)) return { labels, timestampsMs: times, values };
  const isPresent = (_: number, k: number) => present[k] === 1;
  return { labels, timestampsMs: times.filter(isPresent), values: values.filter(isPresent) };
}

function matrixResult(series: readonly MatrixSeries[]): MatrixResult {
  const sorted = series.toSorted((a, b) => compareLabels(a.labels, b.labels));
  for (let i = 1; i < sorted.length; i++) {
    if (compareLabels(sorted[i - 1].labels, sorted[i].labels) === 0) {
      throw executionError('vector cannot contain metrics with the same labelset');
    }
  }
  return { kind: 'matrix', series: sorted };
}
