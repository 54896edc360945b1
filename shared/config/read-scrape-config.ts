import { goQuote } from '#shared/model/labels.ts';
import type { ScrapeConfig } from './prometheus-config.ts';
import { type GlobalDefaults, readInterval } from './read-global-config.ts';
import { readHttpConfig } from './read-http-config.ts';
import { readRelabelConfigs } from './read-relabel-config.ts';
import {
  DEFAULT_SCRAPE_PROTOCOLS,
  readFallbackProtocol,
  readLimits,
  readScrapeProtocols,
  refuseScrapeFeatures,
  type ScrapeLimits,
} from './read-scrape-options.ts';
import { readServiceDiscovery } from './read-service-discovery.ts';
import type { YamlFields } from './yaml-fields.ts';
import { readEntries, readList, readText } from './yaml-values.ts';

/** Reads one scrape config. @see prometheus/config/config.go ScrapeConfig */
export function readScrapeConfig(fields: YamlFields, defaults: GlobalDefaults, folder: string): ScrapeConfig {
  const jobName = fields.text('job_name') ?? '';
  if (jobName === '') fields.report('job_name is empty', 'job_name');
  const times = readTimes(fields, defaults, jobName);
  const where = `for scrape config with job name ${goQuote(jobName)}`;
  const relabelConfigs = readRelabelConfigs(
    fields,
    'relabel_configs',
    'empty or null target relabeling rule in scrape config',
  );
  const config: ScrapeConfig = {
    jobName,
    ...times,
    scrapeProtocols: readScrapeProtocols(fields, where) ?? defaults.scrapeProtocols ?? DEFAULT_SCRAPE_PROTOCOLS,
    fallbackScrapeProtocol: readFallbackProtocol(fields, jobName),
    metricsPath: fields.text('metrics_path') ?? '/metrics',
    scheme: fields.text('scheme') ?? 'http',
    params: readParams(fields),
    honorLabels: fields.bool('honor_labels') ?? false,
    honorTimestamps: fields.bool('honor_timestamps') ?? true,
    trackTimestampsStaleness: fields.bool('track_timestamps_staleness') ?? false,
    enableCompression: fields.bool('enable_compression') ?? true,
    http: readHttpConfig(fields, folder),
    ...readServiceDiscovery(fields, folder, { allowUrls: relabelConfigs.length > 0 }),
    relabelConfigs,
    metricRelabelConfigs: readRelabelConfigs(
      fields,
      'metric_relabel_configs',
      'empty or null metric relabeling rule in scrape config',
    ),
    ...inheritLimits(readLimits(fields), defaults.limits),
    extraScrapeMetrics: fields.bool('extra_scrape_metrics') ?? defaults.extraScrapeMetrics,
  };
  refuseScrapeFeatures(fields, 'scrape config');
  // These bound native histograms, which are refused.
  fields.uint('native_histogram_bucket_limit');
  fields.float('native_histogram_min_bucket_factor');
  fields.finish();
  return config;
}

function readTimes(fields: YamlFields, defaults: GlobalDefaults, jobName: string) {
  const scrapeIntervalMs = readInterval(fields, 'scrape_interval') || defaults.scrapeIntervalMs;
  const ownTimeoutMs = fields.duration('scrape_timeout') ?? 0;
  if (ownTimeoutMs > scrapeIntervalMs) {
    fields.report(
      `scrape timeout greater than scrape interval for scrape config with job name ${goQuote(jobName)}`,
      'scrape_timeout',
    );
  }
  return { scrapeIntervalMs, scrapeTimeoutMs: ownTimeoutMs || Math.min(defaults.scrapeTimeoutMs, scrapeIntervalMs) };
}

function readParams(fields: YamlFields): Readonly<Record<string, readonly string[]>> {
  const value = fields.value('params');
  const entries = value === undefined ? [] : (readEntries(value, 'url.Values') ?? []);
  return Object.fromEntries(
    entries.map((entry) => [entry.key, readList(entry.value, 'string', (item) => readText(item)) ?? []]),
  );
}

/** A limit of 0 is the global one: a job cannot lift it. */
function inheritLimits(own: ScrapeLimits, global: ScrapeLimits): ScrapeLimits {
  const names = Object.keys(own) as (keyof ScrapeLimits)[];
  return Object.fromEntries(names.map((name) => [name, own[name] || global[name]])) as unknown as ScrapeLimits;
}
