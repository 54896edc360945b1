import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { toRequest, toResult } from '#functions/aws/http-event.ts';

function eventOf(part: Partial<APIGatewayProxyEventV2>, method = 'GET'): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: 'ANY /{proxy+}',
    rawPath: '/',
    rawQueryString: '',
    headers: { host: 'api.example.com' },
    requestContext: {
      accountId: '',
      apiId: '',
      domainName: 'api.example.com',
      domainPrefix: '',
      http: { method, path: '/', protocol: 'HTTP/1.1', sourceIp: '203.0.113.1', userAgent: '' },
      requestId: '',
      routeKey: '',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
    ...part,
  };
}

test('toRequest() keeps the path, repeated parameters, headers and cookies', () => {
  const cases: readonly { input: Partial<APIGatewayProxyEventV2>; expected: string }[] = [
    { input: { rawPath: '/api/v1/query' }, expected: 'https://api.example.com/api/v1/query' },
    {
      input: { rawPath: '/api/v1/series', rawQueryString: 'match[]=up&match[]=a%2Bb%26c&x=' },
      expected: 'https://api.example.com/api/v1/series?match[]=up&match[]=a%2Bb%26c&x=',
    },
    { input: { rawPath: '/a b/ü' }, expected: 'https://api.example.com/a%20b/%C3%BC' },
    { input: { rawPath: '/what?/#1/100%' }, expected: 'https://api.example.com/what%3F/%231/100%25' },
    { input: { rawPath: '/a%20b' }, expected: 'https://api.example.com/a%20b' },
  ];
  for (const { input, expected } of cases) assert.equal(toRequest(eventOf(input))?.url, expected);
  const request = toRequest(
    eventOf({ headers: { authorization: 'Bearer t', accept: 'a,b' }, cookies: ['a=1', 'b=2'] }),
  );
  assert.deepEqual(Object.fromEntries(request!.headers), {
    accept: 'a,b',
    authorization: 'Bearer t',
    cookie: 'a=1; b=2',
  });
});

test('toRequest() decodes bodies', async () => {
  const text = eventOf({ body: 'query=up&x=ü' }, 'POST');
  assert.equal(await toRequest(text)?.text(), 'query=up&x=ü');
  const bytes = Buffer.from([0, 255, 128, 10]);
  const binary = eventOf({ body: bytes.toString('base64'), isBase64Encoded: true }, 'POST');
  assert.deepEqual(Buffer.from(await toRequest(binary)!.arrayBuffer()), bytes);
  assert.equal(await toRequest(eventOf({}, 'POST'))?.text(), '');
  assert.equal(await toRequest(eventOf({}, 'DELETE'))?.text(), '');
});

test('toRequest() refuses what is no request', () => {
  assert.equal(toRequest(eventOf({}, 'TRACE')), undefined);
  assert.equal(toRequest(eventOf({ headers: { 'x-bad': 'a\nb' } })), undefined);
});

test('toResult() sends texts as they are and bytes as base64', async () => {
  const json = await toResult(Response.json({ a: 'ü' }, { status: 201 }), null);
  assert.deepEqual(json, {
    statusCode: 201,
    headers: { 'content-type': 'application/json', vary: 'accept-encoding' },
    body: '{"a":"ü"}',
    isBase64Encoded: false,
  });
  const bytes = new Uint8Array([0, 255, 128]);
  for (const type of ['application/octet-stream', 'text/plain']) {
    const result = await toResult(new Response(bytes, { headers: { 'content-type': type } }), null);
    assert.equal(result.isBase64Encoded, true, type);
    assert.deepEqual(new Uint8Array(Buffer.from(result.body!, 'base64')), bytes);
  }
  const empty = await toResult(new Response(null, { status: 204 }), 'gzip');
  assert.deepEqual([empty.statusCode, empty.body, empty.isBase64Encoded], [204, '', false]);
});

test('toResult() compresses long texts for callers that take gzip', async () => {
  const text = 'up '.repeat(1000);
  const answer = (acceptEncoding: string | null) =>
    toResult(new Response(text, { headers: { 'content-type': 'text/plain', vary: 'origin' } }), acceptEncoding);
  for (const taken of ['gzip', 'br, GZIP;q=0.5', '*']) {
    const result = await answer(taken);
    assert.equal(result.headers?.['content-encoding'], 'gzip', taken);
    assert.equal(result.headers?.vary, 'origin, accept-encoding');
    assert.equal(gunzipSync(Buffer.from(result.body!, 'base64')).toString(), text);
  }
  for (const refused of [null, 'br', 'gzip;q=0', 'gzip; q=0.0']) {
    const result = await answer(refused);
    assert.equal(result.headers?.['content-encoding'], undefined, String(refused));
    assert.equal(result.body, text);
  }
});

test('toResult() says so when an answer is longer than Lambda sends', async () => {
  const long = new Response('x'.repeat(6_000_000), { headers: { 'content-type': 'application/json' } });
  const result = await toResult(long, null);
  assert.equal(result.statusCode, 422);
  assert.match(result.body!, /"errorType":"execution","error":"response is 6000000 bytes, more than/);
});

test('toResult() keeps cookies apart', async () => {
  const response = new Response('', {
    headers: [
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ],
  });
  const { cookies, headers } = await toResult(response, null);
  assert.deepEqual([cookies, headers?.['set-cookie']], [['a=1', 'b=2'], undefined]);
});
