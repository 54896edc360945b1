import type { Histogram } from './histogram.ts';
import type { Labels } from './labels.ts';
import type { Matcher } from './matcher.ts';

/** The samples of one series in a time range, as two columns of equal length. Times rise strictly.
 *  A value may be a stale marker (see stale.ts). The reader must not write into the columns: they may be views of a cache. */
export interface SeriesSamples {
  readonly labels: Labels;
  /** Unix milliseconds. */
  readonly timestampsMs: Float64Array;
  readonly values: Float64Array;
  /** Where sample i is a native histogram and `values[i]` means nothing; absent when the series has none.
   *  A stale marker is a value, also after histograms. */
  readonly histograms?: readonly (Histogram | undefined)[];
  /** When the counter of sample i began, Unix milliseconds, 0 where that is not known; absent when it is of none. */
  readonly startTimestampsMs?: Float64Array;
  /** No value is a stale marker: nobody has to look. */
  readonly staleFree?: true;
}

export interface TimeRange {
  /** Inclusive, Unix milliseconds. */
  readonly minMs: number;
  /** Inclusive, Unix milliseconds. */
  readonly maxMs: number;
}

export interface SelectOptions {
  /** Called with the bytes of memory that reading will take, before it takes them; throws where they are too many. */
  readonly reserve?: (bytes: number) => void;
  /** Ends reading early. */
  readonly signal?: AbortSignal;
}

/** Reads samples. What engines see of storage.
 *  @see prometheus/storage/interface.go Querier */
export interface Querier {
  /** The series that all `matchers` hold for and that have a sample in the range, ordered by labels, each once.
   *  @throws {Error} When part of the range cannot be read; never a gap in its place. */
  select(matchers: readonly Matcher[], range: TimeRange, options?: SelectOptions): Promise<readonly SeriesSamples[]>;
  /** The label sets of the series that match in the range, ordered; an upper bound is allowed (a series near the range). */
  series(matchers: readonly Matcher[], range: TimeRange): Promise<readonly Labels[]>;
}

export type MetricType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown';

/** What a target says of a metric by `# TYPE`, `# HELP` and `# UNIT`. */
export interface MetricMetadata {
  /** The metric family's name as written in the `# TYPE` line. */
  readonly metric: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}
