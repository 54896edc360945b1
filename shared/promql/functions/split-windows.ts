import type { Histogram } from '#shared/model/histogram.ts';
import { histogramIgnoredInMixedRange } from '#shared/promql/engine/annotations.ts';
import { firstArgSpan, metricName, type RangeFunction, type Windows } from './range-function.ts';

/** How many of the first i samples are histograms, for i from 0 to their number. */
export function countHistograms(histograms: readonly (Histogram | undefined)[]): Int32Array {
  const counts = new Int32Array(histograms.length + 1);
  for (let i = 0; i < histograms.length; i++) counts[i + 1] = counts[i] + (histograms[i] === undefined ? 0 : 1);
  return counts;
}

/** The same windows without the histograms in them.
 *  @param before `countHistograms` of the series. */
export function floatsOf(windows: Windows, before: Int32Array): Windows {
  const { labels, dropName, timestampsMs, values } = windows.series;
  const kept: number[] = [];
  for (let i = 0; i < values.length; i++) if (before[i] === before[i + 1]) kept.push(i);
  const series = {
    labels,
    dropName,
    timestampsMs: Float64Array.from(kept, (i) => timestampsMs[i]),
    values: Float64Array.from(kept, (i) => values[i]),
  };
  const shift = (index: number): number => index - before[index];
  return { ...windows, series, from: windows.from.map(shift), to: windows.to.map(shift) };
}

/** A function of floats, which leaves histograms out and remarks on it where both are in a window. */
export function ofFloats(compute: RangeFunction): RangeFunction {
  return (windows, out) => {
    const { series, from, to, call, annotate } = windows;
    if (series.histograms === undefined) return compute(windows, out);
    const before = countHistograms(series.histograms);
    for (let k = 0; k < from.length; k++) {
      const histograms = before[to[k]] - before[from[k]];
      if (histograms === 0 || histograms === to[k] - from[k]) continue;
      annotate(histogramIgnoredInMixedRange(metricName(windows), firstArgSpan(call)));
      break;
    }
    compute(floatsOf(windows, before), out);
  };
}
