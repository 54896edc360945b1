import type { Labels } from '#shared/model/labels.ts';
import type { MetricType } from '#shared/model/storage.ts';

/** Room for series that come and go between two pages. */
const SLACK_SERIES = 1000;

/** A series as some page had it. */
export interface KnownSeries {
  /** The bytes of its name and labels as written, one character each. */
  readonly key: string;
  readonly labels: Labels;
  /** The table it is in: those of another are no match. */
  readonly table: ReadonlyMap<string, KnownSeries>;
  /** The series that came after it last time, and probably does again. */
  next: KnownSeries | undefined;
}

/** The label sets of a target's pages by the bytes of the series as written, so that a page like the last one is parsed
 *  without making a string a label, and one in the same order without even looking for the labels.
 *  One per target; holds at most about twice the series of its last page.
 *  Metric types have tables of their own because they decide whether `le` and `quantile` are normalised. */
export class SeriesCache {
  /** Stands before the first series of a page. */
  readonly start: { next: KnownSeries | undefined } = { next: undefined };
  #syntax: 'text' | 'openmetrics' | undefined;
  readonly #plain = new Map<string, KnownSeries>();
  readonly #histogram = new Map<string, KnownSeries>();
  readonly #summary = new Map<string, KnownSeries>();

  get size(): number {
    return this.#plain.size + this.#histogram.size + this.#summary.size;
  }

  /** Forgets everything when the last page was of another syntax: a series found here is not checked again. */
  useFor(syntax: 'text' | 'openmetrics'): void {
    if (syntax !== this.#syntax) this.#clear();
    this.#syntax = syntax;
  }

  /** The series that stand below a `# TYPE` of `type`, by key; whoever misses one adds it. */
  ofType(type: MetricType): Map<string, KnownSeries> {
    if (type === 'histogram') return this.#histogram;
    return type === 'summary' ? this.#summary : this.#plain;
  }

  /** Forgets everything when most of it was not on the page just read, which has `liveSeries`. */
  trim(liveSeries: number): void {
    if (this.size > 2 * liveSeries + SLACK_SERIES) this.#clear();
  }

  #clear(): void {
    this.start.next = undefined;
    this.#plain.clear();
    this.#histogram.clear();
    this.#summary.clear();
  }
}
