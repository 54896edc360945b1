import type { Labels } from '#shared/model/labels.ts';
import type { RelabelConfig } from '#shared/relabel/relabel-config.ts';
import type { HttpClientConfig } from './http-config.ts';

/** A validated `prometheus.yml` with all defaults filled in. Durations in milliseconds, sizes in bytes, 0 = no limit. */
export interface PrometheusConfig {
  /** The path of the file, as given. */
  readonly file: string;
  /** The text as written, for `/api/v1/status/config` (secrets masked there). */
  readonly text: string;
  readonly global: GlobalConfig;
  /** Globs, resolved against the folder of the file. */
  readonly ruleFiles: readonly string[];
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly alertRelabelConfigs: readonly RelabelConfig[];
  /** What is accepted but has no effect here, `file:line:column: …` each. */
  readonly warnings?: readonly string[];
}

export interface GlobalConfig {
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly evaluationIntervalMs: number;
  readonly ruleQueryOffsetMs: number;
  readonly externalLabels: Labels;
}

export type ScrapeProtocol =
  | 'OpenMetricsText1.0.0'
  | 'OpenMetricsText0.0.1'
  | 'PrometheusText1.0.0'
  | 'PrometheusText0.0.4';

export interface ScrapeConfig {
  readonly jobName: string;
  readonly scrapeIntervalMs: number;
  readonly scrapeTimeoutMs: number;
  readonly scrapeProtocols: readonly ScrapeProtocol[];
  readonly fallbackScrapeProtocol?: ScrapeProtocol;
  readonly metricsPath: string;
  readonly scheme: string;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly enableCompression: boolean;
  readonly http: HttpClientConfig;
  readonly staticConfigs: readonly StaticConfig[];
  readonly fileSdConfigs: readonly FileSdConfig[];
  readonly relabelConfigs: readonly RelabelConfig[];
  readonly metricRelabelConfigs: readonly RelabelConfig[];
  readonly bodySizeLimitBytes: number;
  readonly sampleLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly targetLimit: number;
  readonly extraScrapeMetrics: boolean;
}

export interface StaticConfig {
  readonly targets: readonly string[];
  readonly labels: Labels;
}

export interface FileSdConfig {
  /** Globs, resolved against the folder of the file. */
  readonly files: readonly string[];
  readonly refreshIntervalMs: number;
}
