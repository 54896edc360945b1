import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NotificationData } from '#shared/template/alertmanager-data.ts';
import { createAlertmanagerTemplates } from '#shared/template/alertmanager-templates.ts';
import { NOTIFICATION } from './notification.ts';

const NOW_MS = 1_700_003_600_123;
const templates = createAlertmanagerTemplates([], { nowMs: () => NOW_MS });

const call = (name: string) => `{{ template "${name}" . }}`;

const SUBJECT = '[FIRING:1] G z1 (c j)';
const LINK = 'http://am:9093/#/alerts?receiver=team-x';

const PLAIN_LIST = {
  firing:
    'Labels:\n - alertname = A<b>\n - instance = a:1\n - severity = warning\nAnnotations:\n - summary = x & "y"\n' +
    'Source: http://p/graph?g0.expr=up+%3D%3D+0&g0.tab=1\n',
  resolved: 'Labels:\n - alertname = B\n - instance = b:2\nAnnotations:\nSource: javascript:alert(1)\n',
};

const DEFAULTS = [
  { name: 'slack.default.title', expected: SUBJECT },
  { name: 'slack.default.fallback', expected: `${SUBJECT} | ${LINK}` },
  { name: 'slack.default.color', expected: 'danger' },
  { name: 'slack.default.username', expected: 'Alertmanager' },
  { name: 'slack.default.text', expected: '' },
  { name: 'email.default.subject', expected: SUBJECT },
  { name: 'pagerduty.default.description', expected: SUBJECT },
  { name: 'pagerduty.default.clientURL', expected: LINK },
  {
    name: 'opsgenie.default.description',
    expected: `http://r?a=1&b=2\nAlerts Firing:\n${PLAIN_LIST.firing}\nAlerts Resolved:\n${PLAIN_LIST.resolved}`,
  },
  {
    name: 'sns.default.message',
    expected: `http://r?a=1&b=2\n\nAlerts Firing:\n${PLAIN_LIST.firing}\n\n\nAlerts Resolved:\n${PLAIN_LIST.resolved}\n\n`,
  },
  { name: 'jira.default.priority', expected: 'Medium' },
];

test('text() renders the default templates', () => {
  for (const { name, expected } of DEFAULTS) assert.equal(templates.text(call(name), NOTIFICATION), expected, name);
  assert.equal(templates.text('', NOTIFICATION), '');
});

const QUIET: NotificationData = {
  ...NOTIFICATION,
  alerts: [],
  commonLabels: NOTIFICATION.groupLabels,
  status: 'resolved',
};

test('the subject names common labels only when there are more than group labels', () => {
  assert.equal(templates.text(call('__subject'), QUIET), '[RESOLVED] G z1 ');
});

const PRIORITIES = [
  { firing: ['info', 'warning', 'info'], resolved: [], expected: 'Medium' },
  { firing: ['critical', 'info'], resolved: [], expected: 'High' },
  { firing: ['critical', 'warning'], resolved: [], expected: 'High' },
  { firing: ['info'], resolved: ['critical'], expected: 'Low' },
  { firing: ['other'], resolved: ['critical'], expected: 'High' },
  { firing: [], resolved: [], expected: '' },
];

test('the priority for Jira follows the severities of the alerts', () => {
  for (const { firing, resolved, expected } of PRIORITIES) {
    const alert = (status: string) => (severity: string) => ({
      ...NOTIFICATION.alerts[0],
      status,
      labels: ['severity', severity],
    });
    const alerts = [...firing.map(alert('firing')), ...resolved.map(alert('resolved'))];
    assert.equal(templates.text(call('jira.default.priority'), { ...NOTIFICATION, alerts }), expected, firing.join());
  }
});

test('html() renders an e-mail whose values are escaped and whose links are safe', () => {
  const mail = templates.html(call('email.default.html'), NOTIFICATION);
  const parts = [
    `<title>${SUBJECT}</title>`,
    `<a href="${LINK}"`,
    'Firing (1)',
    'Resolved (1)',
    '>A&lt;b&gt;</td>',
    '>x &amp; &#34;y&#34;</td>',
    '<a href="http://p/graph?g0.expr=up&#43;%3D%3D&#43;0&amp;g0.tab=1"',
    '<a href="#ZgotmplZ"',
  ];
  for (const part of parts) assert.ok(mail.includes(part), part);
  assert.ok(!/<script|<style|javascript:|<link|<img/.test(mail), 'no scripts, style sheets, images or unsafe links');
});

test('files redefine the default templates that call each other', () => {
  const files = [
    { path: '/etc/one.tmpl', text: '{{ define "__subject" }}mine {{ .Status }}{{ end }}' },
    { path: 'dir\\two.tmpl', text: 'file {{ template "own" . }}{{ define "own" }}{{ .Receiver }}{{ end }}' },
  ];
  const own = createAlertmanagerTemplates(files, { nowMs: () => NOW_MS });
  assert.equal(own.text(call('slack.default.title'), NOTIFICATION), 'mine firing');
  assert.equal(own.text(call('two.tmpl'), NOTIFICATION), 'file team-x');
});

test('a file that does not parse is refused with its name and line', () => {
  const create = () =>
    createAlertmanagerTemplates([{ path: '/etc/bad.tmpl', text: 'a\n{{ .Foo' }], { nowMs: () => NOW_MS });
  assert.throws(create, { name: 'TemplateError', message: 'template: bad.tmpl:2: unclosed action' });
});

const CALLS = [
  { template: '{{ now.Unix }} {{ since (index .Alerts 0).StartsAt }}', expected: '1700003600 1h0m0s' },
  { template: '{{ since (index .Alerts 0).StartsAt | humanizeDuration }}', expected: '1h 0m 0s' },
  { template: '{{ (index .Alerts 0).StartsAt | tz "Europe/Paris" | date "15:04 MST" }}', expected: '23:13 CET' },
  {
    template: '{{ (index .Alerts 0).EndsAt.IsZero }} {{ (index .Alerts 0).EndsAt }}',
    expected: 'true 0001-01-01 00:00:00 +0000 UTC',
  },
  { template: '{{ .NotificationReason | title }}', expected: 'First Notification' },
  { template: '{{ toJson .GroupLabels }}', expected: '{"alertname":"G","zone":"z1"}' },
];

test('templates see the time and all functions', () => {
  for (const { template, expected } of CALLS) assert.equal(templates.text(template, NOTIFICATION), expected, template);
});

const ROUTES = [
  { labels: ['a', 'plain'], expected: 'plain' },
  { labels: ['a', '{{ .GroupLabels.zone }}'], expected: 'z1' },
  {
    labels: ['a', '{{ routeLabels "b" }}-{{ routeLabels "b" }}', 'b', '<{{ .Receiver }}>'],
    expected: '<team-x>-<team-x>',
  },
  { labels: [], expected: '' },
];

test('routeLabels renders the labels of the route, which may be templates', () => {
  for (const { labels, expected } of ROUTES) {
    assert.equal(templates.text('{{ routeLabels "a" }}', { ...NOTIFICATION, routeLabels: labels }), expected);
  }
});

test('routeLabels reports labels that refer to each other', () => {
  const routeLabels = ['a', '{{ routeLabels "b" }}', 'b', '{{ routeLabels "a" }}'];
  const render = () => templates.text('{{ routeLabels "a" }}', { ...NOTIFICATION, routeLabels });
  assert.throws(render, /route label cycle detected: a -> b -> a$/);
});
