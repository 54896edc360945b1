import type { ReceiverContext } from '#shared/alerting/receivers/delivery.ts';
import { type Configuration, loadConfiguration } from '#shared/config/configuration.ts';
import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { Ports } from '#shared/ports/ports.ts';
import { createEngine, type Engine } from '#shared/promql/engine/engine.ts';
import { registryScrapeConfig } from '#shared/registry/registry-pool.ts';
import { createTargetRegistry, type TargetRegistry } from '#shared/registry/target-registry.ts';
import type { RulePorts, RuleSettings } from '#shared/rules/evaluate-slot.ts';
import { createPlanStore, type PlanStore } from '#shared/scrape/shard-plan.ts';
import { type AlertmanagerTemplates, createAlertmanagerTemplates } from '#shared/template/alertmanager-templates.ts';
import { checkRuleTemplate } from '#shared/template/prometheus-template.ts';
import { type BatchStore, createBatchStore } from '#shared/tsdb/batch-store.ts';
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
  readonly head: Head;
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

export function createServices(ports: Ports, settings: Settings): Services {
  const nowMs = () => ports.clock.nowMs();
  const batches = createBatchStore(ports, { retentionMs: settings.retentionMs, nowMs });
  const layouts = createLayoutStore(ports.objects, ports.compression);
  return {
    ports,
    settings,
    batches,
    layouts,
    head: createHead({ batches, layouts }, { nowMs, retentionMs: settings.retentionMs }),
    engine: createEngine({
      lookbackDeltaMs: settings.lookbackDeltaMs,
      timeoutMs: settings.queryTimeoutMs,
      maxSamples: settings.queryMaxSamples,
      monotonicMs: () => ports.clock.monotonicMs(),
    }),
    plans: createPlanStore(ports, nowMs),
    registry: createTargetRegistry(ports.records, { nowMs, newId: () => ports.random.uuid() }),
    metrics: createSelfMetrics(),
    configuration: createConfigurationSource(ports, settings),
  };
}

function createConfigurationSource(ports: Ports, settings: Settings): ConfigurationSource {
  const load = () =>
    loadConfiguration(settings.paths, { files: ports.files, env: settings.env, checkTemplate: checkRuleTemplate });
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

export async function receiverContext(services: Services): Promise<Omit<ReceiverContext, 'nowMs'>> {
  const { http, mailer, topic, secrets, files } = services.ports;
  const templates = templatesOf(await services.configuration.current(), services.ports.clock);
  return { templates, http, mailer, topic, secrets, files, externalUrl: services.settings.externalUrl };
}

/** Parsed once for each configuration. */
const parsedTemplates = new WeakMap<Configuration, AlertmanagerTemplates>();

function templatesOf(configuration: Configuration, clock: Clock): AlertmanagerTemplates {
  let templates = parsedTemplates.get(configuration);
  if (templates === undefined) {
    templates = createAlertmanagerTemplates(configuration.notificationTemplates, { nowMs: () => clock.nowMs() });
    parsedTemplates.set(configuration, templates);
  }
  return templates;
}
