import { compareLabels, getLabel, type Labels, labelsKey, METRIC_NAME, withLabel } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { Querier, SeriesSamples, TimeRange } from '#shared/model/storage.ts';
import { notSupported } from '#shared/promql/engine/query-error.ts';
import type { LoadCommand } from './promql-script.ts';

interface StoredSeries {
  readonly labels: Labels;
  /** By time. */
  readonly samples: Map<number, number | 'stale'>;
  /** Why the series cannot be read. */
  unsupported?: string;
}

/** The series that a script has loaded, as a querier. Reading a series of native histograms or start timestamps is
 *  refused, so that a query that needs one fails with the feature's name. */
export class ScriptStorage implements Querier {
  readonly #series = new Map<string, StoredSeries>();

  clear(): void {
    this.#series.clear();
  }

  load({ series, stepMs, withNativeHistograms }: LoadCommand): void {
    for (const { labels, values, hasStartTimes } of series) {
      const stored = this.#stored(labels);
      if (hasStartTimes) stored.unsupported = 'a series with start timestamps';
      for (const [i, value] of values.entries()) {
        if (value.kind === 'histogram') stored.unsupported = 'a series of native histograms';
        else if (value.kind !== 'omitted')
          stored.samples.set(i * stepMs, value.kind === 'stale' ? 'stale' : value.value);
      }
      if (withNativeHistograms) this.#addNativeHistogram(labels);
    }
  }

  #stored(labels: Labels): StoredSeries {
    const key = labelsKey(labels);
    let stored = this.#series.get(key);
    if (stored === undefined) {
      stored = { labels, samples: new Map() };
      this.#series.set(key, stored);
    }
    return stored;
  }

  #addNativeHistogram(labels: Labels): void {
    const base = /^(.+)_(?:bucket|count|sum)$/.exec(getLabel(labels, METRIC_NAME));
    if (base === null) return;
    this.#stored(withLabel(withLabel(labels, 'le', ''), METRIC_NAME, base[1])).unsupported =
      'a series of native histograms';
  }

  async select(matchers: readonly Matcher[], range: TimeRange): Promise<readonly SeriesSamples[]> {
    const found = [...this.#series.values()].filter(({ labels }) => matches(labels, matchers));
    for (const { unsupported } of found) if (unsupported !== undefined) throw notSupported(unsupported);
    const series = found.map((stored) => columns(stored, range)).filter(({ values }) => values.length > 0);
    return series.sort((a, b) => compareLabels(a.labels, b.labels));
  }

  async series(matchers: readonly Matcher[]): Promise<readonly Labels[]> {
    const found = [...this.#series.values()].map(({ labels }) => labels);
    return found.filter((labels) => matches(labels, matchers)).sort(compareLabels);
  }
}

function matches(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => matcher.matches(getLabel(labels, matcher.name)));
}

function columns({ labels, samples }: StoredSeries, { minMs, maxMs }: TimeRange): SeriesSamples {
  const times = [...samples.keys()].filter((timeMs) => timeMs >= minMs && timeMs <= maxMs).sort((a, b) => a - b);
  const values = new Float64Array(times.length);
  const words = wordsOf(values);
  for (const [i, timeMs] of times.entries()) {
    const value = samples.get(timeMs)!;
    if (value === 'stale') setStaleAt(words, i);
    else values[i] = value;
  }
  return { labels, timestampsMs: Float64Array.from(times), values };
}
