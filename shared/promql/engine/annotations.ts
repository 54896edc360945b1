import { goQuote } from '#shared/model/labels.ts';
import type { Span } from '#shared/promql/syntax/ast.ts';
import { formatGoG, formatRfc3339 } from './go-format.ts';

/** A remark on a result: something was probably not meant so. Equal texts are one annotation.
 *  @see prometheus/util/annotations/annotations.go */
export interface Annotation {
  readonly severity: 'warning' | 'info';
  /** Without the prefix `PromQL warning: ` and the position. */
  readonly text: string;
  readonly span: Span;
  /** Where counts were changed to be monotonic; those of one text are put together. */
  readonly monotonicity?: MonotonicityFix;
  /** How often it happened, where that is said. */
  readonly occurrences?: number;
}

export interface MonotonicityFix {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly minBucket: number;
  readonly maxBucket: number;
  readonly maxDiff: number;
  /** As upstream counts them: 64 bits with a sign. */
  readonly samples: bigint;
}

/** Collects the annotations of one query. */
export class Annotations {
  readonly #found = new Map<string, Annotation>();

  add(annotation: Annotation): void {
    const key = `${annotation.severity}:${annotation.text}`;
    const before = this.#found.get(key);
    this.#found.set(key, before === undefined ? annotation : merge(before, annotation));
  }

