import { compareLabels, type Labels, labelsKey } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { Querier, SeriesSamples, TimeRange } from '#shared/model/storage.ts';

/** Storage as later rules of a group must see it: with the results that earlier rules of the same evaluation have
 *  produced but not yet stored. */
export class OverlayQuerier implements Querier {
  readonly #base: Querier;
  readonly #timeMs: number;
  /** By labelsKey. A value of `undefined` is a stale marker. */
  readonly #added = new Map<string, { readonly labels: Labels; readonly value: number | undefined }>();

  /** @param timeMs The time of all added samples: later than any sample that the same rules stored before. */
  constructor(base: Querier, timeMs: number) {
    this.#base = base;
    this.#timeMs = timeMs;
  }

  /** Adds a sample, or with `undefined` a stale marker. A sample is never replaced. */
  add(labels: Labels, value: number | undefined): void {
    const key = labelsKey(labels);
    if (this.#added.get(key)?.value === undefined) this.#added.set(key, { labels, value });
  }

  async select(matchers: readonly Matcher[], range: TimeRange): Promise<readonly SeriesSamples[]> {
    const stored = await this.#base.select(matchers, range);
    const added = this.#matching(matchers, range);
    if (added.size === 0) return stored;
    const merged = stored.map((series) => {
      const key = labelsKey(series.labels);
      const more = added.get(key);
      added.delete(key);
      return more === undefined ? series : withSample(series, this.#timeMs, more.value);
    });
    for (const { labels, value } of added.values())
      merged.push(withSample({ labels, ...NO_SAMPLES }, this.#timeMs, value));
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

function withSample(series: SeriesSamples, timeMs: number, value: number | undefined): SeriesSamples {
  const count = series.timestampsMs.length;
  if (count > 0 && series.timestampsMs[count - 1] >= timeMs) return series;
  const timestampsMs = new Float64Array(count + 1);
  timestampsMs.set(series.timestampsMs);
  timestampsMs[count] = timeMs;
  const values = new Float64Array(count + 1);
  values.set(series.values);
  if (value === undefined) setStaleAt(wordsOf(values), count);
  else values[count] = value;
  return { labels: series.labels, timestampsMs, values };
}
