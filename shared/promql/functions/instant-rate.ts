import { divideHistogram, subtractHistograms, withCounterReset } from '#shared/model/histogram/arithmetic.ts';
import { compactHistogram } from '#shared/model/histogram/compact.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import {
  histogramNotCounter,
  histogramNotGauge,
  mismatchedCustomBuckets,
  mixedExponentialCustomHistograms,
  mixedFloatsHistograms,
} from '#shared/promql/engine/annotations.ts';
import { setHistogram } from '#shared/promql/engine/value.ts';
import { isResetAt } from './counter-resets.ts';
import { firstArgSpan, metricName, type RangeFunction, type Windows } from './range-function.ts';

/** The change between the last two samples of a window: of counters, per second, or of gauges.
 *  @see prometheus/promql/functions.go instantValue */
function instantaneous(counter: boolean): RangeFunction {
  return (windows, out) => {
    const { series, from, to } = windows;
    const { timestampsMs, values, histograms } = series;
    for (let k = 0; k < from.length; k++) {
      if (to[k] - from[k] < 2) continue;
      const last = to[k] - 1;
      const seconds = (timestampsMs[last] - timestampsMs[last - 1]) / 1000;
      if (histograms !== undefined && (histograms[last] ?? histograms[last - 1]) !== undefined) {
        const change = histogramChange(windows, last, counter);
        if (change !== undefined) setHistogram(out, k, counter ? divideHistogram(change, seconds) : change);
        continue;
      }
      const change = counter && isResetAt(series, last) ? values[last] : values[last] - values[last - 1];
      out.values[k] = counter ? change / seconds : change;
      out.present[k] = 1;
    }
  };
}

function histogramChange(windows: Windows, last: number, counter: boolean): Histogram | undefined {
  const { series, annotate, call } = windows;
  const name = metricName(windows);
  const span = firstArgSpan(call);
  const after = series.histograms![last];
  const before = series.histograms![last - 1];
  if (after === undefined || before === undefined) {
    annotate(mixedFloatsHistograms(name, span));
    return undefined;
  }
  const gauges = Number(after.counterReset === 'gauge') + Number(before.counterReset === 'gauge');
  if (counter && gauges > 0) annotate(histogramNotCounter(name, span));
  if (!counter && gauges < 2) annotate(histogramNotGauge(name, span));
  if (counter && isResetAt(series, last)) return compactHistogram(withCounterReset(after, 'gauge'));
  const difference = subtractHistograms(after, before);
  if (difference === undefined) {
    annotate(mixedExponentialCustomHistograms(name, span));
    return undefined;
  }
  if (difference.boundsReconciled) annotate(mismatchedCustomBuckets('subtraction', span));
  return compactHistogram(withCounterReset(difference.histogram, 'gauge'));
}

export const INSTANT_RATE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  irate: instantaneous(true),
  idelta: instantaneous(false),
};
