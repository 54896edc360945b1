import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { labelsFromRecord, labelsToRecord } from '#shared/model/labels.ts';
import { alertmanagerData, type NotificationData } from '#shared/template/alertmanager-data.ts';
import { alertmanagerFunctions } from '#shared/template/alertmanager-functions.ts';
import { createAlertmanagerTemplates } from '#shared/template/alertmanager-templates.ts';
import { expandTemplate } from '#shared/template/prometheus-template.ts';
import { createTemplateSet, type TemplateSet } from '#shared/template/template.ts';
import { STRING } from '#shared/template/value.ts';
import { runOracle, skipWithoutOracle } from '#test/support/oracle.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';
import { PAGES } from '../template/html-cases.ts';
import { NOTIFICATION } from '../template/notification.ts';
import { TEXTS } from '../template/text-cases.ts';

const NOW_MS = 1_700_000_000_000;
const UPSTREAM = 'conformance/alertmanager-templates/default.tmpl';
const UPSTREAM_EMAIL = 'conformance/alertmanager-templates/email.tmpl';

const alert = (status: string, severity: string, annotations: readonly string[] = []) => ({
  ...NOTIFICATION.alerts[0],
  status,
  labels: ['alertname', 'x', 'severity', severity],
  annotations,
});

/** Notifications that take the branches of the default templates. */
const NOTIFICATIONS: readonly NotificationData[] = [
  NOTIFICATION,
  { ...NOTIFICATION, alerts: [alert('firing', 'critical')], receiver: 'a b/c&d' },
  { ...NOTIFICATION, status: 'resolved', alerts: [alert('resolved', 'info', ['a', 'b', 'c', 'd <e>'])] },
  { ...NOTIFICATION, alerts: [], groupLabels: [], commonLabels: [], commonAnnotations: [] },
  {
    ...NOTIFICATION,
    alerts: [alert('firing', 'info'), alert('firing', 'warning'), alert('resolved', 'critical')],
    groupLabels: [],
  },
  { ...NOTIFICATION, alerts: [alert('firing', 'x'), alert('resolved', 'warning'), alert('resolved', 'info')] },
];

/** Templates whose dot is not the notification. */
const LISTS = new Map([
  ['__text_alert_list', '.Alerts'],
  ['__text_alert_list_markdown', '.Alerts'],
  ['pagerduty.default.instances', '.Alerts'],
]);

function upstreamFiles(): readonly string[] {
  return [UPSTREAM, UPSTREAM_EMAIL].map((path) => readFileSync(sharedData(path)!, 'utf8'));
}

function upstreamNames(): readonly string[] {
  return upstreamFiles().flatMap((text) => [...text.matchAll(/define "([^"]+)"/g)].map(([, name]) => name));
}

function callOf(name: string): string {
  return `{{ template "${name}" ${LISTS.get(name) ?? '.'} }}`;
}

function upstreamSet(): TemplateSet {
  const functions = new Map([
    ...alertmanagerFunctions({ nowMs: () => NOW_MS, maxLength: 1_000_000 }),
    ['routeLabels', { params: [STRING], call: () => '' }] as const,
  ]);
  const set = createTemplateSet({ functions });
  for (const text of upstreamFiles()) set.parse('', text);
  return set;
}

test('our default templates have the names and write the texts of upstream', { skip: skipWithout(UPSTREAM) }, () => {
  const own = createAlertmanagerTemplates([], { nowMs: () => NOW_MS });
  const upstream = upstreamSet();
  const names = upstreamNames();
  assert.ok(names.length > 60);
  for (const name of names.filter((candidate) => candidate !== 'email.default.html')) {
    for (const data of NOTIFICATIONS) {
      assert.equal(own.text(callOf(name), data), upstream.executeText(callOf(name), alertmanagerData(data)), name);
    }
  }
  for (const data of NOTIFICATIONS)
    assert.ok(own.html(callOf('email.default.html'), data).startsWith('<!DOCTYPE html>'));
});

const SEPARATOR = '\n=====\n';
const needsAmtool = skipWithoutOracle('amtool');

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'templates-'));
});

after(() => {
  rmSync(folder, { recursive: true });
});

/** What the real amtool renders for all templates at once. */
async function amtool(
  type: 'text' | 'html',
  templates: readonly string[],
  data: NotificationData,
): Promise<readonly string[]> {
  const dataFile = join(folder, 'data.json');
  writeFileSync(dataFile, JSON.stringify(jsonOf(data)));
  writeFileSync(join(folder, 'empty.tmpl'), '');
  const args = ['template', 'render', `--template.glob=${join(folder, '*.tmpl')}`, `--template.type=${type}`];
  const { code, stdout, stderr } = await runOracle('amtool', [
    ...args,
    `--template.data=${dataFile}`,
    `--template.text=${templates.join(SEPARATOR)}`,
  ]);
  assert.equal(code, 0, stderr);
  return stdout.split(SEPARATOR);
}

