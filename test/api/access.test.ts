import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, openApiWorld } from '#test/support/api-world.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

const LOCKED = { token: 'sesam', loopbackOpen: false };
const OPEN = { token: undefined, loopbackOpen: true };

test('who is let in', async () => {
  const cases: readonly {
    readonly name: string;
    readonly auth: { readonly token: string | undefined; readonly loopbackOpen: boolean };
    readonly local?: boolean;
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly expected: number;
  }[] = [
    { name: 'a caller on this machine', auth: OPEN, local: true, expected: 200 },
    { name: 'a caller elsewhere without a configured token', auth: OPEN, expected: 403 },
    { name: 'a caller elsewhere with some token', auth: OPEN, headers: bearer('x'), expected: 403 },
    { name: 'no token', auth: LOCKED, local: true, expected: 401 },
    { name: 'the bearer token', auth: LOCKED, headers: bearer('sesam'), expected: 200 },
    { name: 'another token', auth: LOCKED, headers: bearer('sesam2'), expected: 401 },
    { name: 'the token as a basic password', auth: LOCKED, headers: basic('me:sesam'), expected: 200 },
    {
      name: 'a basic password with a colon',
      auth: { token: 'a:b', loopbackOpen: false },
      headers: basic('me:a:b'),
      expected: 200,
    },
    { name: 'another basic password', auth: LOCKED, headers: basic('sesam:x'), expected: 401 },
    { name: 'no base64', auth: LOCKED, headers: { authorization: 'Basic =' }, expected: 401 },
    { name: 'another scheme', auth: LOCKED, headers: { authorization: 'Digest sesam' }, expected: 401 },
    { name: 'health', auth: LOCKED, path: '/-/healthy', expected: 200 },
    { name: 'readiness', auth: LOCKED, path: '/-/ready', expected: 200 },
    { name: 'own metrics', auth: LOCKED, path: '/metrics', expected: 401 },
    { name: 'an unknown path', auth: LOCKED, path: '/x', expected: 401 },
    {
      name: 'a token is open to this machine too',
      auth: { ...LOCKED, loopbackOpen: true },
      local: true,
      expected: 200,
    },
    { name: 'a rebound name', auth: OPEN, local: true, headers: { host: 'evil.example:9090' }, expected: 403 },
    {
      name: 'a name that looks local',
      auth: OPEN,
      local: true,
      headers: { host: 'localhost.evil.example' },
      expected: 403,
    },
    {
      name: 'an address that looks local',
      auth: OPEN,
      local: true,
      headers: { host: '127.0.0.1.evil.example' },
      expected: 403,
    },
    { name: 'loopback addresses', auth: OPEN, local: true, headers: { host: '127.8.9.10:1' }, expected: 200 },
    { name: 'the loopback address of IPv6', auth: OPEN, local: true, headers: { host: '[::1]:9090' }, expected: 200 },
    {
      name: 'any host with a token',
      auth: LOCKED,
      headers: { ...bearer('sesam'), host: 'watch.example' },
      expected: 200,
    },
    {
      name: 'a page of ours',
      auth: OPEN,
      local: true,
      method: 'POST',
      headers: { origin: 'http://localhost:9090' },
      expected: 200,
    },
    {
      name: 'our page under its external name',
      auth: OPEN,
      local: true,
      method: 'POST',
      headers: { origin: 'https://emberwatch.example:9090' },
      expected: 200,
    },
    {
      name: 'a page of another site',
      auth: OPEN,
      local: true,
      method: 'POST',
      headers: { origin: 'https://evil.example' },
      expected: 403,
    },
    {
      name: 'a page of another port',
      auth: OPEN,
      local: true,
      method: 'POST',
      headers: { origin: 'http://localhost:3000' },
      expected: 403,
    },
    {
      name: 'a page without an origin of its own',
      auth: OPEN,
      local: true,
      method: 'POST',
      headers: { origin: 'null' },
      expected: 403,
    },
    {
      name: 'a page of another site with a token',
      auth: LOCKED,
      method: 'POST',
      headers: { ...bearer('sesam'), origin: 'https://evil.example' },
      expected: 403,
    },
    {
      name: 'a page of another site that reads',
      auth: OPEN,
      local: true,
      headers: { origin: 'https://evil.example' },
      expected: 200,
    },
  ];
  for (const {
    name,
    auth,
    local = false,
    method = 'GET',
    path = '/api/v1/query?query=1',
    headers,
    expected,
  } of cases) {
    const world = await openApiWorld({ nowMs: NOW_MS, deps: { auth } });
    const { status } = await answerOf(world.ask(path, { method, headers }, local));
    assert.equal(status, expected, name);
  }
});

test('a refusal says what to do', async () => {
  const locked = await openApiWorld({ nowMs: NOW_MS, deps: { auth: LOCKED } });
  const asked = await answerOf(locked.ask('/api/v1/query?query=1', {}, false));
  assert.equal(asked.headers.get('www-authenticate'), 'Basic realm="Emberwatch", charset="UTF-8"');
  assert.match(asked.json.error, /^a token is needed: send it as/);
  const open = await openApiWorld({ nowMs: NOW_MS, deps: { auth: OPEN } });
  assert.match((await answerOf(open.ask('/', {}, false))).json.error, /set EMBERWATCH_TOKEN/);
});

test('no other site may read an answer', async () => {
  const world = await openApiWorld({ nowMs: NOW_MS });
  const { headers } = await world.ask('/api/v1/query?query=1', { headers: { origin: 'https://evil.example' } });
  assert.equal(headers.get('access-control-allow-origin'), null);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
});
