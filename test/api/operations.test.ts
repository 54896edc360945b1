import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, openApiWorld } from '#test/support/api-world.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

test('pages for machines', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  const cases = [
    { input: '/-/healthy', expected: ['Emberwatch is Healthy.\n', 'text/plain; charset=utf-8'] },
    { input: '/-/ready', expected: ['Emberwatch is Ready.\n', 'text/plain; charset=utf-8'] },
    { input: '/metrics', expected: ['up 1\n', 'text/plain; version=0.0.4; charset=utf-8'] },
  ];
  for (const { input, expected } of cases) {
    const { status, text, headers } = await answerOf(world.get(input));
    assert.deepEqual([status, text, headers.get('content-type')], [200, ...expected]);
  }
  assert.equal((await world.ask('/-/healthy', { method: 'HEAD' })).status, 200);
});

test('routes that are not there, and methods that they do not have', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  const missing = await answerOf(world.get('/api/v1/nope'));
  assert.deepEqual(
    [missing.status, missing.json],
    [404, { status: 'error', errorType: 'not_found', error: 'there is no GET /api/v1/nope here' }],
  );
  const wrong = await answerOf(world.ask('/api/v1/series', { method: 'DELETE' }));
  assert.deepEqual(
    [wrong.status, wrong.headers.get('allow'), wrong.json.errorType],
    [405, 'GET, POST', 'method_not_allowed'],
  );
  const form = await answerOf(world.ask('/api/v1/query', { method: 'POST', body: new FormData() }));
  assert.deepEqual([form.status, form.json.errorType], [415, 'unsupported_media_type']);
});

test('the dashboard has all other paths, but not those of the APIs', async () => {
  const dashboard = (path: string) => new Response(`page ${path}`);
  const world = await openApiWorld({ nowMs: NOW_MS, deps: { dashboard } });
  assert.equal((await answerOf(world.get('/alerts?x=1'))).text, 'page /alerts');
  for (const path of ['/api/v1/nope', '/api/v2/nope', '/-/nope', '/alertmanager/api/v2/nope']) {
    assert.equal((await world.get(path)).status, 404, path);
  }
  assert.equal((await world.ask('/alerts', { method: 'POST' })).status, 404);
});

test('reload reads the configuration again, where it can', async () => {
  let reloads = 0;
  const able = await openApiWorld({ nowMs: NOW_MS, deps: { reload: async () => void reloads++ } });
  assert.equal((await able.ask('/-/reload', { method: 'POST' })).status, 200);
  assert.equal(reloads, 1);
  const failing = await openApiWorld({
    nowMs: NOW_MS,
    deps: { reload: () => Promise.reject(new Error('a.yml:1:2: no')) },
  });
  const failed = await answerOf(failing.ask('/-/reload', { method: 'POST' }));
  assert.deepEqual([failed.status, failed.text], [500, 'failed to reload config: a.yml:1:2: no\n']);
  const unable = await openApiWorld({ nowMs: NOW_MS });
  assert.equal((await unable.ask('/-/reload', { method: 'POST' })).status, 403);
});

test('the configuration is shown without its secrets', async () => {
  const prometheus = 'scrape_configs:\n  - job_name: a\n    basic_auth: { username: u, password: hunter2 }\n';
  const world = await openApiWorld({ nowMs: NOW_MS, prometheus });
  const { json, text } = await answerOf(world.get('/api/v1/status/config'));
  assert.match(json.data.yaml, /password: <secret>/);
  assert.doesNotMatch(text, /hunter2/);
});

test('the state of the server', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  const data = async (path: string) => (await answerOf(world.get(`/api/v1/${path}`))).json.data;
  const { version, branch } = await data('status/buildinfo');
  assert.deepEqual([version, branch], ['3.16.0', 'emberwatch-1.2.3']);
  assert.deepEqual(await data('status/flags'), { 'web.listen-address': 'localhost:9090' });
  const runtime = await data('status/runtimeinfo');
  assert.deepEqual([runtime.startTime, runtime.storageRetention], ['2026-01-02T03:04:00Z', '15d']);
  assert.deepEqual(await data('alertmanagers'), {
    activeAlertmanagers: [{ url: 'http://emberwatch.example:9090/alertmanager/api/v2/alerts' }],
    droppedAlertmanagers: [],
  });
});

test('status/tsdb counts series', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  const samples = ['a', 'b', 'é'].map((job) => [['__name__', 'up', 'job', job], 1] as const);
  await world.write(NOW_MS - 15_000, { t: [...samples, [['__name__', 'x'], 1]] });
  const { data } = (await answerOf(world.get('/api/v1/status/tsdb?limit=1'))).json;
  assert.deepEqual([data.headStats.numSeries, data.headStats.numLabelPairs], [4, 5]);
  assert.deepEqual(data.seriesCountByMetricName, [{ name: 'up', value: 3 }]);
  assert.deepEqual(data.labelValueCountByLabelName, [{ name: 'job', value: 3 }]);
  assert.deepEqual(data.memoryInBytesByLabelName, [{ name: 'job', value: 4 }]);
  assert.deepEqual(data.seriesCountByLabelValuePair, [{ name: '__name__=up', value: 3 }]);
});

test('mails in the outbox', async () => {
  const mail = { id: 'm1', from: 'a@b', to: 'c@d', subject: 'Hi', dateMs: NOW_MS, sizeBytes: 5 };
  const outbox = { list: async () => [mail], read: async (id: string) => (id === 'm1' ? 'From: a@b\r\n' : undefined) };
  const world = await openApiWorld({ nowMs: NOW_MS, deps: { outbox } });
  const { dateMs, ...shown } = mail;
  assert.deepEqual((await answerOf(world.get('/api/v1/outbox'))).json.data, {
    mails: [{ ...shown, date: '2026-01-02T03:04:05Z' }],
  });
  const read = await answerOf(world.get('/api/v1/outbox/m1'));
  assert.deepEqual([read.text, read.headers.get('content-type')], ['From: a@b\r\n', 'message/rfc822']);
  assert.equal(read.headers.get('content-disposition'), 'attachment');
  assert.equal((await world.get('/api/v1/outbox/m2')).status, 404);
  const without = await openApiWorld({ nowMs: NOW_MS });
  assert.deepEqual((await answerOf(without.get('/api/v1/outbox'))).json.data, { mails: [] });
});

test('the notification log, the newest first', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  for (const id of ['a', 'b']) {
    const timeMs = NOW_MS + (id === 'b' ? 1 : 0);
    const entry = { id, timeMs, receiver: 'ops', ok: true };
    const sort = `${timeMs}#${id}`;
    await world.ports.records.write({
      kind: 'put',
      partition: 'notification-log',
      sort,
      data: { json: JSON.stringify(entry) },
    });
  }
  const { notifications } = (await answerOf(world.get('/api/v1/notifications/log?limit=1'))).json.data;
  assert.deepEqual(notifications, [{ time: '2026-01-02T03:04:05.001Z', id: 'b', receiver: 'ops', ok: true }]);
  assert.equal((await world.get('/api/v1/notifications/log?limit=1001')).status, 400);
});
