import { goQuote, type Labels, labelPairs, labelsFromPairs } from '#shared/model/labels.ts';
import { folderOf, joinFolder } from './paths.ts';
import type { PrometheusConfig, ScrapeConfig } from './prometheus-config.ts';
import { readAlertmanagers } from './read-alertmanagers.ts';
import { type GlobalDefaults, readGlobalConfig } from './read-global-config.ts';
import { readRelabelConfigs } from './read-relabel-config.ts';
import { readScrapeConfig } from './read-scrape-config.ts';
import { parseYaml, type YamlValue } from './yaml-document.ts';
import { YamlFields } from './yaml-fields.ts';

/** Parses and validates a `prometheus.yml`, with all defaults filled in. Does not read other files: rule files and
 *  target files are named by globs.
 *  @param file The path of the file: relative paths in it are resolved against its folder.
 *  @param env The process's environment, for `${NAME}` in external labels.
 *  @throws {ConfigError} With every problem of the file; what upstream refuses with upstream's words, what upstream has and
 *  Emberwatch has not as "… is not supported yet".
 *  @see prometheus/config/config.go Load */
export function loadPrometheusConfig(
  file: string,
  text: string,
  env: (name: string) => string | undefined,
): PrometheusConfig {
  const { document, root } = parseYaml(file, text);
  const folder = folderOf(file);
  const fields = new YamlFields(root, 'config.plain');
  const { global, defaults } = readGlobalConfig(fields.value('global'));
  const ruleFiles = readGlobs(fields, 'rule_files', 'rule file');
  const scrapeConfigs = readScrapeConfigs(fields, defaults, folder);
  const alertRelabelConfigs = readAlerting(fields, folder);
  readGlobs(fields, 'scrape_config_files', 'scrape config file');
  fields.refuse('scrape_config_files');
  refuseSections(fields);
  fields.finish();
  document.throwProblems();
  const externalLabels = expandLabels(global.externalLabels, env);
  return {
    file,
    text,
    global: { ...global, externalLabels },
    ruleFiles: ruleFiles.map((glob) => joinFolder(folder, glob)),
    scrapeConfigs,
    alertRelabelConfigs,
    warnings: document.warnings,
  };
}

/** A glob has `*` only in its last part. */
function readGlobs(fields: YamlFields, name: string, what: string): readonly string[] {
  const read = (item: YamlValue) => {
    if (item.kind === 'null') return '';
    if (item.kind === 'scalar' && !/^[^*]*(\*[^/]*)?$/.test(item.text)) {
      item.document.report(item.offset, `invalid ${what} path ${goQuote(item.text)}`);
    }
    return item.kind === 'scalar' ? item.text : undefined;
  };
  return fields.list(name, 'string', read) ?? [];
}

function readScrapeConfigs(fields: YamlFields, defaults: GlobalDefaults, folder: string): readonly ScrapeConfig[] {
  const jobs = new Set<string>();
  const read = (item: YamlValue) => {
    if (item.kind === 'null') {
      item.document.report(item.offset, 'empty or null scrape config section');
      return undefined;
    }
    const scrape = new YamlFields(item, 'config.ScrapeConfig');
    const config = readScrapeConfig(scrape, defaults, folder);
    if (jobs.has(config.jobName) && config.jobName !== '') {
      scrape.report(`found multiple scrape configs with job name ${goQuote(config.jobName)}`, 'job_name');
    }
    jobs.add(config.jobName);
    return config;
  };
  return fields.list('scrape_configs', '*config.ScrapeConfig', read) ?? [];
}

function readAlerting(fields: YamlFields, folder: string) {
  const alerting = fields.fields('alerting', 'config.plain');
  if (alerting === undefined) return [];
  const relabelConfigs = readRelabelConfigs(alerting, 'alert_relabel_configs', 'empty or null alert relabeling rule');
  readAlertmanagers(alerting, folder);
  alerting.finish();
  return relabelConfigs;
}

/** Sections for parts of Prometheus that are not here. */
function refuseSections(fields: YamlFields): void {
  for (const name of ['remote_write', 'remote_read', 'otlp']) fields.refuse(name);
  fields.refuse('tracing', () => false);
  readRuntime(fields);
  const storage = fields.fields('storage', 'config.StorageConfig');
  if (storage === undefined) return;
  storage.refuse('tsdb');
  const exemplars = storage.fields('exemplars', 'config.ExemplarsConfig');
  exemplars?.int('max_exemplars');
  exemplars?.finish();
  if (exemplars) storage.warn('exemplars has no effect: exemplars are not stored', 'exemplars');
  storage.finish();
}

const LOG_LEVELS = ['', 'debug', 'info', 'warn', 'error'];

function readRuntime(fields: YamlFields): void {
  const runtime = fields.fields('runtime', 'config.RuntimeConfig');
  if (runtime === undefined || runtime.isEmpty) return;
  runtime.int('gogc');
  const level = runtime.text('log_level')?.toLowerCase() ?? '';
  if (!LOG_LEVELS.includes(level)) runtime.report(`unrecognized log level ${level}`, 'log_level');
  runtime.finish();
  fields.warn('runtime has no effect: it tunes a Go process', 'runtime');
}

function expandLabels(labels: Labels, env: (name: string) => string | undefined): Labels {
  const pairs = [...labelPairs(labels)];
  return labelsFromPairs(pairs.map(([name, value]) => [name, expandVariables(value, env)]));
}

/** Replaces `$NAME` and `${NAME}` by the environment's values; one that is not set is empty; `$$` is `$`.
 *  @see Go os.Expand */
export function expandVariables(text: string, env: (name: string) => string | undefined): string {
  const value = (name: string) => (name === '$' ? '$' : (env(name) ?? ''));
  return text.replace(
    /\$(?:\{([^}]*)\}|([*#$@!?\-0-9])|([A-Za-z_][A-Za-z0-9_]*)|\{)/g,
    (_match, braced?: string, special?: string, plain?: string) => value(braced ?? special ?? plain ?? ''),
  );
}
