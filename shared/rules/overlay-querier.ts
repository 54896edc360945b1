import type { Histogram } from '#shared/model/histogram.ts';
import { compareLabels, type Labels, labelsKey } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { Querier, SelectOptions, SeriesSamples, TimeRange } from '#shared/model/storage.ts';

/** What is added to a series; `undefined` is a stale marker. */
type AddedSample = { readonly value: number; readonly histogram?: Histogram } | undefined;

/** Storage as later rules of a group must see it: with the results that earlier rules of the same evaluation have
 *  produced but not yet stored. */
export class OverlayQuerier implements Querier {
  readonly #base: Querier;
  readonly #timeMs: number;
  /** By labelsKey. */
  readonly #added = new Map<string, { readonly labels: Labels; readonly sample: AddedSample }>();

  /** @param timeMs The time of all added samples: later than any sample that the same rules stored before. */
  constructor(base: Querier, timeMs: number) {
    this.#base = base;
    this.#timeMs = timeMs;
  }

  /** Adds a sample, or with `undefined` a stale marker. A sample is never replaced. */
  add(labels: Labels, sample: AddedSample): void {
    const key = labelsKey(labels);
    if (this.#added.get(key)?.sample === undefined) this.#added.set(key, { labels, sample });
  }

  async select(
    matchers: readonly Matcher[],
    range: TimeRange,
    options?: SelectOptions,
  ): Promise<readonly SeriesSamples[]> {
    const stored = await this.#base.select(matchers, range, options);
    const added = this.#matching(matchers, range);
    if (added.size === 0) return stored;
    const merged = stored.map((series) => {
      const key = labelsKey(series.labels);
      const more = added.get(key);
      added.delete(key);
      return more === undefined ? series : withSample(series, this.#timeMs, more.sample);
    });
    for (const { labels, sample } of added.values())
      merged.push(withSample({ labels, ...NO_SAMPLES }, this.#timeMs, sample));
    return merged.sort((a, b) => compareLabels(a.labels, b.labels));
  }

  async series(matchers: readonly Matcher[], range: TimeRange): Promise<readonly Labels[]> {
    const stored = await this.#base.series(matchers, range);
    const added = this.#matching(matchers, range);
    for (const labels of stored) added.delete(labelsKey(labels));
    return [...stored, ...[...added.values()].map(({ labels }) => labels)].sort(compareLabels);
  }

  #matching(matchers: readonly Matcher[], { minMs, maxMs }: TimeRange) {
    const found = new Map(this.#added);
    if (this.#timeMs < minMs || this.#timeMs > maxMs) found.clear();
    for (const [key, { labels }] of found) {
      const record = new Map<string, string>();
      for (let i = 0; i < labels.length; i += 2) record.set(labels[i], labels[i + 1]);
      if (!matchers.every((matcher) => matcher.matches(record.get(matcher.name) ?? ''))) found.delete(key);
    }
    return found;
  }
}

const NO_SAMPLES = { timestampsMs: new Float64Array(), values: new Float64Array() };

function withSample(series: SeriesSamples, timeMs: number, sample: AddedSample): SeriesSamples {
  const count = series.timestampsMs.length;
  if (count > 0 && series.timestampsMs[count - 1] >= timeMs) return series;
  const values = withRoom(series.values);
  if (sample === undefined) setStaleAt(wordsOf(values), count);
  else values[count] = sample.value;
  const timestampsMs = withRoom(series.timestampsMs);
  timestampsMs[count] = timeMs;
  const { labels, histograms, startTimestampsMs } = series;
  const hasHistograms = histograms !== undefined || sample?.histogram !== undefined;
  return {
    labels,
    timestampsMs,
    values,
    histograms: hasHistograms ? [...(histograms ?? new Array(count).fill(undefined)), sample?.histogram] : undefined,
    startTimestampsMs: startTimestampsMs && withRoom(startTimestampsMs),
  };
}

/** A copy with one place more, bit by bit. */
function withRoom(list: Float64Array): Float64Array {
  const longer = new Float64Array(list.length + 1);
  longer.set(list);
  return longer;
}
