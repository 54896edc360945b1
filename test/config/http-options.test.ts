import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HttpClientConfig, SecretText } from '#shared/config/http-config.ts';
import { resolveHttpOptions } from '#shared/config/http-options.ts';

const TEXTS: Readonly<Record<string, string>> = { 'a.txt': ' from-file\n', 'env:A': 'from-secret' };

const lookUp = (name: string) =>
  name in TEXTS ? Promise.resolve(TEXTS[name]) : Promise.reject(new Error(`no ${name}`));
const DEPS = { files: { read: lookUp }, secrets: { get: lookUp } };

const BASE: HttpClientConfig = { followRedirects: true };

test('resolveHttpOptions() makes the headers', async () => {
  const table: { input: Partial<HttpClientConfig>; expected: Readonly<Record<string, string>> }[] = [
    { input: {}, expected: {} },
    {
      input: { basicAuth: { username: 'ü', password: new SecretText('p:w') } },
      expected: { Authorization: 'Basic w7w6cDp3' },
    },
    {
      input: { basicAuth: { username: '', usernameRef: 'env:A', passwordFile: 'a.txt' } },
      expected: { Authorization: `Basic ${btoa('from-secret:from-file')}` },
    },
    {
      input: { authorization: { type: 'Bearer', credentials: new SecretText('t') } },
      expected: { Authorization: 'Bearer t' },
    },
    {
      input: { authorization: { type: 'Token', credentialsFile: 'a.txt' } },
      expected: { Authorization: 'Token from-file' },
    },
    {
      input: { httpHeaders: { 'X-A': { values: ['1'], secrets: [new SecretText('2')], files: ['a.txt'] }, 'X-B': {} } },
      expected: { 'X-A': '1, 2, from-file' },
    },
  ];
  for (const { input, expected } of table) {
    const { headers } = await resolveHttpOptions({ ...BASE, ...input }, DEPS);
    assert.deepEqual(headers, expected);
  }
});

test('resolveHttpOptions() reads certificates', async () => {
  const tls = { ca: 'CA', certFile: 'a.txt', keyRef: 'env:A', serverName: 'h', insecureSkipVerify: false };
  const options = await resolveHttpOptions({ ...BASE, tls, proxyUrl: 'http://p' }, DEPS);
  assert.deepEqual(options, {
    headers: {},
    tls: { ca: 'CA', cert: 'from-file', key: 'from-secret', serverName: 'h', insecureSkipVerify: false },
    proxyUrl: 'http://p',
    followRedirects: true,
  });
});

test('resolveHttpOptions() says which secret cannot be read', async () => {
  const table: { input: Partial<HttpClientConfig>; expected: string }[] = [
    {
      input: { basicAuth: { username: 'a', passwordFile: 'gone' } },
      expected: 'unable to read basic auth password: no gone',
    },
    {
      input: { authorization: { type: 'Bearer', credentialsRef: 'env:X' } },
      expected: 'unable to read authorization credentials: no env:X',
    },
    { input: { tls: { caFile: 'gone', insecureSkipVerify: false } }, expected: 'unable to read CA cert: no gone' },
  ];
  for (const { input, expected } of table) {
    await assert.rejects(resolveHttpOptions({ ...BASE, ...input }, DEPS), { message: expected });
  }
});
