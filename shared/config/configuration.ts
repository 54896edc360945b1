import type { AlertmanagerConfig } from '#shared/alerting/config.ts';
import type { PositionedError } from '#shared/model/text-position.ts';
import type { Files } from '#shared/ports/files.ts';
import type { ParserOptions } from '#shared/promql/syntax/token-stream.ts';
import { ConfigError } from './config-error.ts';
import { loadAlertmanagerConfig } from './load-alertmanager.ts';
import { loadPrometheusConfig } from './load-prometheus.ts';
import { loadRuleFile } from './load-rules.ts';
import type { PrometheusConfig, ScrapeConfig } from './prometheus-config.ts';
import type { RuleGroupConfig } from './rules-config.ts';

/** All that the files say, validated together. Immutable: a reload makes another one. */
export interface Configuration {
  readonly prometheus: PrometheusConfig;
  readonly ruleGroups: readonly RuleGroupConfig[];
  readonly alertmanager: AlertmanagerConfig;
  readonly notificationTemplates: readonly TemplateFile[];
  /** What targets that are registered through the API are scraped with. */
  readonly registryDefaults: ScrapeConfig;
  /** What the files say without effect, `file:line:column: …` each. */
  readonly warnings: readonly string[];
}

export interface TemplateFile {
  readonly path: string;
  readonly text: string;
}

export interface ConfigurationPaths {
  readonly prometheus: string;
  /** Absent: alerts are kept and shown, and nobody is told. */
  readonly alertmanager?: string;
}

export interface ConfigurationDeps {
  readonly files: Files;
  readonly env: (name: string) => string | undefined;
  /** @throws {Error} When the text is not a template. */
  readonly checkTemplate: (text: string) => void;
  /** The syntax of rules. @default Without features. */
  readonly parser?: ParserOptions;
}

const NO_ALERTMANAGER = 'route:\n  receiver: none\nreceivers:\n  - name: none\n';
const REGISTRY_JOB = 'scrape_configs:\n  - job_name: registry\n';

/** Reads and validates the configuration's files.
 *  @throws {ConfigError} With every problem of every file. @throws {Error} When a file cannot be read. */
export async function loadConfiguration(paths: ConfigurationPaths, deps: ConfigurationDeps): Promise<Configuration> {
  const { files } = deps;
  const problems: PositionedError[] = [];
  const prometheusText = await files.read(paths.prometheus);
  const prometheus = collect(problems, () => loadPrometheusConfig(paths.prometheus, prometheusText, deps.env));
  const alertmanagerText = paths.alertmanager === undefined ? NO_ALERTMANAGER : await files.read(paths.alertmanager);
  const alertmanager = collect(problems, () =>
    loadAlertmanagerConfig(paths.alertmanager ?? 'built-in alertmanager.yml', alertmanagerText),
  );
  const warnings: string[] = [...(prometheus?.warnings ?? []), ...(alertmanager?.warnings ?? [])];
  const ruleGroups = prometheus === undefined ? [] : await loadRules(prometheus, deps, { problems, warnings });
  if (prometheus === undefined || alertmanager === undefined || problems.length > 0)
    throw new ConfigError(paths.prometheus, problems);
  return {
    prometheus,
    ruleGroups,
    alertmanager,
    notificationTemplates: await readAll(files, alertmanager.templates),
    registryDefaults: registryDefaults(prometheus),
    warnings,
  };
}

function collect<T>(problems: PositionedError[], load: () => T): T | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

async function loadRules(
  prometheus: PrometheusConfig,
  { files, checkTemplate, parser }: ConfigurationDeps,
  { problems, warnings }: { readonly problems: PositionedError[]; readonly warnings: string[] },
): Promise<RuleGroupConfig[]> {
  const { evaluationIntervalMs, ruleQueryOffsetMs } = prometheus.global;
  const groups: RuleGroupConfig[] = [];
  for (const { path, text } of await readAll(files, prometheus.ruleFiles)) {
    const options = {
      evaluationIntervalMs,
      queryOffsetMs: ruleQueryOffsetMs,
      checkTemplate,
      parser,
      warn: (text: string) => warnings.push(text),
    };
    groups.push(...(collect(problems, () => loadRuleFile(path, text, options)) ?? []));
  }
  return groups;
}

/** The files that match any of the globs, each once, ordered by path. */
async function readAll(files: Files, globs: readonly string[]): Promise<TemplateFile[]> {
  const paths = new Set((await Promise.all(globs.map((glob) => files.glob(glob)))).flat());
  return Promise.all([...paths].sort().map(async (path) => ({ path, text: await files.read(path) })));
}

function registryDefaults({ global }: PrometheusConfig): ScrapeConfig {
  const { scrapeConfigs } = loadPrometheusConfig('registry', REGISTRY_JOB, () => undefined);
  const { scrapeIntervalMs, scrapeTimeoutMs } = global;
  return { ...scrapeConfigs[0], scrapeIntervalMs, scrapeTimeoutMs };
}
