import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dispatchAlerts } from '#shared/alerting/dispatch-step.ts';
import { readOutbox } from '#shared/alerting/outbox.ts';
import { type ApiWorld, answerOf, openApiWorld } from '#test/support/api-world.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const IN_AN_HOUR = '2026-01-02T04:04:05.000Z';
const CONFIG = `
global: { smtp_auth_password: hunter2 }
route:
  receiver: ops
  group_by: [alertname]
  routes:
    - { matchers: ['team="db"'], receiver: db }
inhibit_rules:
  - { source_matchers: ['severity="critical"'], target_matchers: ['severity="minor"'], equal: [team] }
receivers:
  - name: ops
  - name: db
`;

function open() {
  return openApiWorld({ nowMs: NOW_MS, alertmanager: CONFIG });
}

/** Lets the alerting side take in what was posted. */
async function dispatch(world: ApiWorld): Promise<void> {
  const { ports } = world;
  const queues = { notifyQueue: ports.queue('notify'), dispatchQueue: ports.queue('dispatch') };
  await dispatchAlerts(world.configuration.alertmanager, { ...ports, ...queues });
}

async function postAlerts(world: ApiWorld): Promise<void> {
  const alerts = [
    { labels: { alertname: 'A', team: 'db', severity: 'critical' }, generatorURL: 'http://x/graph' },
    { labels: { alertname: 'B', team: 'db', severity: 'minor' }, annotations: { summary: 's' } },
    { labels: { alertname: 'C', team: '' } },
  ];
  assert.equal((await world.send('POST', '/api/v2/alerts', alerts)).status, 200);
  await dispatch(world);
}

async function names(world: ApiWorld, query: string): Promise<string> {
  const { json } = await answerOf(world.get(`/api/v2/alerts?${query}`));
  return json
    .map(({ labels }: { labels: { alertname: string } }) => labels.alertname)
    .sort()
    .join('');
}

test('posted alerts are stored durably before the answer', async () => {
  const world = await open();
  const alert = { labels: { a: 'b' }, startsAt: '0001-01-01T00:00:00.000Z', endsAt: IN_AN_HOUR };
  const { status, text } = await answerOf(world.send('POST', '/alertmanager/api/v2/alerts', [alert]));
  assert.deepEqual([status, text], [200, '']);
  const [entry] = await readOutbox(world.ports, 10);
  assert.match(entry.sort, new RegExp(`^${NOW_MS}#api-[0-9a-f-]{36}$`));
  assert.deepEqual(entry.alerts, [
    {
      labels: ['a', 'b'],
      annotations: [],
      startsAtMs: NOW_MS + 3_600_000,
      endsAtMs: NOW_MS + 3_600_000,
      generatorUrl: '',
    },
  ]);
  assert.equal(world.woken.dispatchAlerts, 1);
});

test('of a post with invalid alerts the valid ones are taken in', async () => {
  const world = await open();
  const { status, json } = await answerOf(
    world.send('POST', '/api/v2/alerts', [
      { labels: { a: '' } },
      { labels: { a: 'b' } },
      { labels: { a: 'c' }, startsAt: IN_AN_HOUR, endsAt: '2026-01-02T03:00:00Z' },
    ]),
  );
  assert.deepEqual([status, json], [400, 'at least one label pair required\nstart time must be before end time']);
  assert.equal((await readOutbox(world.ports, 10))[0].alerts.length, 1);
});

test('alerts are shown and filtered', async () => {
  const world = await open();
  await postAlerts(world);
  const { json } = await answerOf(world.get('/api/v2/alerts?filter=alertname=B'));
  assert.deepEqual(json[0], {
    annotations: { summary: 's' },
    endsAt: '2026-01-02T03:09:05.000Z',
    fingerprint: json[0].fingerprint,
    receivers: [{ name: 'db' }],
    startsAt: '2026-01-02T03:04:05.000Z',
    status: { inhibitedBy: json[0].status.inhibitedBy, mutedBy: [], silencedBy: [], state: 'suppressed' },
    updatedAt: '2026-01-02T03:04:05.000Z',
    labels: { alertname: 'B', severity: 'minor', team: 'db' },
  });
  const cases = [
    { input: '', expected: 'ABC' },
    { input: 'active=false', expected: 'B' },
    { input: 'inhibited=false', expected: 'AC' },
    { input: 'inhibited=nonsense', expected: 'AC' },
    { input: 'receiver=d.', expected: 'AB' },
    { input: 'receiver=d', expected: '' },
    { input: 'receiver_matchers=name%3D~o.*', expected: 'C' },
    { input: 'filter=team%3D"db"&filter=severity!~"min.*"', expected: 'A' },
  ];
  for (const { input, expected } of cases) assert.equal(await names(world, input), expected, input);
});

test('groups', async () => {
  const world = await open();
  await postAlerts(world);
  const { json } = await answerOf(world.get('/api/v2/alerts/groups?receiver=db'));
  assert.deepEqual(
    json.map((group: { labels: object; receiver: object; alerts: object[] }) => [
      group.labels,
      group.receiver,
      group.alerts.length,
    ]),
    [
      [{ alertname: 'A' }, { name: 'db' }, 1],
      [{ alertname: 'B' }, { name: 'db' }, 1],
    ],
  );
});

test('a silence is created, shown, edited and ended', async () => {
  const world = await open();
  const silence = {
    matchers: [{ name: 'alertname', value: 'A|B', isRegex: true }],
    startsAt: '2026-01-02T03:00:00Z',
    endsAt: IN_AN_HOUR,
    createdBy: 'me',
    comment: 'why',
  };
  const { silenceID } = (await answerOf(world.send('POST', '/api/v2/silences', silence))).json;
  const shown = (await answerOf(world.get(`/api/v2/silence/${silenceID}`))).json;
  assert.deepEqual(shown, {
    id: silenceID,
    status: { state: 'active' },
    updatedAt: '2026-01-02T03:04:05.000Z',
    comment: 'why',
    createdBy: 'me',
    endsAt: IN_AN_HOUR,
    matchers: [{ isEqual: true, isRegex: true, name: 'alertname', value: 'A|B' }],
    startsAt: '2026-01-02T03:04:05.000Z',
  });
  await postAlerts(world);
  assert.equal(await names(world, 'silenced=false'), 'C');
  const edited = await answerOf(world.send('POST', '/api/v2/silences', { ...shown, comment: 'other' }));
  assert.deepEqual(edited.json, { silenceID });
  assert.equal((await world.ask(`/api/v2/silence/${silenceID}`, { method: 'DELETE' })).status, 200);
  const list = async (query: string) => (await answerOf(world.get(`/api/v2/silences?${query}`))).json;
  assert.deepEqual((await list(''))[0].status, { state: 'expired' });
  assert.deepEqual(await list('expired=false'), []);
  assert.equal((await list('filter=alertname%3D~"A|B"')).length, 1);
  assert.equal((await list('filter=alertname="A|B"')).length, 0);
  assert.equal(world.woken.dispatchAlerts, 4);
});

test('status shows the configuration without its secrets', async () => {
  const world = await open();
  const { json, headers } = await answerOf(world.get('/api/v2/status'));
  assert.match(json.config.original, /smtp_auth_password: <secret>/);
  assert.deepEqual([json.cluster, json.uptime], [{ peers: [], status: 'disabled' }, '2026-01-02T03:04:00.000Z']);
  assert.equal(headers.get('cache-control'), 'no-store');
});
