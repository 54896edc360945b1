import { type HistogramRows, histogramsOfRows } from '#shared/model/histogram/rows.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { compareLabels, type Labels, labelsKey, METRIC_NAME, withoutLabels } from '#shared/model/labels.ts';
import { executionError } from './query-error.ts';

/** The value of one series at every step, column by column: step k has the value `values[k]` where `present[k]` is 1.
 *  A NaN is a sample like any other, so presence is kept apart. Never written to once it is part of a value:
 *  columns are shared between series and between nodes. */
export interface Column {
  readonly values: Float64Array;
  readonly present: Uint8Array;
  /** Where step k is a native histogram and `values[k]` means nothing. Absent when no step is one: code for floats only
   *  asks once a series. */
  readonly histograms?: readonly (Histogram | undefined)[];
  /** The same histograms, where all samples are histograms and of one layout; means nothing where no sample is present.
   *  `histograms` is then only made when somebody asks for it, as taking over all properties of a column does. */
  readonly rows?: HistogramRows;
}

/** A column while it is filled. `histograms` is made when the first one comes. */
export interface GrowingColumn {
  readonly values: Float64Array;
  readonly present: Uint8Array;
  histograms?: (Histogram | undefined)[];
  /** In place of `histograms`: of all samples. */
  rows?: HistogramRows;
}

/** One series of an instant vector over all steps; present at one step at least. */
export interface VectorSeries extends Column {
  readonly labels: Labels;
  /** With delayed name removal: the metric name goes when the result is complete. */
  readonly dropName: boolean;
}

/** Raw samples of one series, without stale markers. Times rise strictly. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /** As in `SeriesSamples`. */
  readonly histograms?: readonly (Histogram | undefined)[];
  readonly startTimestampsMs?: Float64Array;
}

export interface ScalarValue {
  readonly kind: 'scalar';
  /** One a step. */
  readonly values: Float64Array;
}

/** Series in the order of the result, where the order means something (sort, topk at a single step). */
export interface VectorValue {
  readonly kind: 'vector';
  readonly series: readonly VectorSeries[];
}

export interface MatrixValue {
  readonly kind: 'matrix';
  readonly series: readonly RangeSeries[];
}

export interface StringValue {
  readonly kind: 'string';
  readonly value: string;
}

/** The value of an expression over all steps. */
export type Value = ScalarValue | VectorValue | MatrixValue | StringValue;

export const EMPTY_VECTOR: VectorValue = { kind: 'vector', series: [] };

/** Why a result is refused in which two series differ in nothing but the dropped name. */
const SAME_LABELSET = 'vector cannot contain metrics with the same labelset';

/** A series of histograms in rows. */
export function seriesOfRows(
  { labels, dropName }: Pick<VectorSeries, 'labels' | 'dropName'>,
  { values, present }: Pick<Column, 'values' | 'present'>,
  rows: HistogramRows,
): VectorSeries {
  let histograms: (Histogram | undefined)[] | undefined;
  return {
    labels,
    dropName,
    values,
    present,
    rows,
    get histograms() {
      histograms ??= histogramsOfRows(rows);
      return histograms;
    },
  };
}

/** Whether a column has histograms, without making them. */
export function hasHistograms(column: Column): boolean {
  return column.rows !== undefined || column.histograms !== undefined;
}

/** A column to be filled. */
export function createColumn(steps: number): GrowingColumn {
  return { values: new Float64Array(steps), present: new Uint8Array(steps) };
}

/** Numbers of steps whose `allPresent` is kept. */
const KEPT_LENGTHS = 16;
const keptPresent = new Map<number, Uint8Array>();

/** The presence of a column that has a sample at each of `steps` steps: mostly one array shared by all of them, so that
 *  comparing with it is a fast, though not a complete, test for such a column. Not to be written to. */
export function allPresent(steps: number): Uint8Array {
  let present = keptPresent.get(steps);
  if (present === undefined) {
    present = new Uint8Array(steps).fill(1);
    if (keptPresent.size >= KEPT_LENGTHS) keptPresent.clear();
    keptPresent.set(steps, present);
  }
  return present;
}

/** Sets step k to a native histogram. */
export function setHistogram(out: GrowingColumn, k: number, histogram: Histogram): void {
  out.histograms ??= new Array(out.values.length);
  out.histograms[k] = histogram;
  out.present[k] = 1;
}

/** The number of steps that have a sample. */
export function countPresent(present: Uint8Array): number {
  if (present === keptPresent.get(present.length)) return present.length;
  let count = 0;
  for (let k = 0; k < present.length; k++) count += present[k];
  return count;
}

/** Labels that say what a metric is, and no longer hold for a value computed from it.
 *  @see prometheus/schema/labels.go IsMetadataLabel */
export function isMetadataLabel(name: string): boolean {
  return name === METRIC_NAME || name === '__type__' || name === '__unit__';
}

/** `labels` without the metric name, type and unit; the same array when there is none. */
export function dropMetadata(labels: Labels): Labels {
  for (let i = 0; i < labels.length; i += 2) {
    if (isMetadataLabel(labels[i])) return withoutLabels(labels, isMetadataLabel);
  }
  return labels;
}

/** Joins series with equal labels that are never present at the same step; keeps the order of first appearance.
 *  @throws {QueryError} When two are present at one step.
 *  @see prometheus/promql/engine.go mergeSeriesWithSameLabelset */
export function mergeSameLabels(series: readonly VectorSeries[]): readonly VectorSeries[] {
  if (areStrictlyOrdered(series)) return series;
  const indexOf = new Map<string, number>();
  const merged: VectorSeries[] = [];
  const owned = new Map<number, OwnedSeries>();
  for (const one of series) {
    const key = labelsKey(one.labels);
    const at = indexOf.get(key);
    if (at === undefined) {
      indexOf.set(key, merged.length);
      merged.push(one);
      continue;
    }
    let target = owned.get(at);
    if (target === undefined) {
      target = copySeries(merged[at]);
      owned.set(at, target);
      merged[at] = target;
    }
    mergeInto(target, one);
  }
  return merged.length === series.length ? series : merged;
}

/** Lists of series that were found to be ordered. They are not written to any more. */
const knownOrdered = new WeakSet<readonly { readonly labels: Labels }[]>();

/** Whether labels rise strictly, so that no two are equal. */
export function areStrictlyOrdered(series: readonly { readonly labels: Labels }[]): boolean {
  if (knownOrdered.has(series)) return true;
  for (let i = 1; i < series.length; i++) {
    if (compareLabels(series[i - 1].labels, series[i].labels) >= 0) return false;
  }
  knownOrdered.add(series);
  return true;
}

type OwnedSeries = Omit<VectorSeries, 'dropName'> & GrowingColumn & { dropName: boolean };

function copySeries({ labels, dropName, values, present, histograms }: VectorSeries): OwnedSeries {
  const floats = { labels, dropName, values: values.slice(), present: present.slice() };
  return histograms === undefined ? floats : { ...floats, histograms: histograms.slice() };
}

/** The name stays or goes as it does with the earliest sample. */
function mergeInto(target: OwnedSeries, source: VectorSeries): void {
  if (source.present.indexOf(1) < target.present.indexOf(1)) target.dropName = source.dropName;
  for (let k = 0; k < source.present.length; k++) {
    if (source.present[k] === 0) continue;
    if (target.present[k] === 1) throw executionError(SAME_LABELSET);
    target.present[k] = 1;
    target.values[k] = source.values[k];
    if (source.histograms?.[k] !== undefined) {
      target.histograms ??= new Array(target.values.length);
      target.histograms[k] = source.histograms[k];
    }
  }
}
