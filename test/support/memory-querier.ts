import { compareLabels, getLabel, type Labels } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { Querier, SeriesSamples, TimeRange } from '#shared/model/storage.ts';

/** A querier over series that are at hand. */
export function createMemoryQuerier(series: readonly SeriesSamples[]): Querier {
  const ordered = series.toSorted((a, b) => compareLabels(a.labels, b.labels));
  const find = (matchers: readonly Matcher[], range: TimeRange) =>
    ordered
      .filter(({ labels }) => matches(labels, matchers))
      .map((one) => within(one, range))
      .filter(({ values }) => values.length > 0);
  return {
    select: async (matchers, range) => find(matchers, range),
    series: async (matchers, range) => find(matchers, range).map(({ labels }) => labels),
  };
}

function matches(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => matcher.matches(getLabel(labels, matcher.name)));
}

/** The samples of a range, as views. */
function within(series: SeriesSamples, { minMs, maxMs }: TimeRange): SeriesSamples {
  const { labels, timestampsMs, values, histograms, startTimestampsMs } = series;
  const from = firstAfter(timestampsMs, minMs - 0.5);
  const to = firstAfter(timestampsMs, maxMs);
  if (from === 0 && to === values.length) return series;
  const kept = histograms?.slice(from, to);
  return {
    labels,
    timestampsMs: timestampsMs.subarray(from, to),
    values: values.subarray(from, to),
    ...(kept?.some((histogram) => histogram !== undefined) ? { histograms: kept } : {}),
    ...(startTimestampsMs === undefined ? {} : { startTimestampsMs: startTimestampsMs.subarray(from, to) }),
  };
}

function firstAfter(times: Float64Array, timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] > timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
