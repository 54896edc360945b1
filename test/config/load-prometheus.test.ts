// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of the configuration.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from '#shared/config/config-error.ts';
import { expandVariables, loadPrometheusConfig } from '#shared/config/load-prometheus.ts';

const load = (text: string, env: Readonly<Record<string, string>> = {}) =>
  loadPrometheusConfig('conf/p.yml', text, (name) => env[name]);

/** The problems, without the file's name. */
function problemsOf(text: string): readonly string[] {
  try {
    load(text);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map((problem) => problem.message.replace('conf/p.yml:', ''));
  }
}

const job = (lines: string) => `scrape_configs:\n  - job_name: a\n${lines.replace(/^/gm, '    ')}\n`;

test('loadPrometheusConfig() of an empty file has the defaults', () => {
  const { file, text, ...rest } = load('');
  assert.deepEqual([file, text], ['conf/p.yml', '']);
  assert.deepEqual(rest, {
    global: {
      scrapeIntervalMs: 60_000,
      scrapeTimeoutMs: 10_000,
      evaluationIntervalMs: 60_000,
      ruleQueryOffsetMs: 0,
      externalLabels: [],
    },
    ruleFiles: [],
    scrapeConfigs: [],
    alertRelabelConfigs: [],
    warnings: [],
  });
});

test('loadPrometheusConfig() fills a job with defaults and globals', () => {
  const { scrapeConfigs } = load(
    'global: {scrape_interval: 5s, sample_limit: 7, extra_scrape_metrics: true}\nscrape_configs: [{job_name: a}]\n',
  );
  assert.deepEqual(scrapeConfigs[0], {
    jobName: 'a',
    scrapeIntervalMs: 5000,
    scrapeTimeoutMs: 5000,
    scrapeProtocols: ['OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusText1.0.0', 'PrometheusText0.0.4'],
    fallbackScrapeProtocol: undefined,
    metricsPath: '/metrics',
    scheme: 'http',
    params: {},
    honorLabels: false,
    honorTimestamps: true,
    trackTimestampsStaleness: false,
    enableCompression: true,
    http: {
      basicAuth: undefined,
      authorization: undefined,
      followRedirects: true,
      tls: undefined,
      proxyUrl: undefined,
      httpHeaders: undefined,
    },
    staticConfigs: [],
    fileSdConfigs: [],
    relabelConfigs: [],
    metricRelabelConfigs: [],
    bodySizeLimitBytes: 0,
    sampleLimit: 7,
    labelLimit: 0,
    labelNameLengthLimit: 0,
    labelValueLengthLimit: 0,
    targetLimit: 0,
    extraScrapeMetrics: true,
  });
});

test('loadPrometheusConfig() reads a job', () => {
  const text = `
rule_files: [rules/*.yml, /etc/r.yml]
scrape_configs:
  - job_name: a
    scrape_interval: 30s
    scrape_timeout: 3s
    scrape_protocols: [PrometheusText0.0.4]
    fallback_scrape_protocol: PrometheusText0.0.4
    metrics_path: /m
    scheme: https
    params: {module: [x, 1]}
    honor_labels: yes
    honor_timestamps: off
    enable_compression: false
    body_size_limit: 1KB
    target_limit: 3
    bearer_token: t0k3n
    follow_redirects: false
    tls_config: {ca_file: ca.pem, min_version: TLS12}
    http_headers: {X-Team: {values: [a], secrets: [b], files: [c]}}
    static_configs: [{targets: ['h:1', h2], labels: {env: prod, none: ''}}]
    file_sd_configs: [{files: ['sd/*.json']}]
    relabel_configs: [{source_labels: [a, b], regex: (.+), target_label: c}]
    metric_relabel_configs: [{action: drop, source_labels: [__name__], regex: x.*}]
`;
  const { ruleFiles, scrapeConfigs } = load(text);
  const [a] = scrapeConfigs;
  assert.deepEqual(ruleFiles, ['conf/rules/*.yml', '/etc/r.yml']);
  assert.deepEqual([a.scrapeIntervalMs, a.scrapeTimeoutMs, a.bodySizeLimitBytes], [30_000, 3000, 1024]);
  assert.deepEqual([a.scrapeProtocols, a.fallbackScrapeProtocol], [['PrometheusText0.0.4'], 'PrometheusText0.0.4']);
  assert.deepEqual([a.honorLabels, a.honorTimestamps, a.enableCompression], [true, false, false]);
  assert.deepEqual(a.params, { module: ['x', '1'] });
  assert.equal(a.http.authorization?.type, 'Bearer');
  assert.equal(a.http.authorization?.credentials?.reveal(), 't0k3n');
  assert.equal(a.http.followRedirects, false);
  assert.equal(a.http.tls?.caFile, 'conf/ca.pem');
  assert.deepEqual(a.http.httpHeaders?.['X-Team'].files, ['conf/c']);
  assert.deepEqual(a.staticConfigs, [{ targets: ['h:1', 'h2'], labels: ['env', 'prod'] }]);
  assert.deepEqual(a.fileSdConfigs, [{ files: ['conf/sd/*.json'], refreshIntervalMs: 300_000 }]);
  assert.deepEqual(a.relabelConfigs[0].sourceLabels, ['a', 'b']);
  assert.equal(a.metricRelabelConfigs[0].action, 'drop');
  assert.ok(!JSON.stringify(a).includes('t0k3n'));
});

