import type { GlobalConfig, ScrapeProtocol } from './prometheus-config.ts';
import { readLabels } from './read-labels.ts';
import { readLimits, readScrapeProtocols, refuseScrapeFeatures, type ScrapeLimits } from './read-scrape-options.ts';
import type { YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';

/** What scrape configs inherit. */
export interface GlobalDefaults {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  /** Absent: Prometheus's own order. */
  readonly scrapeProtocols?: readonly ScrapeProtocol[];
  readonly limits: ScrapeLimits;
  readonly extraScrapeMetrics: boolean;
}

const DEFAULT_SCRAPE_INTERVAL_MS = 60_000;
const DEFAULT_SCRAPE_TIMEOUT_MS = 10_000;
const DEFAULT_EVALUATION_INTERVAL_MS = 60_000;

/** Reads the `global` section. @see prometheus/config/config.go GlobalConfig */
export function readGlobalConfig(value: YamlValue | undefined): {
  readonly global: GlobalConfig;
  readonly defaults: GlobalDefaults;
} {
  const fields = value === undefined ? undefined : new YamlFields(value, 'config.plain');
  const scrapeIntervalMs = readInterval(fields, 'scrape_interval') || DEFAULT_SCRAPE_INTERVAL_MS;
  const scrapeTimeoutMs = fields?.duration('scrape_timeout') || Math.min(DEFAULT_SCRAPE_TIMEOUT_MS, scrapeIntervalMs);
  if (scrapeTimeoutMs > scrapeIntervalMs) {
    fields?.report('global scrape timeout greater than scrape interval', 'scrape_timeout');
  }
  const global = {
    scrapeIntervalMs,
    scrapeTimeoutMs,
    evaluationIntervalMs: readInterval(fields, 'evaluation_interval') || DEFAULT_EVALUATION_INTERVAL_MS,
    ruleQueryOffsetMs: fields?.duration('rule_query_offset') ?? 0,
    externalLabels: readLabels(fields?.value('external_labels'), 'map[string]string'),
  };
  const defaults = {
    scrapeIntervalMs,
    scrapeTimeoutMs,
    scrapeProtocols: fields && readScrapeProtocols(fields, 'for global config'),
    limits: readLimits(fields),
    extraScrapeMetrics: fields?.bool('extra_scrape_metrics') ?? false,
  };
  if (fields !== undefined) readWithoutEffect(fields);
  fields?.finish();
  return { global, defaults };
}

function readWithoutEffect(fields: YamlFields): void {
  refuseScrapeFeatures(fields, 'global');
  fields.refuse('query_log_file');
  // Upstream enforces these only with a feature flag.
  const limits = [
    fields.uint('query_max_series', 'uint64'),
    fields.uint('query_max_samples_read', 'uint64'),
    fields.duration('query_max_duration'),
  ];
  const names = ['query_max_series', 'query_max_samples_read', 'query_max_duration'];
  limits.forEach((limit, i) => {
    if (limit) fields.warn(`${names[i]} has no effect`, names[i]);
  });
}

/** An interval of scheduled work: slots are whole seconds. Zero and absent mean the default. */
export function readInterval(fields: YamlFields | undefined, name: string): number {
  const intervalMs = fields?.duration(name) ?? 0;
  if (intervalMs % 1000 !== 0) {
    fields?.report(`${name} is ${intervalMs} ms, expected whole seconds, at least 1s`, name);
    return 0;
  }
  return intervalMs;
}
