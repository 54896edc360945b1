import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IntegrationConfig } from '#shared/alerting/config.ts';
import { ConfigError } from '#shared/config/config-error.ts';
import { loadAlertmanagerConfig } from '#shared/config/load-alertmanager.ts';

const load = (text: string) => loadAlertmanagerConfig('conf/am.yml', text);

function problemsOf(text: string): readonly string[] {
  try {
    load(text);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map((problem) => problem.message.replace('conf/am.yml:', ''));
  }
}

const MINIMAL = 'route: {receiver: a}\nreceivers: [{name: a}]\n';

/** A file whose only receiver has one integration; it is on line 3, from column 10. */
const withIntegration = (kind: string, fields: string, global = '{}') =>
  `global: ${global}\nroute: {receiver: a}\nreceivers: [{name: a, ${kind}_configs: [${fields}]}]\n`;

const integration = (kind: string, fields: string, global?: string): IntegrationConfig =>
  load(withIntegration(kind, fields, global)).receivers[0].integrations[0];

test('loadAlertmanagerConfig() fills in the defaults', () => {
  const { text, ...config } = load(MINIMAL);
  assert.equal(text, MINIMAL);
  assert.deepEqual(config, {
    file: 'conf/am.yml',
    resolveTimeoutMs: 300_000,
    route: {
      receiver: 'a',
      groupBy: [],
      groupWaitMs: 30_000,
      groupIntervalMs: 300_000,
      repeatIntervalMs: 14_400_000,
      matchers: [],
      continue: false,
      routes: [],
    },
    receivers: [{ name: 'a', integrations: [] }],
    inhibitRules: [],
    templates: [],
    warnings: [],
  });
});

test('loadAlertmanagerConfig() lets routes inherit', () => {
  const { route } = load(`
route:
  receiver: a
  group_by: [b, a]
  group_wait: 10s
  routes:
    - matchers: ['x=~"1|2", y!=z']
      match: {team: db}
      group_by: ['...']
      continue: true
      routes:
        - receiver: b
          group_interval: 1m
    - group_by: []
      repeat_interval: 1h
receivers: [{name: a}, {name: b}]
`);
  const [first, second] = route.routes;
  assert.deepEqual(route.groupBy, ['a', 'b']);
  assert.deepEqual(
    first.matchers.map(({ name, operator, value }) => [name, operator, value]),
    [
      ['team', '=', 'db'],
      ['x', '=~', '1|2'],
      ['y', '!=', 'z'],
    ],
  );
  assert.deepEqual([first.receiver, first.groupBy, first.groupWaitMs, first.continue], ['a', 'all', 10_000, true]);
  const [grandchild] = first.routes;
  assert.deepEqual([grandchild.receiver, grandchild.groupBy, grandchild.groupIntervalMs], ['b', 'all', 60_000]);
  assert.deepEqual([second.groupBy, second.repeatIntervalMs, second.groupWaitMs], [[], 3_600_000, 10_000]);
});

test('loadAlertmanagerConfig() reads inhibition rules', () => {
  const { inhibitRules } = load(`${MINIMAL}inhibit_rules:
  - source_matchers: [severity=critical]
    target_match: {severity: warning}
    target_match_re: {job: 'a.*'}
    equal: [job, instance]
`);
  const [rule] = inhibitRules;
  assert.deepEqual(rule.equal, ['job', 'instance']);
  assert.deepEqual(
    [...rule.sourceMatchers, ...rule.targetMatchers].map(({ name, operator, value }) => name + operator + value),
    ['severity=critical', 'job=~a.*', 'severity=warning'],
  );
});

test('loadAlertmanagerConfig() fills a webhook', () => {
  const config = integration('webhook', '{url: http://h/x, timeout: 5s}', '{http_config: {follow_redirects: false}}');
  assert.ok(config.kind === 'webhook');
  assert.equal(config.url?.reveal(), 'http://h/x');
  assert.deepEqual([config.sendResolved, config.maxAlerts, config.timeoutMs], [true, 0, 5000]);
  assert.equal(config.http.followRedirects, false);
});

test('loadAlertmanagerConfig() fills an e-mail', () => {
  const global = '{smtp_from: me@x, smtp_smarthost: "mail:465", smtp_auth_username: u, smtp_auth_password: p}';
  const config = integration('email', '{to: you@x, headers: {x-a: b}}', global);
  assert.ok(config.kind === 'email');
  const { authPassword, ...rest } = config;
  assert.equal(authPassword?.reveal(), 'p');
  assert.deepEqual(rest, {
    kind: 'email',
    sendResolved: false,
    to: 'you@x',
    from: 'me@x',
    smarthost: { host: 'mail', port: 465 },
    hello: 'localhost',
    authUsername: 'u',
    authPasswordFile: undefined,
    requireTls: true,
    forceImplicitTls: true,
    insecureSkipVerify: false,
    serverName: undefined,
    headers: { Subject: '{{ template "email.default.subject" . }}', 'X-A': 'b' },
    html: '{{ template "email.default.html" . }}',
    text: '',
  });
});