test('loadPrometheusConfig() refuses what promtool refuses, with its words and the place', () => {
  const table = [
    {
      input: 'global:\n  scrape_intervall: 1s\n',
      expected: ['2:3: field scrape_intervall not found in type config.plain, did you mean "scrape_interval"?'],
    },
    {
      input: 'global: {scrape_interval: 5s, scrape_timeout: 6s}\n',
      expected: ['1:47: global scrape timeout greater than scrape interval'],
    },
    { input: 'global: {scrape_interval: 1x}\n', expected: ['1:27: unknown unit "x" in duration "1x"'] },
    { input: 'global: {external_labels: {"": x}}\n', expected: ['1:28: "" is not a valid label name'] },
    { input: 'rule_files: [a/*/b]\n', expected: ['1:14: invalid rule file path "a/*/b"'] },
    { input: 'scrape_configs: [{}]\n', expected: ['1:18: job_name is empty'] },
    { input: 'scrape_configs: [~]\n', expected: ['1:18: empty or null scrape config section'] },
    {
      input: 'scrape_configs: [{job_name: a}, {job_name: a}]\n',
      expected: ['1:44: found multiple scrape configs with job name "a"'],
    },
    {
      input: job('scrape_timeout: 2m'),
      expected: ['3:21: scrape timeout greater than scrape interval for scrape config with job name "a"'],
    },
    {
      input: job('sample_limit: -1'),
      expected: ['3:19: cannot unmarshal !!int `-1` into uint, expected a whole number ≥ 0'],
    },
    { input: job('body_size_limit: 100'), expected: ['3:22: units: unknown unit  in 100'] },
    {
      input: job('scrape_protocols: []'),
      expected: ['3:23: scrape_protocols cannot be empty for scrape config with job name "a"'],
    },
    { input: job('static_configs: [{targets: [http://h]}]'), expected: ['3:33: "http://h" is not a valid hostname'] },
    { input: job('static_configs: [~]'), expected: ['3:22: empty or null section in static_configs'] },
    {
      input: job('static_configs: [{target: [h]}]'),
      expected: ['3:23: field target not found in type targetgroup.Group, did you mean "targets"?'],
    },
    {
      input: job('file_sd_configs: [{files: []}]'),
      expected: ['3:31: file service discovery config must contain at least one path name'],
    },
    {
      input: job('file_sd_configs: [{files: [a.txt]}]'),
      expected: ['3:32: path name "a.txt" is not valid for file discovery'],
    },
    { input: job('relabel_configs: [~]'), expected: ['3:23: empty or null target relabeling rule in scrape config'] },
    {
      input: job('relabel_configs: [{regex: "(a", target_label: b}]'),
      expected: ['3:31: error parsing regexp: missing closing ): `^(?s:(a)$`'],
    },
    { input: job('relabel_configs: [{action: none}]'), expected: ['3:32: unknown relabel action "none"'] },
    {
      input: job('metric_relabel_configs: [{action: hashmod, target_label: b}]'),
      expected: ['3:30: relabel configuration for hashmod requires non-zero modulus'],
    },
    {
      input: job('basic_auth: {username: a}\nbearer_token: b'),
      expected: ['4:19: at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured'],
    },
    {
      input: job('basic_auth: {password: a, password_file: b}'),
      expected: ['3:17: at most one of basic_auth password, password_file & password_ref must be configured'],
    },
    {
      input: job('authorization: {type: Basic}'),
      expected: ['3:27: authorization type cannot be set to "basic", use "basic_auth" instead'],
    },
    {
      input: job('tls_config: {cert: x}'),
      expected: ['3:17: exactly one of key or key_file must be configured when a client certificate is configured'],
    },
    { input: job('tls_config: {min_version: TLS9}'), expected: ['3:31: unknown TLS version: TLS9'] },
    { input: job('no_proxy: h'), expected: ['3:15: if no_proxy is configured, proxy_url must also be configured'] },
    {
      input: job('http_headers: {authorization: {values: [x]}}'),
      expected: ['3:20: setting header "Authorization" is not allowed'],
    },
    { input: 'alerting: {alert_relabel_configs: [~]}\n', expected: ['1:36: empty or null alert relabeling rule'] },
    {
      input: 'alerting: {alertmanagers: [{api_version: v1}]}\n',
      expected: ['1:42: expected Alertmanager api version to be one of [v2] but got v1'],
    },
    { input: 'alerting: {alertmanagers: [~]}\n', expected: ['1:28: empty or null Alertmanager config section'] },
    { input: 'global: {metric_name_validation_scheme: x}\n', expected: ['1:41: unrecognized ValidationScheme: "x"'] },
    { input: 'runtime: {log_level: x}\n', expected: ['1:22: unrecognized log level x'] },
    { input: 'scrape_configs: *b\n', expected: ["1:17: yaml: unknown anchor 'b' referenced"] },
    { input: job('proxy_url: "http://[::1"'), expected: ["3:16: missing ']' in host"] },
    {
      input: job('sample_limit: 99999999999999999999'),
      expected: ['3:19: cannot unmarshal !!int `9999999...` into uint, expected a whole number ≥ 0'],
    },
  ];
  for (const { input, expected } of table) assert.deepEqual(problemsOf(input), expected, input);
});

