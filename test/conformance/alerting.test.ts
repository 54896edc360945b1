import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { PostedAlert } from '#shared/alerting/alert.ts';
import type { RouteConfig } from '#shared/alerting/config.ts';
import { dispatch } from '#shared/alerting/dispatch.ts';
import { parseMatchers } from '#shared/alerting/matchers.ts';
import type { Notification, NotificationOutcome } from '#shared/alerting/notification.ts';
import { encodeGoJson } from '#shared/alerting/receivers/go-json.ts';
import { webhookMessage } from '#shared/alerting/receivers/webhook.ts';
import { buildRouteTree, matchRoutes } from '#shared/alerting/route.ts';
import type { Silence, SilenceInput } from '#shared/alerting/silence.ts';
import { type AlertingState, EMPTY_ALERTING_STATE } from '#shared/alerting/state.ts';
import { listAlerts, listGroups, viewSilence } from '#shared/alerting/view.ts';
import { loadAlertmanagerConfig } from '#shared/config/load-alertmanager.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';

const ORACLE_DIR = process.env.ORACLE_DIR ?? join(homedir(), '.cache', 'emberwatch-oracle');
const ALERTMANAGER = join(ORACLE_DIR, 'alertmanager');
const AMTOOL = join(ORACLE_DIR, 'amtool');
const EXTERNAL_URL = 'http://alerts.test:9093';

/** Scenarios run side by side, kept apart by the label `case`. Flushes are at 500 ms and then every second after the
 *  first alert of a group; what happens in between keeps half a second away from them. */
const CONFIG = (sink: string) => `
global: { resolve_timeout: 1s }
route:
  receiver: none
  group_by: [alertname]
  group_wait: 500ms
  group_interval: 1s
  repeat_interval: 1h
  routes:
    - { matchers: [case="basic"], receiver: basic }
    - { matchers: [case="inhibit"], receiver: inhibit }
    - { matchers: [case="silence"], receiver: silence }
    - { matchers: [case="repeat"], receiver: repeat, repeat_interval: 1500ms }
    - { matchers: [case="limit"], receiver: limit, group_by: ['...'] }
    - { matchers: [case="truncate"], receiver: truncate, group_by: [] }
    - { matchers: [case="timeout"], receiver: timeout }
    - matchers: ['case=~"tree"']
      receiver: tree
      group_by: [team, 'a.b']
      routes:
        - { matchers: ['team="x"', 'zone!~"c|d"'], continue: true, receiver: tree }
        - { matchers: ['team="x"'], receiver: other, group_wait: 100ms }
inhibit_rules:
  - source_matchers: [severity="critical", case="inhibit"]
    target_matchers: [severity=~"warning|critical", case="inhibit"]
    equal: [zone]
receivers:
  - name: none
${['basic', 'inhibit', 'silence', 'repeat', 'limit', 'timeout', 'tree', 'other']
  .map((name) => `  - { name: ${name}, webhook_configs: [{ url: '${sink}/${name}' }] }`)
  .join('\n')}
  - name: truncate
    webhook_configs:
      - { url: '${sink}/truncate', max_alerts: 2 }
      - { url: '${sink}/truncate-firing', send_resolved: false }
`;

/** Start and end are milliseconds from the start of the run; `end` absent: firing without an end. */
interface Post {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly start?: number;
  readonly end?: number;
}

interface Step {
  readonly atMs: number;
  readonly posts?: readonly Post[];
  readonly silence?: { readonly matchers: string; readonly end: number };
}

const LONG = 3_600_000;

