import { parseOpenMetrics } from './openmetrics-parser.ts';
import type { ExpositionFormat, Page } from './page.ts';
import type { SeriesCache } from './series-cache.ts';
import { parseText } from './text-parser.ts';

const EMPTY_BODY: Page = {
  labels: [],
  values: new Float64Array(0),
  timestampsMs: new Float64Array(0),
  metadata: [],
};

/** Parses a `/metrics` page. It accepts, refuses and words errors as Prometheus's scraper does, which is laxer than the
 *  specifications. Series may repeat. A series may be without a metric name; relabelling can give it one.
 *  An empty body is an empty page in every format.
 *  @param cache One per target: makes parsing its next page several times cheaper.
 *  @throws {ExpositionError} When the page does not parse, a name is not UTF-8, or a series has a label twice. */
export function parsePage(body: Uint8Array, format: ExpositionFormat, cache?: SeriesCache): Page {
  if (body.length === 0) return EMPTY_BODY;
  switch (format) {
    case 'PrometheusText0.0.4':
    case 'PrometheusText1.0.0':
      return parseText(body, cache);
    case 'OpenMetricsText0.0.1':
    case 'OpenMetricsText1.0.0':
      return parseOpenMetrics(body, cache);
  }
}