test('loadPrometheusConfig() names what is not supported yet', () => {
  const table = [
    { input: 'remote_write: [{url: http://h}]\n', expected: '1:1: remote_write is not supported yet' },
    { input: 'storage: {tsdb: {retention: {time: 1d}}}\n', expected: '1:11: tsdb is not supported yet' },
    {
      input: 'global: {scrape_native_histograms: true}\n',
      expected: '1:10: scrape_native_histograms is not supported yet',
    },
    {
      input: 'global: {metric_name_validation_scheme: legacy}\n',
      expected: '1:10: metric_name_validation_scheme is not supported yet',
    },
    { input: job('kubernetes_sd_configs: [{role: pod}]'), expected: '3:5: kubernetes_sd_configs is not supported yet' },
    { input: job('oauth2: {client_id: a, token_url: b}'), expected: '3:5: oauth2 is not supported yet' },
    {
      input: job('scrape_protocols: [PrometheusProto]'),
      expected: '3:23: scrape_protocols PrometheusProto is not supported yet',
    },
    {
      input: job('scrape_interval: 1500ms'),
      expected: '3:22: scrape_interval is 1500 ms, expected whole seconds, at least 1s',
    },
  ];
  for (const { input, expected } of table) assert.deepEqual(problemsOf(input), [expected], input);
});

test('loadPrometheusConfig() accepts unsupported fields that say nothing', () => {
  const text = `
global: {scrape_native_histograms: false, metric_name_validation_scheme: utf8, query_log_file: ''}
remote_write: []
scrape_configs: [{job_name: a, dns_sd_configs: [], enable_http2: false, tls_config: {max_version: TLS13}}]
`;
  assert.deepEqual(problemsOf(text), []);
});

test('loadPrometheusConfig() warns of what has no effect', () => {
  const { warnings } = load(
    'alerting: {alertmanagers: [{static_configs: [{targets: [h:9093]}]}]}\nruntime: {gogc: 75}\n',
  );
  assert.deepEqual(warnings, [
    'conf/p.yml:1:27: alertmanagers has no effect: alerts go to the Alertmanager that is built in',
    'conf/p.yml:2:10: runtime has no effect: it tunes a Go process',
  ]);
});

test('loadPrometheusConfig() expands variables of external labels', () => {
  const config = load('global: {external_labels: {a: "${X}-$X", b: "$$X", c: "${NONE}"}}\n', { X: 'x' });
  assert.deepEqual(config.global.externalLabels, ['a', 'x-x', 'b', '$X']);
});

test('expandVariables() follows os.Expand', () => {
  const env = (name: string) => ({ X: 'x', a_1: 'y' })[name];
  const table = [
    { input: '$X', expected: 'x' },
    { input: '${X}s', expected: 'xs' },
    { input: '$a_1.b', expected: 'y.b' },
    { input: '$$', expected: '$' },
    { input: '${$}', expected: '$' },
    { input: 'a$', expected: 'a$' },
    { input: 'a$.b', expected: 'a$.b' },
    { input: '$Y|', expected: '|' },
    { input: '$1a', expected: 'a' },
  ];
  for (const { input, expected } of table) assert.equal(expandVariables(input, env), expected, input);
});

test('loadPrometheusConfig() throws nothing but ConfigError', () => {
  const names = [
    'global',
    'scrape_configs',
    'job_name',
    'relabel_configs',
    'static_configs',
    'targets',
    'tls_config',
    'params',
    'alerting',
    'alertmanagers',
    'external_labels',
    'basic_auth',
    'storage',
    'http_headers',
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>(null, 1, -1, 1.5, true, 'a', '', '1m', '(a', 'http://h'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      problemsOf(JSON.stringify(value));
    }),
    { seed: 1, numRuns: 1500 },
  );
});
