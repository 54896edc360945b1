import { formatDuration } from '#shared/model/duration.ts';
import type { Load } from './load.ts';
import { isCounter, metricName, SERIES_PER_METRIC } from './pages.ts';

const RULES_PER_GROUP = 10;

/** Where heartbeat and alerts go. */
export const TOPIC_ARN = 'arn:aws:sns:us-east-1:000000000000:emberwatch';

/** The address of a target. */
export function targetAddress(index: number): string {
  return `target-${index}:9100`;
}

/** The files of a deployment with this load: as the deployment's own sample, every alert may go to a topic, and one always
 *  fires, which is the heartbeat. Path → text. */
export function configurationFiles(load: Load): Readonly<Record<string, string>> {
  const { targets, intervalMs, evaluationMs } = load;
  const timeoutMs = Math.min(10_000, intervalMs);
  const addresses = Array.from({ length: targets }, (_, i) => targetAddress(i));
  return {
    'prometheus.yml': `
global: { scrape_interval: ${formatDuration(intervalMs)}, scrape_timeout: ${formatDuration(timeoutMs)}, evaluation_interval: ${formatDuration(evaluationMs)} }
rule_files: [rules/*.yml]
scrape_configs: [{ job_name: app, static_configs: [{ targets: ${JSON.stringify(addresses)} }] }]
`,
    'rules/rules.yml': rulesFile(load),
    'alertmanager.yml': `
route:
  receiver: team
  group_by: [alertname, job]
  routes:
    - { matchers: ['alertname="Watchdog"'], receiver: heartbeat, group_wait: 0s, group_interval: 1m, repeat_interval: 1m }
receivers:
  - { name: team, sns_configs: [{ topic_arn: "${TOPIC_ARN}", sigv4: {} }] }
  - { name: heartbeat, sns_configs: [{ topic_arn: "${TOPIC_ARN}", sigv4: {}, send_resolved: false }] }
`,
  };
}

/** The number of groups that the rules are in, the heartbeat's included. */
export function ruleGroupCount({ rules }: Load): number {
  return Math.ceil(rules / RULES_PER_GROUP) + 1;
}

/** Samples that one evaluation of all rules looks at: a counter's rule five minutes, a gauge's alert the newest. */
export function samplesOfRules(load: Load): number {
  const perMetric = load.targets * Math.min(load.series, SERIES_PER_METRIC);
  const inRange = Math.ceil(300_000 / load.intervalMs);
  return ruleMetrics(load).reduce((sum, metric) => sum + perMetric * (isCounter(metric) ? inRange : 1), 0);
}

function rulesFile(load: Load): string {
  const rules = ruleMetrics(load).map((metric, i) =>
    isCounter(metric)
      ? `{ record: 'job:requests_${i}:rate5m', expr: 'sum by (job) (rate(${metricName(metric)}[5m]))' }`
      : `{ alert: Queue${i}, expr: '${metricName(metric)} > 1e9', for: 5m }`,
  );
  const watchdog = '  - { name: heartbeat, interval: 1m, rules: [{ alert: Watchdog, expr: vector(1) }] }\n';
  const groups = Array.from({ length: Math.ceil(rules.length / RULES_PER_GROUP) }, (_, i) => {
    const own = rules.slice(i * RULES_PER_GROUP, (i + 1) * RULES_PER_GROUP);
    return `  - name: group-${i}\n    rules:\n${own.map((rule) => `      - ${rule}\n`).join('')}`;
  });
  return `groups:\n${watchdog}${groups.join('')}`;
}

function ruleMetrics({ rules, series }: Load): number[] {
  const metrics = Math.max(1, Math.floor(series / SERIES_PER_METRIC));
  return Array.from({ length: rules }, (_, i) => i % metrics);
}