function jsonOf(data: NotificationData): unknown {
  const time = (ms: number) => (ms === 0 ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString());
  return {
    receiver: data.receiver,
    status: data.status,
    notification_reason: data.notificationReason,
    externalURL: data.externalUrl,
    groupLabels: labelsToRecord(data.groupLabels),
    commonLabels: labelsToRecord(data.commonLabels),
    commonAnnotations: labelsToRecord(data.commonAnnotations),
    routeLabels: {},
    alerts: data.alerts.map((one) => ({
      status: one.status,
      labels: labelsToRecord(one.labels),
      annotations: labelsToRecord(one.annotations),
      startsAt: time(one.startsAtMs),
      endsAt: time(one.endsAtMs),
      generatorURL: one.generatorUrl,
      fingerprint: one.fingerprint,
    })),
  };
}

test('our default templates write what amtool does', { skip: needsAmtool || skipWithout(UPSTREAM) }, async () => {
  const names = upstreamNames().filter((name) => name !== 'email.default.html');
  const own = createAlertmanagerTemplates([], { nowMs: () => NOW_MS });
  for (const data of NOTIFICATIONS) {
    const texts = await amtool('text', names.map(callOf), data);
    names.forEach((name, i) => {
      assert.equal(own.text(callOf(name), data), texts[i], name);
    });
  }
});

/** Templates that can stand beside others in one text. */
function combinable(cases: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return cases.filter(([template]) => !/\{\{-|-\}\}|define|block|%p|\$/.test(template));
}

test('the texts of our own tests are those of amtool', { skip: needsAmtool }, async () => {
  const cases = combinable(TEXTS).filter(([template]) => !/"%[#+]?v" \.\}|%T/.test(template));
  const rendered = await amtool(
    'text',
    cases.map(([template]) => template),
    NOTIFICATION,
  );
  cases.forEach(([template, expected], i) => {
    assert.equal(rendered[i], expected, template);
  });
});

test('the pages of our own tests are those of amtool', { skip: needsAmtool }, async () => {
  for (const [template, expected] of combinable(PAGES).filter((_, i) => i % 4 === 0)) {
    assert.deepEqual(await amtool('html', [template], NOTIFICATION), [expected], template);
  }
});

test("upstream's own e-mail renders as amtool renders it", {
  skip: needsAmtool || skipWithout(UPSTREAM_EMAIL),
}, async () => {
  const set = upstreamSet();
  for (const data of NOTIFICATIONS) {
    const template = callOf('email.default.html');
    assert.deepEqual([set.executeHtml(template, alertmanagerData(data))], await amtool('html', [template], data));
  }
});

interface Row {
  readonly func: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function rowsOf(path: string, func: RegExp): readonly Row[] {
  const rows = readFileSync(sharedData(path)!, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  return rows.filter((row) => func.test(row.func));
}

const PROMETHEUS_TABLE = 'conformance/tables/prom-template.jsonl';

/** Rows of upstream's table that come with data or options of their own, which the table does not hold. */
const NEEDS_DATA = /\.[A-Z]|query|\. \||options|tmpl|pathPrefix|externalURL|\{\{ \. |range|missing/i;

test("upstream's rule templates expand as its tests say", { skip: skipWithout(PROMETHEUS_TABLE) }, async () => {
  const rows = rowsOf(PROMETHEUS_TABLE, /^TestTemplateExpansion$/).map(({ fields }) => fields);
  const usable = rows.filter(({ text, output, html, input, options }) => {
    const isPlain = typeof text === 'string' && typeof output === 'string';
    return isPlain && html !== true && input === undefined && options === undefined && !NEEDS_DATA.test(text);
  });
  assert.ok(usable.length > 20, `${usable.length} rows`);
  const data = {
    labels: [],
    externalLabels: [],
    externalUrl: 'http://testhost:9090/path/prefix',
    value: 0,
    alertName: 'test',
  };
  for (const { text, output } of usable) {
    const options = { timeMs: 1_353_755_652_000, pathPrefix: '/path/prefix', query: async () => [] };
    assert.equal(await expandTemplate(String(text), data, options), output, String(text));
  }
});

const ALERTMANAGER_TABLE = 'conformance/tables/am-template.jsonl';

test("upstream's notification templates render as its tests say", { skip: skipWithout(ALERTMANAGER_TABLE) }, () => {
  const templates = createAlertmanagerTemplates([], { nowMs: () => NOW_MS });
  const data = {
    ...NOTIFICATION,
    alerts: [],
    groupLabels: labelsFromRecord({ key1: 'key1', key2: 'key2', key3: 'key3', key4: 'key4' }),
  };
  const usable = rowsOf(ALERTMANAGER_TABLE, /^TestTemplate(?:Expansion|Funcs)$/)
    .map(({ fields }) => fields)
    .filter(
      (fields) =>
        typeof fields.in === 'string' &&
        fields.data === undefined &&
        !/\{\{ \. |range|routeLabels|CommonLabels|\.Alerts/.test(fields.in),
    );
  assert.ok(usable.length > 30, `${usable.length} rows`);
  for (const { in: template, exp, expErr, fail, html } of usable) {
    const render = () =>
      html === true ? templates.html(String(template), data) : templates.text(String(template), data);
    if (typeof expErr === 'string') assert.throws(render, { message: expErr }, String(template));
    else if (fail === true) assert.throws(render, { name: 'TemplateError' }, String(template));
    else assert.equal(render(), exp ?? '', String(template));
  }
});
