import type { Labels } from '#shared/model/labels.ts';
import type { MetricMetadata } from '#shared/model/storage.ts';

/** A parsed `/metrics` page, as columns: entry i of each belongs to sample i, in the order of the page. */
export interface Page {
  readonly labels: readonly Labels[];
  /** A NaN has the bits of Prometheus's ordinary NaN (0x7ff8000000000001), never of a stale marker. */
  readonly values: Float64Array;
  /** Unix milliseconds as written on the page; `NaN` where the sample has none. */
  readonly timestampsMs: Float64Array;
  /** One entry a metric family, in the order of first mention; of repeated lines the last wins. */
  readonly metadata: readonly MetricMetadata[];
}

export type ExpositionFormat =
  | 'PrometheusText0.0.4'
  | 'PrometheusText1.0.0'
  | 'OpenMetricsText0.0.1'
  | 'OpenMetricsText1.0.0';

/** A page that does not parse. `message` has upstream's words and the line. `partial` is what stands before the error:
 *  it must not be stored, but is counted in `scrape_samples_scraped`, as upstream does. */
export class ExpositionError extends SyntaxError {
  /** Upstream's words alone, as shown in `lastError` of a target. */
  readonly reason: string;
  /** From 1: where the entry that does not parse begins. */
  readonly line: number;
  readonly partial: Page;

  constructor(reason: string, options: { readonly line: number; readonly partial: Page }) {
    super(`${reason} (line ${options.line})`);
    this.name = 'ExpositionError';
    this.reason = reason;
    this.line = options.line;
    this.partial = options.partial;
  }
}
