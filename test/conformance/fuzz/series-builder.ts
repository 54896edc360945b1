import type { Histogram } from '#shared/model/histogram.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { Rng } from './rng.ts';

export type Sample = number | 'stale' | Histogram;

/** Makes series of samples at the given times; of a time without a sample there is none. */
export function buildSeries(
  labels: Readonly<Record<string, string>>,
  timesMs: readonly number[],
  sampleAt: (index: number, timeMs: number) => Sample | undefined,
): SeriesSamples {
  const samples: (readonly [timeMs: number, sample: Sample])[] = [];
  for (const [i, timeMs] of timesMs.entries()) {
    const sample = sampleAt(i, timeMs);
    if (sample !== undefined) samples.push([timeMs, sample]);
  }
  const values = new Float64Array(samples.length);
  const words = wordsOf(values);
  const histograms: (Histogram | undefined)[] = new Array(samples.length);
  for (const [i, [, sample]] of samples.entries()) {
    if (sample === 'stale') setStaleAt(words, i);
    else if (typeof sample === 'number') values[i] = sample;
    else histograms[i] = sample;
  }
  const timestampsMs = Float64Array.from(samples, ([timeMs]) => timeMs);
  const floats = { labels: labelsFromRecord(labels), timestampsMs, values };
  return histograms.some((histogram) => histogram !== undefined) ? { ...floats, histograms } : floats;
}

/** Adds start timestamps to a counter: a new one where the counter begins anew, and now and then one that is missing,
 *  that comes without a reset, or that is before the sample of the run before. */
export function withStartTimes(rng: Rng, series: SeriesSamples): SeriesSamples {
  const { timestampsMs, values, histograms } = series;
  const valueAt = (i: number) => histograms?.[i]?.count ?? values[i];
  let startMs = timestampsMs[0] - rng.int(0, 60_000);
  const startTimestampsMs = timestampsMs.map((timeMs, i) => {
    const reset = i > 0 && valueAt(i) < valueAt(i - 1);
    if ((reset && rng.chance(0.8)) || rng.chance(0.01))
      startMs = timeMs - rng.int(0, rng.chance(0.8) ? 14_000 : 40_000);
    return rng.chance(0.01) ? 0 : startMs;
  });
  return { ...series, startTimestampsMs };
}
