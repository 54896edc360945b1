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
}

export interface MonotonicityFix {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly minBucket: number;
  readonly maxBucket: number;
  readonly maxDiff: number;
  readonly samples: number;
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

/** Of equal annotations the later one counts, as upstream's map keeps it. */
function merge(before: Annotation, after: Annotation): Annotation {
  const a = before.monotonicity;
  const b = after.monotonicity;
  if (a === undefined || b === undefined) return after;
  return {
    ...before,
    monotonicity: {
      minTimeMs: Math.min(a.minTimeMs, b.minTimeMs),
      maxTimeMs: Math.max(a.maxTimeMs, b.maxTimeMs),
      minBucket: Math.min(a.minBucket, b.minBucket),
      maxBucket: Math.max(a.maxBucket, b.maxBucket),
      maxDiff: Math.max(a.maxDiff, b.maxDiff),
      samples: a.samples + b.samples,
    },
  };
}

function render(annotation: Annotation, query: string | undefined): string {
  const text = `PromQL ${annotation.severity}: ${annotation.text}`;
  if (query === undefined) return text;
  return `${text}${renderFix(annotation.monotonicity)} (${linePosition(query, annotation.span.start)})`;
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

function forMetric(text: string, metricName: string): string {
  return metricName === '' ? text : `${text} for metric name ${goQuote(metricName)}`;
}

export function invalidQuantile(phi: number, span: Span): Annotation {
  return { severity: 'warning', text: `quantile value should be between 0 and 1, got ${formatGoG(phi)}`, span };
}

export function badBucketLabel(metricName: string, le: string, span: Span): Annotation {
  const text = `bucket label "le" is missing or has a malformed value of ${goQuote(le)}`;
  return { severity: 'warning', text: forMetric(text, metricName), span };
}

export function sortInRangeQuery(span: Span): Annotation {
  const text = 'sort is ineffective for range queries since results are always ordered by labels';
  return { severity: 'warning', text, span };
}

export function invalidIntegralStrategy(strategy: number, span: Span): Annotation {
  const text = `strategy should be 0, 1, or 2 (default), using 2, got ${formatGoG(strategy)}`;
  return { severity: 'warning', text, span };
}

export function possibleNonCounter(metricName: string, span: Span): Annotation {
  const text = 'metric might not be a counter, name does not end in _total/_sum/_count/_bucket:';
  return { severity: 'info', text: `${text} ${goQuote(metricName)}`, span };
}

/** Two floats met by an operator that is only for histograms. */
export function incompatibleTypes(left: string, operator: string, right: string, span: Span): Annotation {
  const text = `incompatible sample types encountered for binary operator ${goQuote(operator)}: ${left} ${operator} ${right}`;
  return { severity: 'info', text, span };
}

export function forcedMonotonicity(metricName: string, fix: MonotonicityFix, span: Span): Annotation {
  const url = 'https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile';
  const text = `input to histogram_quantile needed to be fixed for monotonicity (see ${url})`;
  return { severity: 'info', text: forMetric(text, metricName), span, monotonicity: fix };
}
