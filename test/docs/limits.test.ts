import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from '#shared/config/config-error.ts';
import { loadAlertmanagerConfig } from '#shared/config/load-alertmanager.ts';
import { loadPrometheusConfig } from '#shared/config/load-prometheus.ts';
import { codeSpans, readDocument, section, tableRows } from './documents.ts';

/** What the README says is refused is refused by that name; what it says has no effect is accepted. */

const LIMITS = section(readDocument('README.md'), '## Limits');
const REFUSED = new Set(
  codeSpans(
    tableRows(LIMITS)
      .map((row) => row[1])
      .join('\n'),
  ),
);

const top = (field: string, value = '{ a: b }') => ({ field, prometheus: `${field}: ${value}\n` });
const global = (field: string, value: string) => ({ field, prometheus: `global: { ${field}: ${value} }\n` });
const job = (field: string, value = '[{ a: b }]', shown = field) => ({
  field,
  shown,
  prometheus: `scrape_configs: [{ job_name: a, ${field}: ${value} }]\n`,
});
const tls = (field: string, value: string) => ({
  field,
  prometheus: `scrape_configs: [{ job_name: a, tls_config: { ${field}: ${value} } }]\n`,
});
const receiver = (field: string, value = '[{ a: b }]') => ({
  field,
  alertmanager: `route: { receiver: a }\nreceivers: [{ name: a, ${field}: ${value} }]\n`,
});
const within = (integration: string, field: string, fields: string) => ({
  ...receiver(`${integration}_configs`, `[{ ${fields} }]`),
  field,
});
const route = (field: string, value: string) => ({
  field,
  alertmanager: `route: { receiver: a, routes: [{ ${field}: ${value} }] }\nreceivers: [{ name: a }]\ntime_intervals: [{ name: nights }]\n`,
});

interface Refusal {
  readonly field: string;
  /** As the README writes it. */
  readonly shown?: string;
  readonly prometheus?: string;
  readonly alertmanager?: string;
}

const TOPIC = 'topic_arn: "arn:aws:sns:eu-west-1:1:a"';
const MAIL = 'to: a@example.com, from: b@example.com';

const CASES: readonly Refusal[] = [
  top('remote_write', '[{ url: "http://a" }]'),
  top('remote_read', '[{ url: "http://a" }]'),
  top('otlp'),
  top('tracing'),
  top('scrape_config_files', '[a.yml]'),
  { field: 'tsdb', shown: 'storage.tsdb', prometheus: 'storage: { tsdb: { out_of_order_time_window: 1h } }\n' },
  global('query_log_file', 'a.log'),
  ...['http', 'dns', 'ec2', 'ecs', 'kubernetes', 'consul'].map((mechanism) => job(`${mechanism}_sd_configs`)),
  job('scrape_native_histograms', 'true'),
  job('convert_classic_histograms_to_nhcb', 'true'),
  { ...job('scrape_protocols', '[PrometheusProto]', 'PrometheusProto'), field: 'scrape_protocols PrometheusProto' },
  {
    ...job('scrape_protocols', '[OpenMetricsText2.0.0]', 'OpenMetricsText2.0.0'),
    field: 'scrape_protocols OpenMetricsText2.0.0',
  },
  job('metric_name_validation_scheme', 'legacy', 'metric_name_validation_scheme: legacy'),
  job('metric_name_escaping_scheme', 'dots'),
  job('scrape_failure_log_file', 'a.log'),
  job('oauth2', '{ client_id: a }'),
  job('no_proxy', 'localhost, proxy_url: "http://proxy"'),
  job('proxy_from_environment', 'true'),
  job('proxy_connect_header', '{ A: [b] }, proxy_url: "http://proxy"'),
  tls('min_version', 'TLS13'),
  tls('max_version', 'TLS12'),
  ...[
    'discord',
    'incidentio',
    'jira',
    'mattermost',
    'msteams',
    'msteamsv2',
    'opsgenie',
    'pushover',
    'rocketchat',
    'telegram',
  ].map((kind) => receiver(`${kind}_configs`)),
  ...['victorops', 'webex', 'wechat'].map((kind) => receiver(`${kind}_configs`)),
  route('mute_time_intervals', '[nights]'),
  route('active_time_intervals', '[nights]'),
  route('labels', '{ a: b }'),
  within('sns', 'target_arn', 'target_arn: "arn:aws:sns:eu-west-1:1:a"'),
  within('sns', 'phone_number', 'phone_number: "+353"'),
  within('sns', 'api_url', `api_url: "http://a", ${TOPIC}`),
  within('sns', 'http_config', `http_config: { follow_redirects: false }, ${TOPIC}`),
  { ...within('sns', 'role_arn', `sigv4: { role_arn: a }, ${TOPIC}`), shown: 'sigv4' },
  within('email', 'auth_secret', `auth_secret: a, ${MAIL}`),
  within('email', 'auth_identity', `auth_identity: a, ${MAIL}`),
  within('email', 'threading', `threading: { enabled: true, thread_by_date: daily }, ${MAIL}`),
  { ...within('email', 'certificates in tls_config of email', `tls_config: { ca: a }, ${MAIL}`), shown: 'tls_config' },
  within('slack', 'message_text', 'message_text: a, api_url: "https://a"'),
  within('slack', 'update_message', 'update_message: true, api_url: "https://slack.com/api/chat.postMessage"'),
  within('webhook', 'payload', 'payload: { a: b }, url: "https://a"'),
  {
    field: 'event_recorder',
    alertmanager: 'route: { receiver: a }\nreceivers: [{ name: a }]\nevent_recorder: { a: b }\n',
  },
];