test('loadAlertmanagerConfig() fills Slack from the webhook URL or the token', () => {
  const hook = integration('slack', '{channel: "#a"}', '{slack_api_url: http://s/hook}');
  assert.ok(hook.kind === 'slack');
  assert.equal(hook.apiUrl?.reveal(), 'http://s/hook');
  assert.equal(hook.title, '{{ template "slack.default.title" . }}');
  assert.equal(hook.titleLink, '{{ template "slack.default.titlelink" . }}');
  const token = integration(
    'slack',
    '{actions: [{type: button, text: t, url: http://h, name: n}]}',
    '{slack_app_token: x}',
  );
  assert.ok(token.kind === 'slack');
  assert.equal(token.apiUrl?.reveal(), 'https://slack.com/api/chat.postMessage');
  assert.equal(token.http.authorization?.credentials?.reveal(), 'x');
  assert.deepEqual(token.actions, [{ type: 'button', text: 't', url: 'http://h', style: '', name: '', value: '' }]);
});

test('loadAlertmanagerConfig() fills PagerDuty and SNS', () => {
  const pagerduty = integration('pagerduty', '{routing_key: k, details: {firing: x, a: {b: [1]}}}');
  assert.ok(pagerduty.kind === 'pagerduty');
  assert.equal(pagerduty.url, 'https://events.pagerduty.com/v2/enqueue');
  assert.equal(pagerduty.source, '{{ template "pagerduty.default.client" . }}');
  assert.deepEqual(Object.keys(pagerduty.details), ['firing', 'resolved', 'num_firing', 'num_resolved', 'a']);
  assert.equal(pagerduty.details.firing, 'x');
  assert.deepEqual(integration('sns', '{topic_arn: "arn:aws:sns:eu-west-1:1:t", sigv4: {region: eu-west-1}}'), {
    kind: 'sns',
    sendResolved: true,
    topicArn: 'arn:aws:sns:eu-west-1:1:t',
    subject: '{{ template "sns.default.subject" . }}',
    message: '{{ template "sns.default.message" . }}',
    attributes: {},
  });
});

test('loadAlertmanagerConfig() resolves paths and shows no secret', () => {
  const config = load(`
global: {http_config: {bearer_token: s3cret}}
templates: [t/*.tmpl]
route: {receiver: a}
receivers: [{name: a, webhook_configs: [{url_file: u}, {url: http://s3cret/}]}]
`);
  assert.deepEqual(config.templates, ['conf/t/*.tmpl']);
  const { text: _, ...shown } = config;
  assert.ok(!JSON.stringify(shown).includes('s3cret'));
  assert.ok(JSON.stringify(shown).includes('"urlFile":"conf/u"'));
});

