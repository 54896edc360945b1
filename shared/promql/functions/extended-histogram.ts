import {
  addHistograms,
  divideHistogram,
  subtractHistograms,
  withCounterReset,
} from '#shared/model/histogram/arithmetic.ts';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import { detectReset } from '#shared/model/histogram/reset.ts';
import { type Histogram, usesCustomBuckets } from '#shared/model/histogram.ts';
import {
  type Annotation,
  histogramNotCounter,
  histogramNotGauge,
  mismatchedCustomBuckets,
  mixedExponentialCustomHistograms,
} from '#shared/promql/engine/annotations.ts';
import { type GrowingColumn, setHistogram } from '#shared/promql/engine/value.ts';
import type { Span } from '#shared/promql/syntax/ast.ts';
import type { ExtendedWindow } from './extended-range.ts';
import { interpolateHistograms, type Point } from './interpolate.ts';
import { durationSeconds, firstArgSpan, metricName, type Windows } from './range-function.ts';
import type { RateKind } from './rate.ts';

/** Where annotations on histograms of one series go. */
interface Remarks {
  readonly metricName: string;
  readonly span: Span;
  readonly annotate: (annotation: Annotation) => void;
}

/** Adds or subtracts. @returns undefined, after a warning, for exponential buckets and custom ones. */
function combined(
  a: Histogram,
  b: Histogram,
  { metricName: name, span, annotate, operation }: Remarks & { readonly operation: 'addition' | 'subtraction' },
): Histogram | undefined {
  const result = operation === 'addition' ? addHistograms(a, b) : subtractHistograms(a, b);
  if (result === undefined) annotate(mixedExponentialCustomHistograms(name, span));
  else if (result.boundsReconciled) annotate(mismatchedCustomBuckets(operation, span));
  return result?.histogram;
}

interface Target {
  readonly k: number;
  readonly out: GrowingColumn;
  readonly kind: RateKind;
}

/** The change of a native histogram over an extended window.
 *  @see prometheus/promql/functions.go extendedHistogramRate */
export function extendedHistogramChange(windows: Windows, window: ExtendedWindow, { k, out, kind }: Target): void {
  const { series, first, endMs, smoothed } = window;
  if (smoothed && series.timestampsMs[first] > endMs) return;
  const { annotate, call, rangeMs } = windows;
  const remarks: Remarks = { metricName: metricName(windows), span: firstArgSpan(call), annotate };
  const change = changeOf(window, kind.counter, remarks);
  if (change === undefined) return;
  const result = kind.perSecond ? divideHistogram(change, durationSeconds(rangeMs)) : change;
  setHistogram(out, k, compactHistogram(withCounterReset(result, 'gauge')));
}

function changeOf(window: ExtendedWindow, counter: boolean, remarks: Remarks): Histogram | undefined {
  if (!fitTogether(window, counter, remarks)) return undefined;
  const left = leftHistogram(window, counter, remarks);
  const right = left && rightHistogram(window, counter, remarks);
  if (left === undefined || right === undefined) return undefined;
  if (!counter && (left.counterReset !== 'gauge' || right.counterReset !== 'gauge')) {
    remarks.annotate(histogramNotGauge(remarks.metricName, remarks.span));
  }
  let change = combined(right, left, { ...remarks, operation: 'subtraction' });
  if (!counter) return change;
  const lost = lostHistograms(window, left, right);
  let correction: Histogram | undefined = lost[0];
  for (const one of lost.slice(1))
    correction = correction && combined(correction, one, { ...remarks, operation: 'addition' });
  if (lost.length > 0 && change !== undefined) {
    change = correction && combined(change, correction, { ...remarks, operation: 'addition' });
  }
  return change;
}

function at({ series }: ExtendedWindow, index: number): Histogram {
  return series.histograms![index]!;
}

function pointAt(window: ExtendedWindow, index: number): Point<Histogram> {
  return { timeMs: window.series.timestampsMs[index], value: at(window, index) };
}

/** @see prometheus/promql/functions.go validateHistogramRange */
function fitTogether(window: ExtendedWindow, counter: boolean, { metricName: name, span, annotate }: Remarks): boolean {
  const custom = usesCustomBuckets(at(window, window.first));
  for (let i = window.first; i <= window.last; i++) {
    if (usesCustomBuckets(at(window, i)) !== custom) {
      annotate(mixedExponentialCustomHistograms(name, span));
      return false;
    }
    if (counter && at(window, i).counterReset === 'gauge') annotate(histogramNotCounter(name, span));
  }
  return true;
}

function leftHistogram(window: ExtendedWindow, counter: boolean, remarks: Remarks): Histogram | undefined {
  const { first, startMs, smoothed } = window;
  const before = pointAt(window, first);
  if (!smoothed || before.timeMs >= startMs) return before.value;
  return interpolated(before, pointAt(window, first + 1), { timeMs: startMs, counter, remarks });
}

function rightHistogram(window: ExtendedWindow, counter: boolean, remarks: Remarks): Histogram | undefined {
  const { from, last, endMs, smoothed } = window;
  const after = pointAt(window, last);
  if (!smoothed || last === from || after.timeMs <= endMs) return after.value;
  return interpolated(pointAt(window, last - 1), after, { timeMs: endMs, counter, remarks });
}

function interpolated(
  before: Point<Histogram>,
  after: Point<Histogram>,
  { timeMs, counter, remarks }: { readonly timeMs: number; readonly counter: boolean; readonly remarks: Remarks },
): Histogram | undefined {
  const { metricName: name, span, annotate } = remarks;
  const histogram = interpolateHistograms(before, after, { timeMs, isCounter: counter, annotate, span });
  if (histogram === undefined) annotate(mixedExponentialCustomHistograms(name, span));
  return histogram;
}

/** What the counter was before each of its resets in the window, in the order of time. The last sample counts as the
 *  right edge: it, or what is interpolated from it, has its hint.
 *  @see prometheus/promql/functions.go correctForCounterResetsHistogram */
function lostHistograms(window: ExtendedWindow, left: Histogram, right: Histogram): Histogram[] {
  const { series, first, last, startMs, smoothed } = window;
  let next = first + 1;
  let previous = left;
  // A reset between the samples around the left edge is in the edge's histogram.
  if (smoothed && series.timestampsMs[first] < startMs && detectReset(at(window, next), at(window, first))) {
    previous = at(window, next);
    next++;
  }
  if (next > last) return [];
  const lost: Histogram[] = [];
  for (; next < last; next++) {
    const histogram = at(window, next);
    if (detectReset(histogram, previous)) lost.push(previous);
    previous = histogram;
  }
  if (detectReset(right, previous)) lost.push(previous);
  return lost;
}