describe('README: refused when the configuration is loaded', () => {
  for (const { field, shown = field, prometheus, alertmanager } of CASES) {
    test(shown, () => {
      assert.ok(REFUSED.has(shown), `the README does not name ${shown}`);
      const expected = new RegExp(`^[a-z.]+:\\d+:\\d+: (?:.*: )?${field} (?:is|are) not supported yet$`, 'm');
      assert.throws(() => load(prometheus, alertmanager), { message: expected });
    });
  }

  test('the table names nothing else', () => {
    const words = new Set([...CASES.map(({ field, shown = field }) => shown), ...CONTEXT]);
    assert.deepEqual(
      [...REFUSED].filter((name) => !words.has(name)),
      [],
    );
  });
});

/** What the table names to say where, or what is not refused. */
const CONTEXT = ['…_sd_configs', 'file_sd_configs', 'allow-utf-8', 'TLS12', 'TLS13', 'region'];

function load(prometheus: string | undefined, alertmanager: string | undefined): void {
  if (prometheus !== undefined) loadPrometheusConfig('prometheus.yml', prometheus, () => undefined);
  if (alertmanager !== undefined) loadAlertmanagerConfig('alertmanager.yml', alertmanager);
}

describe('README: accepted, without effect', () => {
  const accepted = codeSpans(LIMITS.slice(LIMITS.indexOf('Accepted, without effect'), LIMITS.indexOf('PromQL is')));
  const cases: readonly Refusal[] = [
    {
      field: 'alerting.alertmanagers',
      prometheus: 'alerting: { alertmanagers: [{ static_configs: [{ targets: ["a:9093"] }] }] }\n',
    },
    { field: 'storage.exemplars', prometheus: 'storage: { exemplars: { max_exemplars: 10 } }\n' },
    { field: 'runtime', prometheus: 'runtime: { gogc: 50 }\n' },
    {
      field: 'refresh_interval',
      prometheus: job('file_sd_configs', '[{ files: [a.yml], refresh_interval: 1h }]').prometheus,
    },
    { field: 'keep_dropped_targets', prometheus: job('keep_dropped_targets', '10').prometheus },
    { field: 'query_max_…', prometheus: 'global: { query_max_series: 10 }\n' },
    { field: 'labels', alertmanager: receiver('labels', '{ team: a }').alertmanager },
  ];
  for (const { field, prometheus, alertmanager } of cases) {
    test(field, () => {
      assert.ok(accepted.includes(field), `the README does not name ${field}`);
      assert.doesNotThrow(() => load(prometheus, alertmanager), ConfigError);
    });
  }
});
