import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, openApiWorld } from '#test/support/api-world.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const PATH = '/api/v1/registry/targets';

test('a target is created, read, replaced and deleted, and discovery woken each time', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  const body = {
    address: 'a:80',
    job: 'web',
    labels: { env: 'x' },
    params: { m: ['1', '2'] },
    scrapeInterval: '30s',
    ttl: '1h',
  };
  const created = await answerOf(world.send('POST', PATH, body));
  const { id } = created.json.data;
  assert.deepEqual(
    [created.status, created.headers.get('location'), created.headers.get('etag')],
    [201, `${PATH}/${id}`, '"1"'],
  );
  const expected = {
    id,
    address: 'a:80',
    job: 'web',
    scheme: 'http',
    metricsPath: '/metrics',
    params: { m: ['1', '2'] },
    labels: { env: 'x' },
    scrapeInterval: '30s',
    scrapeTimeout: '10s',
    ttl: '1h',
    expiresAt: '2026-01-02T04:04:05Z',
    createdAt: '2026-01-02T03:04:05Z',
    updatedAt: '2026-01-02T03:04:05Z',
    etag: '"1"',
  };
  assert.deepEqual(created.json, { status: 'success', data: expected });
  const read = await answerOf(world.get(`${PATH}/${id}`));
  assert.deepEqual([read.json.data, read.headers.get('etag')], [expected, '"1"']);
  assert.deepEqual((await answerOf(world.get(PATH))).json.data, { targets: [expected] });
  const replaced = await answerOf(world.send('PUT', `${PATH}/${id}`, { address: 'b:80' }, { 'if-match': '"1"' }));
  assert.deepEqual([replaced.status, replaced.json.data.address, replaced.headers.get('etag')], [200, 'b:80', '"2"']);
  assert.equal((await world.ask(`${PATH}/${id}`, { method: 'DELETE' })).status, 204);
  assert.equal((await world.get(`${PATH}/${id}`)).status, 404);
  assert.equal(world.woken.discover, 3);
});

test('If-Match keeps a change from undoing another', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  const { id } = (await answerOf(world.send('POST', PATH, { address: 'a:80' }))).json.data;
  const change = (method: string, etag: string) =>
    world.send(method, `${PATH}/${id}`, { address: 'b:80' }, { 'if-match': etag });
  for (const method of ['PUT', 'DELETE']) {
    for (const etag of ['"2"', 'x']) {
      const { status, json } = await answerOf(change(method, etag));
      assert.deepEqual([status, json.errorType], [412, 'precondition_failed'], `${method} ${etag}`);
    }
  }
  assert.equal(world.woken.discover, 1);
  assert.equal((await change('PUT', 'W/"1"')).status, 200);
  assert.equal((await change('DELETE', '*')).status, 204);
});

test('what cannot be used is refused with all its problems', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  const { status, json } = await answerOf(
    world.send('POST', PATH, { address: 'nope', scrapeInterval: '1x', labels: { __a: 'b' } }),
  );
  assert.equal(status, 400);
  assert.deepEqual(
    json.data.problems.map(({ field }: { field: string }) => field),
    ['scrapeInterval', 'address', 'labels.__a'],
  );
  assert.match(
    json.error,
    /^invalid target: scrapeInterval: unknown unit "x" in duration "1x"; address: expected host:port/,
  );
  assert.equal(world.woken.discover, 0);
});

test('a body that is no JSON, too deep or too large is refused', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  const cases = [
    { input: '{', expected: [400, 'bad_data'] },
    { input: '[]', expected: [400, 'bad_data'] },
    { input: '[{"a":"['.repeat(20), expected: [400, 'bad_data'] },
    { input: `${'['.repeat(33)}${']'.repeat(33)}`, expected: [400, 'bad_data'] },
    { input: ' '.repeat(1024 * 1024 + 1), expected: [413, 'too_large'] },
  ];
  for (const { input, expected } of cases) {
    const { status, json } = await answerOf(world.ask(PATH, { method: 'POST', body: input }));
    assert.deepEqual([status, json.errorType], expected, input.slice(0, 20));
  }
  const invalid = await answerOf(world.ask(PATH, { method: 'POST', body: Uint8Array.of(0xff) }));
  assert.deepEqual([invalid.status, invalid.json.error], [400, 'request body is not valid UTF-8']);
});

test('a target that is not there', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const init = { method, ...(method === 'PUT' ? { body: '{"address":"a:80"}' } : {}) };
    const { status, json } = await answerOf(world.ask(`${PATH}/x`, init));
    assert.deepEqual([status, json.error], [404, 'no registered target has the id "x"']);
  }
});

test('a change is answered as stored when the wake-up after it fails', async () => {
  const fail = () => Promise.reject(new Error('no queue'));
  const world = await openApiWorld({ nowMs: NOW_MS, deps: { wake: { discover: fail, dispatchAlerts: fail } } });
  assert.equal((await world.send('POST', PATH, { address: 'a:80' })).status, 201);
  assert.equal(world.ports.logger.entries[0].fields?.step, 'discover');
});
