import { copyValue, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { createSampleColumns } from '../chunk/sample-columns.ts';

/** How a sample is stored. */
export type SampleKind = 0 | 1 | 2;

export const FLOAT: SampleKind = 0;
/** A native histogram with whole counts, or a stale marker behind such. */
export const WHOLE_HISTOGRAM: SampleKind = 1;
/** A native histogram with any counts, or a stale marker behind such. */
export const FLOAT_HISTOGRAM: SampleKind = 2;

/** Samples with what tools tell apart and queries do not. */
export interface TypedSamples extends SeriesSamples {
  /** A `SampleKind` for each sample. */
  readonly kinds: Uint8Array;
}

/** Some of the samples.
 *  @param order Indexes of the samples in the order in which they are wanted. */
export function pickSamples(samples: TypedSamples, order: ArrayLike<number>): TypedSamples {
  const { labels, histograms } = samples;
  const columns = createSampleColumns(order.length, { histograms: histograms !== undefined });
  const kinds = new Uint8Array(order.length);
  const from = wordsOf(samples.values);
  const to = wordsOf(columns.values);
  for (let i = 0; i < order.length; i++) {
    const at = order[i];
    columns.timestampsMs[i] = samples.timestampsMs[at];
    copyValue(from, at, to, i);
    if (histograms !== undefined) columns.histograms![i] = histograms[at];
    kinds[i] = samples.kinds[at];
  }
  return { labels, timestampsMs: columns.timestampsMs, values: columns.values, histograms: columns.histograms, kinds };
}

/** The samples of one series out of several places, in the order of time. Of samples with the same time the one of the
 *  first place counts. */
export function mergeSamples(places: readonly TypedSamples[]): TypedSamples {
  if (places.length === 1) return places[0];
  const joined = joinSamples(places);
  const { timestampsMs } = joined;
  const order = Array.from(timestampsMs.keys());
  // Stable, and fast where the places follow one another.
  order.sort((a, b) => timestampsMs[a] - timestampsMs[b]);
  return pickSamples(
    joined,
    order.filter((at, i) => i === 0 || timestampsMs[at] !== timestampsMs[order[i - 1]]),
  );
}

function joinSamples(places: readonly TypedSamples[]): TypedSamples {
  const length = places.reduce((total, { kinds }) => total + kinds.length, 0);
  const histograms = places.some((place) => place.histograms !== undefined);
  const columns = createSampleColumns(length, { histograms });
  const kinds = new Uint8Array(length);
  let at = 0;
  for (const place of places) {
    columns.timestampsMs.set(place.timestampsMs, at);
    columns.values.set(place.values, at);
    kinds.set(place.kinds, at);
    place.histograms?.forEach((histogram, i) => {
      columns.histograms![at + i] = histogram;
    });
    at += place.kinds.length;
  }
  const { timestampsMs, values } = columns;
  return { labels: places[0].labels, timestampsMs, values, histograms: columns.histograms, kinds };
}
