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

/** The report series of a target, in upstream's order; never metric-relabelled.
 *  @see prometheus/scrape/scrape.go scrapeLoop.report */
export function reportSamples(
  report: ScrapeReport,
  targetLabels: Labels,
): { readonly labels: readonly Labels[]; readonly values: readonly number[] } {
  const samples: [name: string, value: number][] = [
    ['up', report.healthy ? 1 : 0],
    ['scrape_duration_seconds', report.durationSeconds],
    ['scrape_samples_scraped', report.samplesScraped],
    ['scrape_samples_post_metric_relabeling', report.samplesPostRelabel],
    ['scrape_series_added', report.seriesAdded],
  ];
  if (report.extra !== undefined) {
    samples.push(['scrape_timeout_seconds', report.extra.timeoutSeconds]);
    samples.push(['scrape_sample_limit', report.extra.sampleLimit]);
    samples.push(['scrape_body_size_bytes', report.extra.bodySizeBytes]);
  }
  return {
    labels: samples.map(([name]) => reportLabels(name, targetLabels)),
    values: samples.map(([, value]) => value),
  };
}
