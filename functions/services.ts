import { type Configuration, loadConfiguration } from '#shared/config/configuration.ts';
import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import type { Ports } from '#shared/ports/ports.ts';
import { createEngine, type Engine } from '#shared/promql/engine/engine.ts';
import { registryScrapeConfig } from '#shared/registry/registry-pool.ts';
import { createTargetRegistry, type TargetRegistry } from '#shared/registry/target-registry.ts';
import type { RulePorts, RuleSettings } from '#shared/rules/evaluate-slot.ts';
import { createPlanStore, type PlanStore } from '#shared/scrape/shard-plan.ts';
import { checkRuleTemplate } from '#shared/template/prometheus-template.ts';
import { type BatchStore, createBatchStore } from '#shared/tsdb/batch-store.ts';
import { createBlockQuerier, mergeQueriers } from '#shared/tsdb/block-set/block-querier.ts';
import { type BlockManifest, createBlockManifest } from '#shared/tsdb/block-set/manifest.ts';
import { createHead, type Head } from '#shared/tsdb/head/head.ts';
import { createLayoutStore, type LayoutStore } from '#shared/tsdb/layout-store.ts';
import { createRuleQueries } from './evaluate-rules/rule-queries.ts';
import { createSelfMetrics, type SelfMetrics } from './self-metrics.ts';
import type { Settings } from './settings.ts';

/** Everything that handlers are made of, built once per cold start over the ports of one environment. */
export interface Services {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly batches: BatchStore;
  readonly layouts: LayoutStore;
  /** Its queriers read the blocks, too. */
  readonly head: Head;
  readonly blocks: BlockManifest;
  readonly engine: Engine;
  readonly plans: PlanStore;
  readonly registry: TargetRegistry;
  readonly metrics: SelfMetrics;
  readonly configuration: ConfigurationSource;
}

/** The current configuration: read once, and again when asked. */
export interface ConfigurationSource {
  current(): Promise<Configuration>;
  /** Reads the files again. When they cannot be used, the current configuration stays.
   *  @throws {ConfigError} */
  reload(): Promise<Configuration>;
}

/** @param metrics Where the ports report to it, too. @default New ones. */
export function createServices(ports: Ports, settings: Settings, metrics: SelfMetrics = createSelfMetrics()): Services {
  const nowMs = () => ports.clock.nowMs();
  const batches = createBatchStore(ports, {
    retentionMs: settings.retentionMs,
    nowMs,
    yieldNow: () => ports.clock.yieldNow(),
  });
  const layouts = createLayoutStore(ports.objects, ports.compression);
  const { retentionMs, headMaxBytes: maxBytes } = settings;
  const head = createHead({ batches, layouts }, { nowMs, retentionMs, maxBytes });
  const blocks = createBlockManifest(ports);
  const blockQuerier = createBlockQuerier(ports.objects, blocks);
  return {
    ports,
    settings,
    batches,
    layouts,
    head: { ...head, querier: () => mergeQueriers([blockQuerier, head.querier()]) },
    blocks,
    engine: createEngine({
      lookbackDeltaMs: settings.lookbackDeltaMs,
      timeoutMs: settings.queryTimeoutMs,
      maxSamples: settings.queryMaxSamples,
      maxConcurrency: settings.queryMaxConcurrency,
      maxMemoryBytes: settings.queryMaxMemoryBytes,
      parser: settings.features.parser,
      delayedNameRemoval: settings.features.delayedNameRemoval,
      typeAndUnitLabels: settings.features.typeAndUnitLabels,
      useStartTimestamps: settings.features.useStartTimestamps,
      monotonicMs: () => ports.clock.monotonicMs(),
      yieldNow: () => ports.clock.yieldNow(),
      sleep: (durationMs, signal) => ports.clock.sleep(durationMs, signal),
    }),
    plans: createPlanStore(ports, nowMs),
    registry: createTargetRegistry(ports.records, { nowMs, newId: () => ports.random.uuid() }),
    metrics,
    configuration: createConfigurationSource(ports, settings),
  };
}

function createConfigurationSource(ports: Ports, settings: Settings): ConfigurationSource {
  const load = () =>
    loadConfiguration(settings.paths, {
      files: ports.files,
      env: settings.env,
      checkTemplate: checkRuleTemplate,
      parser: settings.features.parser,
    });
  let current: Promise<Configuration> | undefined;
  return {
    current() {
      if (current === undefined) {
        const loading = load();
        loading.catch(() => {
          if (current === loading) current = undefined;
        });
        current = loading;
      }
      return current;
    },
    async reload() {
      const loaded = await load();
      current = Promise.resolve(loaded);
      return loaded;
    },
  };
}

/** The scrape configuration of a job or of a registry pool.
 *  @throws {Error} When the job is not configured any more; the next plan will not have its targets. */
export async function scrapeConfigOf(services: Services, pool: string): Promise<ScrapeConfig> {
  const { prometheus, registryDefaults } = await services.configuration.current();
  const registered = registryScrapeConfig(pool, registryDefaults);
  const config = registered ?? prometheus.scrapeConfigs.find(({ jobName }) => jobName === pool);
  if (config === undefined) throw new Error(`Cannot scrape: job "${pool}" is not configured any more`);
  return config;
}

export function rulePorts(services: Services): RulePorts {
  const { ports, batches, layouts, head, engine, settings } = services;
  const { clock, records, objects, random } = ports;
  const queries = createRuleQueries(engine, async () => {
    const { prometheus } = await services.configuration.current();
    return {
      externalLabels: prometheus.global.externalLabels,
      externalUrl: settings.externalUrl,
    };
  });
  return { clock, records, objects, random, batches, layouts, querier: () => head.querier(), queries };
}

export async function ruleSettings(services: Services): Promise<RuleSettings> {
  const { prometheus } = await services.configuration.current();
  return {
    externalLabels: prometheus.global.externalLabels,
    externalUrl: services.settings.externalUrl,
    alertRelabelConfigs: prometheus.alertRelabelConfigs,
  };
}
