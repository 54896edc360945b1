import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import { formatDuration, parseDuration } from '#shared/model/duration.ts';
import {
  getLabel,
  goQuote,
  type Labels,
  labelPairs,
  labelsFromPairs,
  withLabel,
  withoutLabels,
} from '#shared/model/labels.ts';
import { relabel } from '#shared/relabel/relabel.ts';
import { createTarget, type Target } from './target.ts';

export type Populated =
  | { readonly kind: 'target'; readonly target: Target }
  | { readonly kind: 'dropped'; readonly discoveredLabels: Labels }
  | { readonly kind: 'invalid'; readonly discoveredLabels: Labels; readonly problem: string };

type PopulateConfig = Pick<
  ScrapeConfig,
  'jobName' | 'scrapeIntervalMs' | 'scrapeTimeoutMs' | 'metricsPath' | 'scheme' | 'params' | 'relabelConfigs'
>;

/** Makes a target of what discovery found, by relabelling.
 *  @param targetLabels Of the target itself, with `__address__`. @param groupLabels Shared by its group.
 *  @see prometheus/scrape/target.go PopulateLabels */
export function populateTarget(targetLabels: Labels, groupLabels: Labels, config: PopulateConfig): Populated {
  const discoveredLabels = discover(targetLabels, groupLabels, config);
  const relabelled = relabel(discoveredLabels, config.relabelConfigs);
  if (relabelled === undefined) return { kind: 'dropped', discoveredLabels };
  const times = checkLabels(relabelled);
  if (typeof times === 'string') return { kind: 'invalid', discoveredLabels, problem: times };
  const kept = withoutLabels(relabelled, (name) => name.startsWith('__meta_'));
  const labels = getLabel(kept, 'instance') === '' ? withLabel(kept, 'instance', getLabel(kept, '__address__')) : kept;
  const target = createTarget({ pool: config.jobName, labels, discoveredLabels, ...times }, config.params);
  return { kind: 'target', target };
}

function discover(targetLabels: Labels, groupLabels: Labels, config: PopulateConfig): Labels {
  const defaults: [string, string][] = [
    ['job', config.jobName],
    ['__scrape_interval__', formatDuration(config.scrapeIntervalMs)],
    ['__scrape_timeout__', formatDuration(config.scrapeTimeoutMs)],
    ['__metrics_path__', config.metricsPath],
    ['__scheme__', config.scheme],
    ...Object.entries(config.params)
      .filter(([, values]) => values.length > 0)
      .map(([name, values]): [string, string] => [`__param_${name}`, values[0]]),
  ];
  return labelsFromPairs([...defaults, ...labelPairs(groupLabels), ...labelPairs(targetLabels)]);
}

/** @returns The interval and timeout, or what is wrong, in Prometheus's words. */
function checkLabels(labels: Labels): { readonly intervalMs: number; readonly timeoutMs: number } | string {
  const address = getLabel(labels, '__address__');
  if (address === '') return 'no address';
  if (address.includes('/')) return `${goQuote(address)} is not a valid hostname`;
  const intervalMs = durationLabel(labels, '__scrape_interval__');
  if (typeof intervalMs === 'string') return `error parsing scrape interval: ${intervalMs}`;
  if (intervalMs === 0) return 'scrape interval cannot be 0';
  const timeoutMs = durationLabel(labels, '__scrape_timeout__');
  if (typeof timeoutMs === 'string') return `error parsing scrape timeout: ${timeoutMs}`;
  if (timeoutMs === 0) return 'scrape timeout cannot be 0';
  if (timeoutMs > intervalMs) {
    const [timeout, interval] = [timeoutMs, intervalMs].map((ms) => goQuote(formatDuration(ms)));
    return `scrape timeout cannot be greater than scrape interval (${timeout} > ${interval})`;
  }
  if (intervalMs % 1000 !== 0)
    return `scrape interval must be whole seconds, got ${goQuote(formatDuration(intervalMs))}`;
  return { intervalMs, timeoutMs };
}

function durationLabel(labels: Labels, name: string): number | string {
  try {
    return parseDuration(getLabel(labels, name));
  } catch (error) {
    return (error as Error).message;
  }
}
