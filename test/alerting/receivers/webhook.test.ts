import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notifyWebhook } from '#shared/alerting/receivers/webhook.ts';
import { SecretText } from '#shared/config/http-config.ts';
import { HttpRequestError } from '#shared/ports/http-client.ts';
import { webhook } from '../config-builder.ts';
import { createReceiverWorld, NOW_MS, notification } from './receiver-world.ts';

const URL = 'http://hook.test/secret-path';

test('notifyWebhook() posts version 4', async () => {
  const { context, ports } = createReceiverWorld({ routes: { [URL]: () => ({}) } });
  const config = webhook({ url: new SecretText(URL), timeoutMs: 7000 });
  assert.deepEqual(await notifyWebhook(config, notification({ truncatedAlerts: 2 }), context), { ok: true });
  const [{ body, headers, method, timeoutMs }] = ports.http.requests;
  assert.deepEqual([method, timeoutMs, headers?.['Content-Type']], ['POST', 7000, 'application/json']);
  assert.equal(
    body,
    '{"receiver":"team\\\\.x","status":"firing","alerts":[' +
      '{"status":"firing","labels":{"alertname":"Down","instance":"a","severity":"critical"},"annotations":{"summary":"it is \\u003cdown\\u003e"},"startsAt":"2024-05-01T11:59:58.5Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prom.test/?a=1\\u0026b=2","fingerprint":"00000000000000aa"},' +
      '{"status":"resolved","labels":{"alertname":"Down","instance":"b","severity":"critical"},"annotations":{"summary":"it is \\u003cdown\\u003e"},"startsAt":"2024-05-01T11:59:58.5Z","endsAt":"2024-05-01T11:59:59.95Z","generatorURL":"http://prom.test/?a=1\\u0026b=2","fingerprint":"00000000000000bb"}],' +
      '"notification_reason":"first notification","groupLabels":{"alertname":"Down"},"commonLabels":{"alertname":"Down","severity":"critical"},"commonAnnotations":{"summary":"it is \\u003cdown\\u003e"},"routeLabels":{},"externalURL":"http://ew.test","version":"4","groupKey":"{}:{alertname=\\"Down\\"}","truncatedAlerts":2}\n',
  );
});

test('notifyWebhook() reads the URL from a file, and sends credentials', async () => {
  const { context, ports } = createReceiverWorld({
    files: { 'hook-url': ` ${URL}\n` },
    routes: { [URL]: () => ({ status: 204 }) },
  });
  const http = { followRedirects: false, authorization: { type: 'Bearer', credentials: new SecretText('tok') } };
  const config = webhook({ url: undefined, urlFile: 'hook-url', http });
  assert.deepEqual(await notifyWebhook(config, notification(), context), { ok: true });
  const [{ headers, followRedirects }] = ports.http.requests;
  assert.deepEqual([headers?.Authorization, followRedirects], ['Bearer tok', false]);
});

test('notifyWebhook() says whether to try again', async () => {
  const date = new Date(NOW_MS + 90_000).toUTCString();
  const cases = [
    { answer: { status: 200 }, expected: { ok: true } },
    {
      answer: { status: 400, body: 'no' },
      expected: { ok: false, retry: false, reason: 'unexpected status code 400: no' },
    },
    { answer: { status: 302 }, expected: { ok: false, retry: false, reason: 'unexpected status code 302' } },
    {
      answer: { status: 503, body: `${URL} is down` },
      expected: { ok: false, retry: true, reason: 'unexpected status code 503: <secret> is down' },
    },
    {
      answer: { status: 429, headers: { 'retry-after': '12' } },
      expected: { ok: false, retry: true, reason: 'unexpected status code 429', retryAfterMs: 12_000 },
    },
    {
      answer: { status: 503, headers: { 'retry-after': date } },
      expected: { ok: false, retry: true, reason: 'unexpected status code 503', retryAfterMs: 90_000 },
    },
    {
      answer: { status: 429, headers: { 'retry-after': 'soon' } },
      expected: { ok: false, retry: true, reason: 'unexpected status code 429' },
    },
  ];
  for (const { answer, expected } of cases) {
    const { context } = createReceiverWorld({ routes: { [URL]: () => answer } });
    assert.deepEqual(await notifyWebhook(webhook({ url: new SecretText(URL) }), notification(), context), expected);
  }
});

test('notifyWebhook() does not show the URL when there is no answer', async () => {
  const cases = [
    { kind: 'timeout', expected: { ok: false, retry: true, reason: 'post to webhook: timed out' } },
    { kind: 'blocked', expected: { ok: false, retry: false, reason: 'post to webhook: the address is not allowed' } },
  ] as const;
  for (const { kind, expected } of cases) {
    const route = async () => {
      throw new HttpRequestError(kind, `Post "${URL}": failed`);
    };
    const { context } = createReceiverWorld({ routes: { [URL]: route } });
    assert.deepEqual(await notifyWebhook(webhook({ url: new SecretText(URL) }), notification(), context), expected);
  }
});

test('notifyWebhook() cannot do without its URL', async () => {
  const { context } = createReceiverWorld();
  const cases = [
    { config: { url: new SecretText('http://x/{{ bad }}') }, expected: 'failed to template webhook URL' },
    { config: { url: new SecretText('') }, expected: 'webhook URL is empty after templating' },
    { config: { url: undefined, urlFile: 'gone' }, expected: 'read url_file: open gone: no such file or directory' },
  ];
  for (const { config, expected } of cases) {
    const result = await notifyWebhook(webhook(config), notification(), context);
    assert.deepEqual(result, { ok: false, retry: false, reason: expected });
  }
});
