import type { ConfigurationPaths } from '#shared/config/configuration.ts';
import { type Features, NO_FEATURES } from '#shared/config/features.ts';

/** What an entry point is told from outside: flags locally, environment variables in Lambda. */
export interface Settings {
  readonly paths: ConfigurationPaths;
  readonly env: (name: string) => string | undefined;
  /** Under which users reach the API, without a slash at the end: for links. */
  readonly externalUrl: string;
  readonly retentionMs: number;
  readonly lookbackDeltaMs: number;
  readonly queryTimeoutMs: number;
  readonly queryMaxSamples: number;
  readonly queryMaxConcurrency: number;
  /** Of all queries together that run at once. */
  readonly queryMaxMemoryBytes: number;
  /** Of decoded samples in memory. @default 512 MB */
  readonly headMaxBytes?: number;
  /** What `--enable-feature` turns on. */
  readonly features: Features;
  /** How long before its slot a worker is to be woken, for what the way there takes. @default 0 */
  readonly dispatchLeadMs?: number;
}

export const DAY_MS = 86_400_000;

/** Prometheus's defaults, and of memory, which it does not bound, ours. */
export const DEFAULT_SETTINGS = {
  retentionMs: 15 * DAY_MS,
  lookbackDeltaMs: 300_000,
  queryTimeoutMs: 120_000,
  queryMaxSamples: 50_000_000,
  queryMaxConcurrency: 20,
  queryMaxMemoryBytes: 1024 * 1024 * 1024,
  features: NO_FEATURES,
} as const;

/** The queues between the functions. */
export const QUEUES = {
  discover: 'discover',
  schedule: 'schedule',
  scrape: 'scrape',
  evaluateRules: 'evaluate-rules',
  dispatchAlerts: 'dispatch-alerts',
  notify: 'notify',
} as const;
