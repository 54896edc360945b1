import { addHistograms, multiplyHistogram, subtractHistograms } from '#shared/model/histogram/arithmetic.ts';
import { detectReset } from '#shared/model/histogram/reset.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { type Annotation, mismatchedCustomBuckets } from '#shared/promql/engine/annotations.ts';
import type { Span } from '#shared/promql/syntax/ast.ts';

/** A sample and its time. */
export interface Point<T> {
  readonly timeMs: number;
  readonly value: T;
}

/** The value at a time on the line through two samples. Of a counter that fell between them, the line from 0.
 *  @see prometheus/promql/functions.go interpolate */
export function interpolate(
  before: Point<number>,
  after: Point<number>,
  { timeMs, isCounter }: { readonly timeMs: number; readonly isCounter: boolean },
): number {
  const first = isCounter && after.value < before.value ? 0 : before.value;
  return first + ((after.value - first) * (timeMs - before.timeMs)) / (after.timeMs - before.timeMs);
}

/** The histogram at a time between two histograms. Of a counter that was reset between them, the part of the second one.
 *  @returns `undefined` when one has exponential buckets and the other custom ones.
 *  @see prometheus/promql/functions.go interpolateHistograms */
export function interpolateHistograms(
  before: Point<Histogram>,
  after: Point<Histogram>,
  options: {
    readonly timeMs: number;
    readonly isCounter: boolean;
    readonly annotate: (annotation: Annotation) => void;
    readonly span: Span;
  },
): Histogram | undefined {
  const { timeMs, isCounter, annotate, span } = options;
  if (timeMs === before.timeMs) return before.value;
  if (timeMs === after.timeMs) return after.value;
  const fraction = (timeMs - before.timeMs) / (after.timeMs - before.timeMs);
  if (isCounter && detectReset(after.value, before.value)) return multiplyHistogram(after.value, fraction);
  const change = subtractHistograms(after.value, before.value);
  if (change === undefined) return undefined;
  if (change.boundsReconciled) annotate(mismatchedCustomBuckets('subtraction', span));
  const result = addHistograms(multiplyHistogram(change.histogram, fraction), before.value);
  if (result === undefined) return undefined;
  if (result.boundsReconciled) annotate(mismatchedCustomBuckets('addition', span));
  return result.histogram;
}
