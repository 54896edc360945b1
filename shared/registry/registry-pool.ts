import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import { type Labels, labelsFromRecord } from '#shared/model/labels.ts';
import { type Populated, populateTarget } from '#shared/scrape/populate.ts';
import type { RegisteredTarget } from './registered-target.ts';

const POOL_PREFIX = 'registry/';

/** The pool of the registered targets of a job: apart from the configured job of that name, whose relabelling and
 *  credentials were not meant for them. */
export function registryPool(job: string): string {
  return POOL_PREFIX + job;
}

/** The scrape configuration of a registry pool; `undefined` for any other pool. */
export function registryScrapeConfig(pool: string, defaults: ScrapeConfig): ScrapeConfig | undefined {
  return pool.startsWith(POOL_PREFIX) ? { ...defaults, jobName: pool.slice(POOL_PREFIX.length) } : undefined;
}

/** Makes a scrape target of a registered one. */
export function populateRegistered(registered: RegisteredTarget): Populated {
  const { address, job, labels, metricsPath, params, scheme, scrapeIntervalMs, scrapeTimeoutMs, id } = registered;
  const targetLabels: Labels = labelsFromRecord({
    __meta_registry_id: id,
    job,
    ...labels,
    __address__: address,
  });
  return populateTarget(targetLabels, [], {
    jobName: registryPool(job),
    scrapeIntervalMs,
    scrapeTimeoutMs,
    metricsPath,
    scheme,
    params,
    relabelConfigs: [],
  });
}
