import type { Labels } from '#shared/model/labels.ts';
import { reportLabels } from './sample-labels.ts';

/** What is recorded of every scrape, failed ones too. */
export interface ScrapeReport {
  readonly healthy: boolean;
  readonly durationSeconds: number;
  readonly samplesScraped: number;
  readonly samplesPostRelabel: number;
  readonly seriesAdded: number;
  /** Only with `extra_scrape_metrics`. */
  readonly extra?: { readonly timeoutSeconds: number; readonly sampleLimit: number; readonly bodySizeBytes: number };
}

/** The values of a target's report series, in upstream's order.
 *  @see prometheus/scrape/scrape.go scrapeLoop.report */
export function reportValues(report: ScrapeReport): readonly number[] {
  const { healthy, durationSeconds, samplesScraped, samplesPostRelabel, seriesAdded, extra } = report;
  const values = [healthy ? 1 : 0, durationSeconds, samplesScraped, samplesPostRelabel, seriesAdded];
  return extra === undefined ? values : [...values, extra.timeoutSeconds, extra.sampleLimit, extra.bodySizeBytes];
}

const NAMES = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
  'scrape_timeout_seconds',
  'scrape_sample_limit',
  'scrape_body_size_bytes',
];

/** The report series of a target, in the order of `values`; never metric-relabelled. */
export function reportSeries(values: readonly number[], targetLabels: Labels): readonly Labels[] {
  return values.map((_, i) => reportLabels(NAMES[i], targetLabels));
}
