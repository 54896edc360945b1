import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { dispatchAlerts } from '#shared/alerting/dispatch-step.ts';
import { type ApiWorld, openApiWorld } from '#test/support/api-world.ts';
import { serveApi } from '#test/support/http-bridge.ts';
import { type OracleServer, runOracle, skipWithoutOracle, startOracle } from '#test/support/oracle.ts';

const CONFIG = `
route:
  receiver: default
  group_by: [alertname]
  routes:
    - { matchers: ['team="db"'], receiver: db }
receivers:
  - name: default
  - name: db
`;
const UNKNOWN_ID = 'd3f4e0a0-9c0e-4b4d-8b0f-0123456789ab';
const SILENCE = {
  matchers: [{ name: 'a', value: 'b', isRegex: false }],
  startsAt: '2100-01-01T00:00:00Z',
  endsAt: '2100-01-02T00:00:00Z',
  createdBy: 'me',
  comment: '<c>',
};

/** Requests that the real Alertmanager and ours answer alike, one after the other. A body makes it a POST. */
const REQUESTS: readonly (readonly [path: string, body?: unknown])[] = [
  ['/alerts'],
  ['/alerts/groups'],
  ['/silences'],
  ['/receivers'],
  ['/receivers?receiver_matchers=name="db"'],
  ['/receivers?receiver_matchers=x'],
  ['/alerts?filter=x'],
  ['/alerts?filter=a=~"("'],
  ['/alerts?receiver=('],
  ['/alerts?receiver_matchers=x'],
  ['/alerts/groups?filter=x'],
  ['/alerts/groups?receiver=('],
  ['/silences?filter=x'],
  ['/silence/abc'],
  [`/silence/${UNKNOWN_ID}`],
  ['/nope'],
  ['/alerts', ''],
  ['/alerts', {}],
  ['/alerts', 5],
  ['/alerts', null],
  ['/alerts', []],
  ['/alerts', [{}]],
  ['/alerts', [{ labels: {} }]],
  ['/alerts', [{ labels: { a: '' } }]],
  ['/alerts', [{ labels: { '': 'x' } }]],
  ['/alerts', [{ annotations: { a: 'b' } }]],
  ['/alerts', [{ labels: { a: 'b' }, startsAt: 'x' }]],
  ['/alerts', [{ labels: { a: 'b' }, generatorURL: 'not a url' }]],
  [
    '/alerts',
    [{ labels: { a: 'b' }, startsAt: '2020-01-02T00:00:00Z', endsAt: '2020-01-01T00:00:00Z' }, { labels: {} }],
  ],
  ['/alerts', [{ labels: { a: 'b' }, startsAt: '2100-01-02T00:00:00Z' }]],
  ['/silences', {}],
  ['/silences', null],
  ['/silences', { ...SILENCE, createdBy: undefined }],
  ['/silences', { ...SILENCE, endsAt: undefined }],
  ['/silences', { ...SILENCE, startsAt: undefined }],
  ['/silences', { ...SILENCE, startsAt: 'x' }],
  ['/silences', { ...SILENCE, matchers: undefined }],
  ['/silences', { ...SILENCE, matchers: [] }],
  ['/silences', { ...SILENCE, matchers: [{ name: 'a', value: 'b' }] }],
  ['/silences', { ...SILENCE, matchers: [{ isRegex: true, value: 'b' }] }],
  ['/silences', { ...SILENCE, matchers: [{ isRegex: true, name: 'b' }] }],
  ['/silences', { ...SILENCE, matchers: [{ isRegex: true, name: 'b', value: '(' }] }],
  ['/silences', { ...SILENCE, matchers: [{ isRegex: false, name: '', value: 'x' }] }],
  ['/silences', { ...SILENCE, matchers: [{ isRegex: false, name: 'a', value: '' }] }],
  ['/silences', { ...SILENCE, endsAt: SILENCE.startsAt }],
  ['/silences', { ...SILENCE, startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' }],
  ['/silences', { ...SILENCE, id: UNKNOWN_ID }],
  ['/silences', { ...SILENCE, id: 'x' }],
  ['/silences', SILENCE],
  [
    '/silences',
    { ...SILENCE, annotations: { a: 'b' }, matchers: [{ name: 'a', value: 'x.*', isRegex: true, isEqual: false }] },
  ],
  ['/silences'],
  ['/silences?pending=false'],
  ['/silences?filter=a="b"'],
  ['/alerts', [{ labels: { alertname: 'A', team: 'db' }, annotations: { x: '<y>' }, generatorURL: 'http://x/y?z' }]],
  ['/alerts', [{ labels: { alertname: 'B' }, startsAt: '2020-01-01T00:00:00Z', endsAt: '2100-01-01T00:00:00Z' }]],
  ['/alerts'],
  ['/alerts?receiver=db'],
  ['/alerts?filter=alertname!="A"'],
  ['/alerts?active=false'],
  ['/alerts/groups'],
  ['/alerts/groups?receiver=d.*'],
];

suite('the Alertmanager API', { skip: skipWithoutOracle('alertmanager', 'amtool') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'api-am-'));
  let alertmanager: OracleServer;
  let world: ApiWorld;
  let ours: string;
  const closers: (() => Promise<void>)[] = [];

  before(async () => {
    writeFileSync(join(folder, 'alertmanager.yml'), CONFIG);
    alertmanager = await startOracle('alertmanager', (address) => [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--cluster.listen-address=',
    ]);
    closers.push(alertmanager.stop);
    // amtool compares times with its own clock.
    const clock = { ...createVirtualClock(0), nowMs: () => Date.now() };
    const wake = {
      discover: async () => {},
      dispatchAlerts: async () => {
        const { ports, configuration } = world;
        const queues = { notifyQueue: ports.queue('notify'), dispatchQueue: ports.queue('dispatch') };
        await dispatchAlerts(configuration.alertmanager, { ...ports, ...queues, clock });
      },
    };
    world = await openApiWorld({ nowMs: Date.now(), alertmanager: CONFIG, deps: { wake, clock } });
    const server = await serveApi(world.api);
    closers.push(server.stop);
    ours = server.url;
  });

  after(async () => {
    await Promise.all(closers.map((close) => close()));
    rmSync(folder, { recursive: true, force: true });
  });

  test('answers as the real one does', async (t) => {
    for (const [path, body] of REQUESTS) {
      await t.test(`${body === undefined ? 'GET' : 'POST'} ${path} ${JSON.stringify(body) ?? ''}`, async () => {
        const [expected, actual] = [await ask(alertmanager.url, path, body), await ask(ours, path, body)];
        assert.deepEqual(actual, expected);
      });
    }
  });

  test('methods and types that are not taken', async () => {
    const cases: readonly [string, RequestInit][] = [
      ['/silences', { method: 'PUT' }],
      ['/alerts', { method: 'POST', body: '[]', headers: { 'content-type': 'text/plain' } }],
      [`/silence/${UNKNOWN_ID}`, { method: 'DELETE' }],
      ['/silence/x', { method: 'DELETE' }],
    ];
    for (const [path, init] of cases) {
      const [expected, actual] = await Promise.all(
        [alertmanager.url, ours].map((url) => fetch(`${url}/api/v2${path}`, init)),
      );
      const texts = [await actual.text(), (await expected.text()).replace('[POST,GET]', '[GET,POST]')];
      assert.deepEqual([actual.status, texts[0]], [expected.status, texts[1]]);
    }
  });

  test('amtool works with it', async (t) => {
    const amtool = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await runOracle('amtool', [`--alertmanager.url=${ours}`, ...args]);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    await t.test('config and cluster', async () => {
      assert.match(await amtool('config', 'show'), /receiver: default/);
      assert.match(await amtool('config', 'routes', 'test', 'team=db'), /^db$/m);
      assert.match(await amtool('cluster', 'show'), /Cluster Status:\s+disabled/);
    });
    await t.test('alerts', async () => {
      await amtool('alert', 'add', 'Tool', 'node=x', '--annotation=summary=hello');
      assert.match(await amtool('alert', 'query', 'node=x'), /Tool\s.*hello\s+active/);
      assert.doesNotMatch(await amtool('alert', 'query', 'node=y'), /Tool/);
    });
    await t.test('silences', async () => {
      const id = (await amtool('silence', 'add', 'node=x', '--comment=why', '--author=me', '--duration=1h')).trim();
      assert.match(await amtool('silence', 'query', 'node=x'), new RegExp(`${id}\\s+node="x".*me\\s+why`));
      assert.doesNotMatch(await amtool('alert', 'query'), /Tool/);
      assert.match(await amtool('alert', 'query', '--silenced'), /Tool/);
      assert.match(await amtool('silence', 'update', id, '--comment=because', '--duration=2h'), /because/);
      await amtool('silence', 'expire', id);
      assert.doesNotMatch(await amtool('silence', 'query', 'node=x'), new RegExp(id));
      assert.match(await amtool('silence', 'query', '--expired'), new RegExp(id));
    });
  });
});

async function ask(url: string, path: string, body: unknown) {
  const init = {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  };
  const response = await fetch(`${url}/api/v2${path}`, body === undefined ? {} : init);
  const text = (await response.text())
    .replaceAll(/"(?!2100-|2020-)[0-9]{4}-[0-9-]+T[^"]+Z"/g, '"<now>"')
    .replaceAll(/"(id|silenceID)":"[0-9a-f-]{36}"/g, '"$1":"<id>"');
  return { status: response.status, type: response.headers.get('content-type'), text };
}