test('loadAlertmanagerConfig() refuses what amtool refuses, with its words and the place', () => {
  const routes = (route: string) => `route: {receiver: a, routes: [${route}]}\nreceivers: [{name: a}]\n`;
  const root = (fields: string) => `route: {receiver: a, ${fields}}\nreceivers: [{name: a}]\n`;
  const table = [
    { input: '', expected: ['1:1: no route provided in config'] },
    { input: 'route: {}\n', expected: ['1:8: root route must specify a default receiver'] },
    { input: 'route: {receiver: b}\n', expected: ['1:19: undefined receiver "b" used in route'] },
    { input: routes('{receiver: b}'), expected: ['1:42: undefined receiver "b" used in route'] },
    { input: root('matchers: [a=b]'), expected: ['1:32: root route must not have any matchers'] },
    { input: root('continue: true'), expected: ['1:32: cannot have continue in root route'] },
    { input: root('group_by: [a, a]'), expected: ['1:32: duplicated label "a" in group_by'] },
    {
      input: root('group_by: [a, "..."]'),
      expected: ['1:32: cannot have wildcard group_by (`...`) and other labels at the same time'],
    },
    { input: root('group_by: [""]'), expected: ['1:32: invalid label name "" in group_by list'] },
    { input: root('group_interval: 0s'), expected: ['1:38: group_interval cannot be zero'] },
    { input: root('repeat_interval: 0s'), expected: ['1:39: repeat_interval cannot be zero'] },
    {
      input: root('group_wiat: 1s'),
      expected: ['1:22: field group_wiat not found in type config.plain, did you mean "group_wait"?'],
    },
    { input: routes('{match: {a-b: c}}'), expected: ['1:40: invalid label name "a-b"'] },
    { input: routes('{match_re: {a: "(b"}}'), expected: ['1:46: error parsing regexp: missing closing ): `^(?:(b)$`'] },
    { input: routes('{matchers: ["a"]}'), expected: ['1:43: bad matcher format: a'] },
    { input: routes('{mute_time_intervals: [x]}'), expected: ['1:53: undefined time interval "x" used in route'] },
    {
      input: 'route: {receiver: a}\nreceivers: [{name: a}, {name: a}]\n',
      expected: ['2:31: notification config name "a" is not unique'],
    },
    { input: `${MINIMAL}inhibit_rules: [{equal: [""]}]\n`, expected: ['3:26: invalid label name "" in equal list'] },
    { input: `${MINIMAL}time_intervals: [{time_intervals: []}]\n`, expected: ['3:18: missing name in time interval'] },
    { input: withIntegration('webhook', '{}'), expected: ['3:41: one of url or url_file must be configured'] },
    { input: withIntegration('webhook', '~'), expected: ['3:41: missing webhook config'] },
    {
      input: withIntegration('webhook', '{url: ftp://h}'),
      expected: ['3:47: invalid URL: unsupported scheme "ftp" for URL'],
    },
    { input: withIntegration('email', '{from: a}'), expected: ['3:39: missing to address in email config'] },
    { input: withIntegration('email', '{to: a}'), expected: ['3:39: no global SMTP from set'] },
    {
      input: withIntegration('email', '{to: a, from: b, headers: {x-a: 1, X-A: 2}}'),
      expected: ['3:74: duplicate header "X-A" in email config'],
    },
    {
      input: withIntegration('email', '{to: a, from: b, smarthost: h}'),
      expected: ['3:67: address h: missing port in address'],
    },
    {
      input: withIntegration('slack', '~'),
      expected: ['3:39: no Slack API URL nor App token set either inline or in a file'],
    },
    {
      input: withIntegration('slack', '{api_url: x, api_url_file: y}'),
      expected: [
        '3:49: unsupported scheme "" for URL',
        '3:66: at most one of api_url & api_url_file must be configured',
      ],
    },
    {
      input: withIntegration('slack', '{api_url: http://h, fields: [{title: a}]}'),
      expected: ['3:68: missing value in Slack field configuration'],
    },
    {
      input: withIntegration('pagerduty', '{}'),
      expected: ['3:43: missing service or routing key in PagerDuty config'],
    },
    {
      input: withIntegration('sns', '{}'),
      expected: ['3:37: must provide either a Target ARN, Topic ARN, or Phone Number for SNS config'],
    },
  ];
  for (const { input, expected } of table) assert.deepEqual(problemsOf(input), expected, input);
});

test('loadAlertmanagerConfig() names what is not supported yet', () => {
  const table = [
    { input: withIntegration('telegram', '{chat_id: 1}'), expected: '3:23: telegram_configs is not supported yet' },
    {
      input: withIntegration('webhook', '{url: http://h, payload: {a: 1}}'),
      expected: '3:57: payload is not supported yet',
    },
    { input: withIntegration('sns', '{phone_number: "1"}'), expected: '3:38: phone_number is not supported yet' },
    { input: `${MINIMAL}tracing: {endpoint: x}\n`, expected: '3:1: tracing is not supported yet' },
    {
      input:
        'route: {receiver: a, routes: [{mute_time_intervals: [t]}]}\nreceivers: [{name: a}]\ntime_intervals: [{name: t, time_intervals: []}]\n',
      expected: '1:32: mute_time_intervals is not supported yet',
    },
  ];
  for (const { input, expected } of table) assert.deepEqual(problemsOf(input), [expected], input);
});

test('loadAlertmanagerConfig() accepts time intervals that nothing uses, with a warning', () => {
  const { warnings } = load(`${MINIMAL}time_intervals: [{name: t, time_intervals: [{weekdays: [monday]}]}]\n`);
  assert.deepEqual(warnings, [
    'conf/am.yml:3:17: time_intervals has no effect and is not checked: time intervals are not supported yet',
  ]);
});

test('loadAlertmanagerConfig() throws nothing but ConfigError', () => {
  const names = [
    'global',
    'route',
    'routes',
    'receivers',
    'name',
    'receiver',
    'matchers',
    'match',
    'match_re',
    'group_by',
    'webhook_configs',
    'slack_configs',
    'email_configs',
    'pagerduty_configs',
    'sns_configs',
    'fields',
    'details',
    'headers',
    'http_config',
    'inhibit_rules',
    'sigv4',
    'threading',
    'timeout',
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>(null, 1, -1, 1.5, true, 'a', '', '1m', '(a', 'http://h', 'h:1'),
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
