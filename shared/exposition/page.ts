import type { Labels } from '#shared/model/labels.ts';
import type { MetricMetadata } from '#shared/model/storage.ts';

/** A parsed `/metrics` page, as columns: entry i of each belongs to sample i, in the order of the page. */
export interface Page {
  readonly labels: readonly Labels[];
  readonly values: Float64Array;
  /** Unix milliseconds as written on the page; `NaN` where the sample has none. */
  readonly timestampsMs: Float64Array;
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
  /** From 1. */
  readonly line: number;
  readonly partial: Page;

  constructor(message: string, options: { readonly line: number; readonly partial: Page }) {
    super(message);
    this.name = 'ExpositionError';
    this.line = options.line;
    this.partial = options.partial;
  }
}