const STEPS: readonly Step[] = [
  {
    atMs: 0,
    silence: { matchers: '{case="silence",name="1"}', end: 2000 },
    posts: [
      { labels: { case: 'basic', alertname: 'A', n: '2', instance: 'b' }, start: 0, end: LONG },
      {
        labels: { case: 'basic', alertname: 'A', n: '1', instance: 'a' },
        start: 0,
        end: LONG,
        annotations: { s: '<&>' },
      },
      { labels: { case: 'basic', alertname: 'A', job: 'j', q: 'say "hi"\\\n' }, start: 0, end: LONG },
      { labels: { case: 'basic', alertname: 'B "quoted"\t\u00fc' }, start: 0, end: LONG },
      { labels: { case: 'inhibit', alertname: 'C', severity: 'critical', zone: 'x' }, start: 0, end: LONG },
      { labels: { case: 'inhibit', alertname: 'W', severity: 'warning', zone: 'x' }, start: 0, end: LONG },
      { labels: { case: 'inhibit', alertname: 'W', severity: 'warning', zone: 'y' }, start: 0, end: LONG },
      { labels: { case: 'inhibit', alertname: 'W', severity: 'warning' }, start: 0, end: LONG },
      { labels: { case: 'silence', alertname: 'S', name: '1' }, start: 0, end: LONG },
      { labels: { case: 'silence', alertname: 'S', name: '2' }, start: 0, end: LONG },
      { labels: { case: 'repeat', alertname: 'R' }, start: 0, end: LONG },
      { labels: { case: 'limit', alertname: 'L', name: '1' }, start: 0, end: LONG },
      { labels: { case: 'limit', alertname: 'L', name: '2' }, start: -5000, end: LONG },
      { labels: { case: 'truncate', alertname: 'T', name: '1' }, start: 0, end: LONG, annotations: { a: '1', b: '2' } },
      { labels: { case: 'truncate', alertname: 'T', name: '2' }, start: 0, end: LONG, annotations: { a: '1', b: '3' } },
      { labels: { case: 'truncate', alertname: 'T', name: '3' }, start: 0, end: LONG },
      { labels: { case: 'timeout', alertname: 'O' }, start: 0 },
      { labels: { case: 'tree', team: 'x', zone: 'a', 'a.b': 'dots' }, start: 0, end: LONG },
      { labels: { case: 'tree', team: 'x', zone: 'c' }, start: 0, end: LONG },
      { labels: { case: 'tree', team: 'y', zone: 'a' }, start: 0, end: LONG },
    ],
  },
  {
    atMs: 1000,
    posts: [
      { labels: { case: 'basic', alertname: 'A', n: '3' }, start: 900, end: LONG },
      { labels: { case: 'basic', alertname: 'B "quoted"\t\u00fc' }, start: 0, end: 1000 },
      { labels: { case: 'inhibit', alertname: 'C', severity: 'critical', zone: 'x' }, start: 0, end: 1000 },
      { labels: { case: 'truncate', alertname: 'T', name: '1' }, start: 0, end: 1000 },
      { labels: { case: 'limit', alertname: 'L', name: '1' }, start: 0, end: 1000 },
    ],
  },
  {
    atMs: 2000,
    posts: [
      { labels: { case: 'basic', alertname: 'A', n: '3' }, start: 900, end: 2000 },
      { labels: { case: 'basic', alertname: 'B "quoted"\t\u00fc' }, start: 2000, end: LONG },
      { labels: { case: 'truncate', alertname: 'T', name: '2' }, start: 0, end: 2000 },
      { labels: { case: 'truncate', alertname: 'T', name: '3' }, start: 0, end: 2000 },
      { labels: { case: 'limit', alertname: 'L', name: '1' }, start: 2000, end: 2000 },
    ],
  },
  {
    atMs: 3000,
    posts: [
      { labels: { case: 'basic', alertname: 'A', n: '1', instance: 'a' }, start: 0, end: 3000 },
      { labels: { case: 'basic', alertname: 'A', n: '2', instance: 'b' }, start: 0, end: 3000 },
      { labels: { case: 'basic', alertname: 'A', job: 'j', q: 'say "hi"\\\n' }, start: 0, end: 3000 },
      { labels: { case: 'tree', team: 'x', zone: 'a', 'a.b': 'dots' }, start: 0, end: 3000 },
    ],
  },
];

/** Between the last flush that is looked at (4.5 s) and the next. */
const END_MS = 5000;

const skip = existsSync(ALERTMANAGER) ? false : 'the real Alertmanager is not here';

/** What was sent to one path of the sink, in order; the JSON bodies. */
type Sent = Record<string, string[]>;

const real: Sent = {};
let realAlerts: unknown;
let realGroups: unknown;
let realSilences: unknown;
let startMs = 0;
let sink: Server;
let alertmanager: ChildProcess;
let folder: string;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), 'alerting-conformance-'));
  sink = await startSink();
  const sinkUrl = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
  writeFileSync(join(folder, 'alertmanager.yml'), CONFIG(sinkUrl));
  const url = await startAlertmanager();
  startMs = Date.now() + 50;
  await Promise.all(STEPS.map((step) => playStep(url, step)));
  await until(startMs + END_MS);
  const get = async (path: string) => (await fetch(`${url}/api/v2/${path}`)).json();
  [realAlerts, realGroups, realSilences] = await Promise.all([get('alerts'), get('alerts/groups'), get('silences')]);
});

