import { addHistograms, multiplyHistogram } from '#shared/model/histogram/arithmetic.ts';
import { type HistogramRows, histogramsOfRows } from '#shared/model/histogram/rows.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import {
  mismatchedCustomBuckets,
  mixedExponentialCustomHistograms,
  mixedFloatsHistograms,
  startTimeOverlap,
} from '#shared/promql/engine/annotations.ts';
import { countPresent, type GrowingColumn, setHistogram } from '#shared/promql/engine/value.ts';
import { findOverlaps, findResets, firstAtLeast, hasBetween } from './counter-resets.ts';
import { HistogramChange } from './histogram-change.ts';
import { durationSeconds, firstArgSpan, metricName, type Windows } from './range-function.ts';
import { EXTRAPOLATION_FACTOR, type RateKind } from './rate.ts';
import { RateRows } from './rate-rows.ts';
import { countHistograms } from './split-windows.ts';

const NO_RESETS = new Int32Array(0);

/** `rate` and its kin of series that have histograms, or that tell when their counters began: then the counter is taken
 *  to have been 0 at that time, where it lies in the window, rather than extrapolated to the window's start.
 *  @see prometheus/promql/functions.go extrapolatedRate */
export function sampleRate(windows: Windows, out: GrowingColumn, kind: RateKind): void {
  const { series, from, to, call, annotate } = windows;
  const histogramsBefore = countHistograms(series.histograms ?? new Array(series.values.length));
  const resets = kind.counter ? findResets(series) : NO_RESETS;
  const overlaps = kind.counter ? findOverlaps(series) : NO_RESETS;
  const change = new HistogramChange(windows, { counter: kind.counter, resets, overlaps });
  const rows = rateRows(windows, kind, resets);
  let rowsWritten = 0;
  for (let k = 0; k < from.length; k++) {
    const size = to[k] - from[k];
    const histograms = histogramsBefore[to[k]] - histogramsBefore[from[k]];
    if (histograms > 0 && histograms < size) {
      annotate(mixedFloatsHistograms(metricName(windows), firstArgSpan(call)));
    } else if (size > 0) {
      const window = { windows, k, first: from[k], last: to[k] - 1, kind };
      if (histograms === 0) floatRate(window, { resets, overlaps, out });
      else if (rows === undefined || !rows.fits(window.first, window.last)) histogramRate(window, change, out);
      else if (size > 1) {
        writeRow(window, rows);
        out.present[k] = 1;
        rowsWritten++;
      }
    }
  }
  if (rows !== undefined && rowsWritten > 0) giveRows(rows.rows, rowsWritten, out);
}

/** @returns undefined where no window can be computed in rows. */
function rateRows({ series, from }: Windows, { counter }: RateKind, resets: Int32Array): RateRows | undefined {
  const { histograms, startTimestampsMs } = series;
  if (histograms === undefined || (counter && startTimestampsMs !== undefined)) return undefined;
  return RateRows.of(histograms, { counter, resets, steps: from.length });
}

function writeRow(window: Window, rows: RateRows): void {
  const { windows, k, first, last } = window;
  const counts = { first: windows.series.histograms![first]!.count, change: rows.countChange(first, last) };
  rows.write(k, window, extrapolationFactor(window, undefined, counts));
}

/** Rows are the result where they are all of it. @param written How many there are. */
function giveRows(rows: HistogramRows, written: number, out: GrowingColumn): void {
  if (out.histograms === undefined && countPresent(out.present) === written) {
    out.rows = rows;
    return;
  }
  for (const [k, histogram] of histogramsOfRows(rows).entries()) {
    if (histogram !== undefined) setHistogram(out, k, histogram);
  }
}

interface Window {
  readonly windows: Windows;
  readonly k: number;
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
  readonly kind: RateKind;
}

interface FloatRate {
  readonly resets: Int32Array;
  readonly overlaps: Int32Array;
  readonly out: GrowingColumn;
}

function floatRate(window: Window, { resets, overlaps, out }: FloatRate): void {
  const { windows, k, first, last } = window;
  const { values } = windows.series;
  if (hasBetween(overlaps, first, last)) {
    windows.annotate(startTimeOverlap(metricName(windows), firstArgSpan(windows.call)));
  }
  let change = values[last] - values[first];
  for (let r = firstAtLeast(resets, first + 1); r < resets.length && resets[r] <= last; r++) {
    change += values[resets[r] - 1];
  }
  const startMs = startInWindow(window);
  if (startMs !== undefined) change += values[first];
  else if (first === last) return;
  out.values[k] = change * extrapolationFactor(window, startMs, { first: values[first], change });
  out.present[k] = 1;
}

function histogramRate(window: Window, change: HistogramChange, out: GrowingColumn): void {
  const { windows, k, first, last } = window;
  const startMs = startInWindow(window);
  const firstHistogram = windows.series.histograms![first]!;
  let result: Histogram | undefined;
  if (first < last) {
    result = change.between(first, last);
    if (result === undefined) return;
  }
  if (startMs !== undefined) {
    result = result === undefined ? firstHistogram : addFirst(windows, result, firstHistogram);
  }
  if (result === undefined) return;
  const factor = extrapolationFactor(window, startMs, { first: firstHistogram.count, change: result.count });
  setHistogram(out, k, multiplyHistogram(result, factor));
}

function addFirst(windows: Windows, change: Histogram, first: Histogram): Histogram | undefined {
  const span = firstArgSpan(windows.call);
  const sum = addHistograms(change, first);
  if (sum === undefined) windows.annotate(mixedExponentialCustomHistograms(metricName(windows), span));
  else if (sum.boundsReconciled) windows.annotate(mismatchedCustomBuckets('addition', span));
  return sum?.histogram;
}

/** When the counter of the first sample began, if that is in the window and before the sample. */
function startInWindow({ windows, k, first, kind }: Window): number | undefined {
  const { timestampsMs, startTimestampsMs } = windows.series;
  if (!kind.counter || startTimestampsMs === undefined) return undefined;
  const startMs = startTimestampsMs[first];
  const inside = startMs > windows.endMs(k) - windows.rangeMs && startMs < timestampsMs[first];
  return startMs !== 0 && inside ? startMs : undefined;
}

/** By how much the change between the samples is multiplied to be that of the window, or of a second of it. */
function extrapolationFactor(
  { windows, k, first, last, kind }: Window,
  startMs: number | undefined,
  counts: { readonly first: number; readonly change: number },
): number {
  const { timestampsMs } = windows.series;
  const endMs = windows.endMs(k);
  const firstMs = timestampsMs[first];
  const lastMs = timestampsMs[last];
  const sampled = (lastMs - (startMs ?? firstMs)) / 1000;
  const average = first < last ? (lastMs - firstMs) / 1000 / (last - first) : 0;
  const threshold = average * EXTRAPOLATION_FACTOR;
  let toStart = 0;
  if (startMs === undefined) {
    toStart = (firstMs - (endMs - windows.rangeMs)) / 1000;
    if (toStart >= threshold) toStart = average / 2;
    if (kind.counter && counts.change > 0 && counts.first >= 0) {
      const toZero = sampled * (counts.first / counts.change);
      if (toZero < toStart) toStart = toZero;
    }
  }
  let toEnd = (endMs - lastMs) / 1000;
  if (toEnd >= threshold) toEnd = average / 2;
  const factor = sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
  return kind.perSecond ? factor / durationSeconds(windows.rangeMs) : factor;
}