  /** The texts of one severity as the API shows them, in the order found.
   *  @param query The text that spans refer to; without it no positions are shown. */
  texts(severity: Annotation['severity'], query: string | undefined): string[] {
    const own = [...this.#found.values()].filter((annotation) => annotation.severity === severity);
    return own.map((annotation) => render(annotation, query));
  }
}

/** Of equal annotations the later one counts, as upstream's map keeps it; those that count add up in the earlier one. */
function merge(before: Annotation, after: Annotation): Annotation {
  const { monotonicity, occurrences } = before;
  if (monotonicity !== undefined && after.monotonicity !== undefined) {
    return { ...before, monotonicity: mergeFixes(monotonicity, after.monotonicity) };
  }
  if (occurrences !== undefined && after.occurrences !== undefined) {
    return { ...before, occurrences: occurrences + after.occurrences };
  }
  return after;
}

function mergeFixes(a: MonotonicityFix, b: MonotonicityFix): MonotonicityFix {
  return {
    minTimeMs: Math.min(a.minTimeMs, b.minTimeMs),
    maxTimeMs: Math.max(a.maxTimeMs, b.maxTimeMs),
    minBucket: Math.min(a.minBucket, b.minBucket),
    maxBucket: Math.max(a.maxBucket, b.maxBucket),
    maxDiff: Math.max(a.maxDiff, b.maxDiff),
    samples: BigInt.asIntN(64, a.samples + b.samples),
  };
}

function render(annotation: Annotation, query: string | undefined): string {
  const text = `PromQL ${annotation.severity}: ${annotation.text}`;
  if (query === undefined) return text;
  const details = renderFix(annotation.monotonicity) + renderOccurrences(annotation.occurrences);
  return `${text}${details} (${linePosition(query, annotation.span.start)})`;
}

function renderOccurrences(occurrences = 1): string {
  return occurrences > 1 ? ` (${occurrences} occurrences)` : '';
}

function renderFix(fix: MonotonicityFix | undefined): string {
  if (fix === undefined) return '';
  const range = `from buckets ${formatGoG(fix.minBucket)} to ${formatGoG(fix.maxBucket)}`;
  const diff = `with a max diff of ${formatGoG(fix.maxDiff, 2)}`;
  const times = `from ${formatRfc3339(fix.minTimeMs)} to ${formatRfc3339(fix.maxTimeMs)}`;
  return `, ${range}, ${diff}, over ${fix.samples} samples ${times}`;
}

/** `line:column`, both from 1; the column counts bytes of UTF-8.
 *  @see prometheus/promql/parser/posrange/posrange.go */
function linePosition(query: string, offset: number): string {
  const before = query.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  let column = 1;
  for (const char of before.slice(lineStart)) column += utf8Length(char.codePointAt(0)!);
  return `${line}:${column}`;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

function warning(text: string, span: Span): Annotation {
  return { severity: 'warning', text, span };
}

function info(text: string, span: Span): Annotation {
  return { severity: 'info', text, span };
}

function forMetric(text: string, metricName: string): string {
  return metricName === '' ? text : `${text} for metric name ${goQuote(metricName)}`;
}

/** A φ that is NaN or outside [0, 1]. */
export function invalidQuantile(phi: number, span: Span): Annotation {
  return warning(`quantile value should be between 0 and 1, got ${formatGoG(phi)}`, span);
}

/** A ratio outside [−1, 1]; `used` is the bound taken in its place. */
export function invalidRatio(ratio: number, used: number, span: Span): Annotation {
  const got = `got ${formatGoG(ratio)}, capping to ${formatGoG(used)}`;
  return warning(`ratio value should be between -1 and 1, ${got}`, span);
}

/** A bucket of a classic histogram whose `le` is no number. */
export function badBucketLabel(metricName: string, le: string, span: Span): Annotation {
  const text = `bucket label "le" is missing or has a malformed value of ${goQuote(le)}`;
  return warning(forMetric(text, metricName), span);
}

/** A function that can do nothing with floats and histograms in one series' window. */
export function mixedFloatsHistograms(metricName: string, span: Span): Annotation {
  return warning(`encountered a mix of histograms and floats for metric name ${goQuote(metricName)}`, span);
}

/** A group of floats and histograms, which has no sum. */
export function mixedInAggregation(span: Span): Annotation {
  return warning('encountered a mix of histograms and floats for aggregation', span);
}

/** Classic buckets and a native histogram with the same labels. */
export function mixedClassicNativeHistograms(metricName: string, span: Span): Annotation {
  return warning(forMetric('vector contains a mix of classic and native histograms', metricName), span);
}

/** A gauge histogram where a counter is needed. */
export function histogramNotCounter(metricName: string, span: Span): Annotation {
  return warning(`this native histogram metric is not a counter: ${goQuote(metricName)}`, span);
}

/** A counter histogram where a gauge is needed. */
export function histogramNotGauge(metricName: string, span: Span): Annotation {
  return warning(`this native histogram metric is not a gauge: ${goQuote(metricName)}`, span);
}

/** Exponential and custom buckets, which cannot be put together. */
export function mixedExponentialCustomHistograms(metricName: string, span: Span): Annotation {
  const text = 'vector contains a mix of histograms with exponential and custom buckets schemas for metric name';
  return warning(`${text} ${goQuote(metricName)}`, span);
}

/** An operator between histograms with exponential and with custom buckets. */
export function incompatibleBucketLayout(operator: string, span: Span): Annotation {
  return warning(`incompatible bucket layout encountered for binary operator ${operator}`, span);
}

export function sortInRangeQuery(span: Span): Annotation {
  return warning('sort is ineffective for range queries since results are always ordered by labels', span);
}

export function invalidIntegralStrategy(strategy: number, span: Span): Annotation {
  return warning(`strategy should be 0, 1, or 2 (default), using 2, got ${formatGoG(strategy)}`, span);
}

/** What is done to several histograms, as annotations name it. */
export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation';

/** A histogram after a counter reset met one that certainly is not. */
export function counterResetCollision(operation: HistogramOperation, span: Span): Annotation {
  return warning(`conflicting counter resets during histogram ${operation}`, span);
}

/** Custom bounds that differ: only the bounds they have in common were kept. */
export function mismatchedCustomBuckets(operation: HistogramOperation, span: Span): Annotation {
  return info(`mismatched custom buckets were reconciled during ${operation}`, span);
}

/** A sample's start time lies before the sample before it; those of one metric are counted. */
export function startTimeOverlap(metricName: string, span: Span): Annotation {
  const text = `sample has start time that overlaps with previous sample timestamp for metric ${goQuote(metricName)}`;
  return { severity: 'warning', text, span, occurrences: 1 };
}

/** A float series under a name that is not a counter's. */
export function possibleNonCounter(metricName: string, span: Span): Annotation {
  const text = 'metric might not be a counter, name does not end in _total/_sum/_count/_bucket:';
  return info(`${text} ${goQuote(metricName)}`, span);
}

/** A float series whose `__type__` is not a counter's. */
export function possibleNonCounterLabel(metricName: string, typeLabel: string, span: Span): Annotation {
  const text = 'metric might not be a counter, __type__ label is not set to "counter" or "histogram"';
  return info(`${text}, got ${goQuote(typeLabel)}: ${goQuote(metricName)}`, span);
}

/** Samples of types that the operator has no meaning for: there is no result.
 *  @param left `float` or `histogram`, as `right`. */
export function incompatibleTypes(left: string, operator: string, right: string, span: Span): Annotation {
  const text = `incompatible sample types encountered for binary operator ${goQuote(operator)}`;
  return info(`${text}: ${left} ${operator} ${right}`, span);
}

/** Histograms given to an aggregation of floats. */
export function histogramIgnoredInAggregation(aggregation: string, span: Span): Annotation {
  return info(`ignored histogram in ${aggregation} aggregation`, span);
}

/** Histograms given to a function of floats, among floats. */
export function histogramIgnoredInMixedRange(metricName: string, span: Span): Annotation {
  const text = 'ignored histograms in a range containing both floats and histograms for metric name';
  return info(`${text} ${goQuote(metricName)}`, span);
}

export function histogramQuantileNaNResult(metricName: string, span: Span): Annotation {
  return info(forMetric('input to histogram_quantile has NaN observations, result is NaN', metricName), span);
}

export function histogramQuantileNaNSkew(metricName: string, span: Span): Annotation {
  return info(forMetric('input to histogram_quantile has NaN observations, result is skewed higher', metricName), span);
}

export function histogramFractionNaNs(metricName: string, span: Span): Annotation {
  const text = 'input to histogram_fraction has NaN observations, which are excluded from all fractions';
  return info(forMetric(text, metricName), span);
}

/** Cumulative counts of classic buckets that fell. */
export function forcedMonotonicity(metricName: string, fix: MonotonicityFix, span: Span): Annotation {
  const url = 'https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile';
  const text = `input to histogram_quantile needed to be fixed for monotonicity (see ${url})`;
  return { severity: 'info', text: forMetric(text, metricName), span, monotonicity: fix };
}