after(() => {
  alertmanager?.kill();
  sink?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function startSink(): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      (real[request.url!.slice(1)] ??= []).push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function startAlertmanager(): Promise<string> {
  const flags = [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
    '--cluster.listen-address=',
    `--web.external-url=${EXTERNAL_URL}`,
    '--web.route-prefix=/',
  ];
  alertmanager = spawn(ALERTMANAGER, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((resolve, reject) => {
    let log = '';
    alertmanager.stderr!.on('data', (chunk) => {
      log += String(chunk);
      const address = /msg="Listening on" address=(\S+)/.exec(log)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
    alertmanager.once('exit', () => reject(new Error(`Cannot start Alertmanager: ${log}`)));
  });
}

function until(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs - Date.now()));
}

async function playStep(url: string, { atMs, posts = [], silence }: Step): Promise<void> {
  await until(startMs + atMs);
  const send = async (path: string, body: unknown) => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(`${url}/api/v2/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(response.status, 200, await response.text());
  };
  const time = (offsetMs: number) => new Date(startMs + offsetMs).toISOString();
  if (silence !== undefined) {
    const { matchers, ...rest } = silenceInput(silence);
    const posted = matchers.map(({ name, operator, value }) => ({
      name,
      value,
      isRegex: operator.endsWith('~'),
      isEqual: operator[0] === '=',
    }));
    await send('silences', { ...rest, matchers: posted, startsAt: time(-1000), endsAt: time(silence.end) });
  }
  const alerts = posts.map(({ labels, annotations = {}, start, end }) => ({
    labels,
    annotations,
    generatorURL: 'http://prometheus.test/graph?a=1&b=2',
    ...(start === undefined ? {} : { startsAt: time(start) }),
    ...(end === undefined ? {} : { endsAt: time(end) }),
  }));
  await send('alerts', alerts);
}

function silenceInput({ matchers, end }: { matchers: string; end: number }): SilenceInput {
  return {
    matchers: parseMatchers(matchers).map(({ name, operator, value }) => ({ name, operator, value })),
    startsAtMs: startMs,
    endsAtMs: startMs + end,
    createdBy: 'me',
    comment: 'because',
  };
}

interface Ours {
  readonly sent: Sent;
  readonly state: AlertingState;
  readonly silences: readonly Silence[];
}

/** Plays the same steps to our dispatcher on a virtual clock; notifications are delivered at once. */
function playOurs(): Ours {
  const config = loadAlertmanagerConfig('alertmanager.yml', CONFIG('http://sink.test'));
  const sent: Sent = {};
  const silences: Silence[] = [];
  let state = EMPTY_ALERTING_STATE;
  let nextDueMs: number | undefined;
  let outcomes: NotificationOutcome[] = [];
  const call = (nowMs: number, posted: readonly PostedAlert[]) => {
    const result = dispatch({ state, config, posted, outcomes, silences, nowMs });
    ({ state, nextDueMs } = result);
    outcomes = result.notifications.map(({ id }) => ({ id, ok: true }));
    for (const notification of result.notifications) record(sent, notification);
    if (outcomes.length > 0) call(nowMs, []);
  };
  const advance = (toMs: number) => {
    while (nextDueMs !== undefined && nextDueMs <= toMs) call(nextDueMs, []);
  };
  for (const { atMs, posts = [], silence } of STEPS) {
    advance(startMs + atMs);
    if (silence !== undefined) silences.push({ ...silenceInput(silence), id: 's', updatedAtMs: startMs });
    call(startMs + atMs, posts.map(postedAlert));
  }
  advance(startMs + END_MS);
  return { sent, state, silences };
}

function record(sent: Sent, notification: Notification): void {
  const { integrationIndex, receiver } = notification;
  const path = receiver === 'truncate' && integrationIndex === 1 ? 'truncate-firing' : receiver;
  (sent[path] ??= []).push(encodeGoJson(webhookMessage(notification, EXTERNAL_URL)));
}

function postedAlert({ labels, annotations = {}, start, end }: Post): PostedAlert {
  return {
    labels: labelsFromRecord(labels),
    annotations: labelsFromRecord(annotations),
    generatorUrl: 'http://prometheus.test/graph?a=1&b=2',
    ...(start === undefined ? {} : { startsAtMs: startMs + start }),
    ...(end === undefined ? {} : { endsAtMs: startMs + end }),
  };
}

/** Bodies by group, since nothing orders the notifications of different groups. The end of an alert that timed out
 *  depends on when the post arrived. */
function byGroup(bodies: readonly string[]): Record<string, unknown[]> {
  const parsed = bodies.map((body) => JSON.parse(body) as { groupKey: string; alerts: { labels: { case: string } }[] });
  const groups = Object.groupBy(parsed, ({ groupKey }) => groupKey) as Record<string, unknown[]>;
  return JSON.parse(JSON.stringify(groups), function (this: { labels?: { case: string } }, name, value) {
    return name === 'endsAt' && this.labels?.case === 'timeout' && value[0] !== '0' ? 'some time' : value;
  });
}

for (const receiver of [
  'basic',
  'inhibit',
  'silence',
  'repeat',
  'limit',
  'truncate',
  'truncate-firing',
  'timeout',
  'tree',
  'other',
]) {
  test(`dispatch() sends what Alertmanager sends: ${receiver}`, { skip }, () => {
    const wanted = real[receiver] ?? [];
    assert.ok(wanted.length > 0, 'Alertmanager sent nothing');
    assert.deepEqual(byGroup(playOurs().sent[receiver] ?? []), byGroup(wanted));
  });
}

for (const receiver of ['basic', 'inhibit', 'tree', 'truncate']) {
  test(`webhookMessage() has the bytes of Alertmanager: ${receiver}`, { skip }, () => {
    assert.deepEqual(playOurs().sent[receiver].toSorted(), real[receiver].toSorted());
  });
}

/** Ids of silences and the times at which posts arrived differ between the two. */
function comparable(view: unknown): unknown {
  return JSON.parse(JSON.stringify(view), (name, value) => {
    if (name === 'updatedAt' || name === 'id') return 'x';
    return name === 'silencedBy' || name === 'inhibitedBy' ? value.length : value;
  });
}

test('listAlerts(), listGroups() and viewSilence() show what Alertmanager shows', { skip }, () => {
  const { silences, state } = playOurs();
  const config = loadAlertmanagerConfig('alertmanager.yml', CONFIG('http://sink.test'));
  const input = { state, config, silences, nowMs: startMs + END_MS };
  assert.deepEqual(comparable(listAlerts(input)), comparable(realAlerts));
  assert.deepEqual(comparable(listGroups(input)), comparable(realGroups));
  const shown = comparable(silences.map((silence) => viewSilence(silence, input.nowMs))) as { startsAt: string }[];
  const wanted = comparable(realSilences) as { startsAt: string }[];
  assert.deepEqual(
    shown.map((silence) => ({ ...silence, startsAt: '' })),
    wanted.map((silence) => ({ ...silence, startsAt: '' })),
  );
});

const ROUTING = 'conformance/alertmanager-config/routing/';
const LABEL_SETS: readonly Readonly<Record<string, string>>[] = [
  {},
  { test: '1' },
  { test: '2' },
  { test: '3' },
  { service: 'foo1', severity: 'critical' },
  { service: 'files', severity: 'critical' },
  { service: 'database', owner: 'team-Y' },
  { service: 'database', owner: 'team-X' },
];

for (const file of ['conf.routing.yml', 'conf.routing-reverted.yml', 'conf.good.yml']) {
  const skipRouting = skipWithout(ROUTING + file) || (existsSync(AMTOOL) ? false : 'the real amtool is not here');
  test(`matchRoutes() picks the receivers of amtool: ${file}`, { skip: skipRouting }, () => {
    const path = sharedData(ROUTING + file)!;
    const config = loadAlertmanagerConfig(path, readFileSync(path, 'utf8'));
    const root = buildRouteTree(config.route as RouteConfig);
    for (const labels of LABEL_SETS) {
      const wanted = amtoolRoutes(path, labels);
      const found = matchRoutes(root, labelsFromRecord(labels)).map(({ receiver }) => receiver);
      assert.equal(found.join(','), wanted, JSON.stringify(labels));
    }
  });
}

function amtoolRoutes(path: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return execFileSync(AMTOOL, ['config', 'routes', 'test', `--config.file=${path}`, ...pairs], {
    encoding: 'utf8',
  }).trim();
}
