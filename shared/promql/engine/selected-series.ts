import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { VectorSelector } from '#shared/promql/syntax/ast.ts';
import type { QueryLimits } from './limits.ts';
import type { RangeSeries } from './value.ts';

/** The samples of every selector of a query, read before anything is evaluated. */
export class SelectedSeries {
  readonly #bySelector: ReadonlyMap<VectorSelector, SeriesSet>;
  readonly #used = new Set<VectorSelector>();
  #touched = 0;

  constructor(bySelector: ReadonlyMap<VectorSelector, SeriesSet>) {
    this.#bySelector = bySelector;
  }

  /** The series of a selector. */
  of(selector: VectorSelector): SeriesSet {
    const set = this.#bySelector.get(selector)!;
    if (!this.#used.has(selector)) {
      this.#used.add(selector);
      this.touch(set.series.length);
    }
    return set;
  }

  /** Series that were used, those of each selector counted anew. */
  get touched(): number {
    return this.#touched;
  }

  /** Counts series that were read for something else than a selector. */
  touch(series: number): void {
    this.#touched += series;
  }
}

/** The series of one selection. */
export class SeriesSet {
  /** Ordered by labels; values may be stale markers. */
  readonly series: readonly SeriesSamples[];
  readonly #options: { readonly limits: QueryLimits; readonly useStartTimestamps: boolean };
  readonly #ranges: RangeSeries[] = [];

  /** @param useStartTimestamps Whether ranges have them. */
  constructor(
    series: readonly SeriesSamples[],
    options: { readonly limits: QueryLimits; readonly useStartTimestamps: boolean },
  ) {
    this.series = series;
    this.#options = options;
  }

  /** Series `index` without stale markers, for ranges. */
  range(index: number): RangeSeries {
    let range = this.#ranges[index];
    if (range === undefined) {
      range = this.#toRange(this.series[index]);
      this.#ranges[index] = range;
    }
    return range;
  }

  #toRange(series: SeriesSamples): RangeSeries {
    const stale = series.staleFree ? 0 : countStale(series);
    if (stale === 0) return this.#rangeOf(series);
    const size = series.values.length - stale;
    this.#options.limits.memory.keep(3 * size * Float64Array.BYTES_PER_ELEMENT);
    return this.#rangeOf(withoutStale(series, size));
  }

  #rangeOf({ labels, timestampsMs, values, histograms, startTimestampsMs }: SeriesSamples): RangeSeries {
    const floats = { labels, dropName: false, timestampsMs, values };
    const range = histograms === undefined ? floats : { ...floats, histograms };
    const hasStarts = this.#options.useStartTimestamps && startTimestampsMs !== undefined;
    return hasStarts ? { ...range, startTimestampsMs } : range;
  }
}

function countStale({ values, histograms }: SeriesSamples): number {
  let words: Uint32Array | undefined;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue;
    words ??= wordsOf(values);
    if (isStaleAt(words, i) && histograms?.[i] === undefined) count++;
  }
  return count;
}

/** @param size How many samples are left. */
function withoutStale(series: SeriesSamples, size: number): SeriesSamples {
  const { timestampsMs, values, histograms, startTimestampsMs } = series;
  const words = wordsOf(values);
  const kept = new Int32Array(size);
  let next = 0;
  for (let i = 0; i < values.length; i++) {
    if (histograms?.[i] !== undefined || !isStaleAt(words, i)) kept[next++] = i;
  }
  const pick = (column: Float64Array) => Float64Array.from(kept, (i) => column[i]);
  return {
    labels: series.labels,
    timestampsMs: pick(timestampsMs),
    values: pick(values),
    histograms: histograms && Array.from(kept, (i) => histograms[i]),
    startTimestampsMs: startTimestampsMs && pick(startTimestampsMs),
  };
}
