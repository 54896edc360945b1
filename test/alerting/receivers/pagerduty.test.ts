import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PagerdutyConfig } from '#shared/alerting/config.ts';
import { groupKeyHash } from '#shared/alerting/notification.ts';
import { notifyPagerduty } from '#shared/alerting/receivers/pagerduty.ts';
import { SecretText } from '#shared/config/http-config.ts';
import { createReceiverWorld, notification, RESOLVED } from './receiver-world.ts';

const V1 = 'https://events.pagerduty.com/generic/2010-04-15/create_event.json';
const V2 = 'https://events.pagerduty.test/v2/enqueue';

function config(overrides: Partial<PagerdutyConfig> = {}): PagerdutyConfig {
  const texts = { client: 'ew', clientUrl: 'http://ew.test', source: 'ew', class: '', component: '', group: '' };
  return {
    kind: 'pagerduty',
    sendResolved: true,
    http: { followRedirects: true },
    routingKey: new SecretText('the-key'),
    url: V2,
    description: '{{ status }}',
    severity: '',
    ...texts,
    details: { num: '{{ count }}', firing: '{{ list }}', nested: { '{{ status }}': ['{{ status }}', 1] } },
    links: [],
    images: [],
    timeoutMs: 0,
    ...overrides,
  };
}

const HASH = groupKeyHash('{}:{alertname="Down"}');
const DETAILS = '{"firing":["00000000000000aa","00000000000000bb"],"nested":{"firing":["firing",1]},"num":2}';

test('notifyPagerduty() sends an event of API v2', async () => {
  const { context, ports } = createReceiverWorld({ routes: { [V2]: () => ({ status: 202 }) } });
  const links = [
    { href: 'http://x', text: 'X' },
    { href: '', text: 'none' },
  ];
  assert.deepEqual(await notifyPagerduty(config({ links }), notification(), context), { ok: true });
  assert.equal(
    ports.http.requests[0].body,
    `{"routing_key":"the-key","dedup_key":"${HASH}","event_action":"trigger","payload":{"summary":"firing","source":"ew",` +
      `"severity":"error","custom_details":${DETAILS}},"client":"ew","client_url":"http://ew.test",` +
      '"links":[{"href":"http://x","text":"X"}]}\n',
  );
});

test('notifyPagerduty() resolves by API v1', async () => {
  const { context, ports } = createReceiverWorld({ routes: { [V1]: () => ({}) }, files: { key: 'service\n' } });
  const v1 = config({ serviceKeyFile: 'key', routingKey: undefined, details: {} });
  const resolved = notification({ status: 'resolved', alerts: [RESOLVED] });
  assert.deepEqual(await notifyPagerduty(v1, resolved, context), { ok: true });
  assert.equal(
    ports.http.requests[0].body,
    `{"service_key":"service","incident_key":"${HASH}","event_type":"resolve","description":"resolved","event_action":"","payload":null}\n`,
  );
});

test('notifyPagerduty() says whether to try again', async () => {
  const refused = '{"status":"invalid event","message":"bad","errors":["a","the-key"]}';
  const cases = [
    {
      answer: { status: 400, body: refused },
      expected: { retry: false, reason: 'unexpected status code 400: bad: a,<secret>' },
    },
    { answer: { status: 400, body: '?' }, expected: { retry: false, reason: 'unexpected status code 400' } },
    { answer: { status: 403 }, expected: { retry: false, reason: 'unexpected status code 403' } },
    { answer: { status: 429 }, expected: { retry: true, reason: 'unexpected status code 429' } },
    { answer: { status: 500, body: 'x' }, expected: { retry: true, reason: 'unexpected status code 500' } },
  ];
  for (const { answer, expected } of cases) {
    const { context } = createReceiverWorld({ routes: { [V2]: () => answer } });
    assert.deepEqual(await notifyPagerduty(config(), notification(), context), { ok: false, ...expected });
  }
  const { context } = createReceiverWorld({ routes: { [V1]: () => ({ status: 403 }) } });
  const v1 = config({ serviceKey: new SecretText('s') });
  assert.equal('retry' in (await notifyPagerduty(v1, notification(), context)), true);
});

test('notifyPagerduty() keeps within the limits', async () => {
  const { context, ports } = createReceiverWorld({ routes: { [V2]: () => ({}) } });
  const large = config({ description: 'é'.repeat(2000), details: { all: 'x'.repeat(600_000) } });
  assert.deepEqual(await notifyPagerduty(large, notification(), context), { ok: true });
  const { payload } = JSON.parse(String(ports.http.requests[0].body));
  assert.equal(payload.summary, `${'é'.repeat(1023)}…`);
  assert.deepEqual(payload.custom_details, {
    error: 'Custom details have been removed because the original event exceeds the maximum size of 512KB',
  });
});

test('notifyPagerduty() replaces failing templates, but not the key', async () => {
  const { context, ports } = createReceiverWorld({ routes: { [V2]: () => ({}) } });
  const fallback = 'template: :1: function "bad" not defined';
  const failing = config({ description: '{{ bad }}', severity: '{{ bad }}', details: { a: '{{ bad }}' } });
  assert.deepEqual(await notifyPagerduty(failing, notification(), context), { ok: true, fallback });
  const { payload } = JSON.parse(String(ports.http.requests[0].body));
  assert.equal(payload.summary, '[FIRING:1] Down (severity="critical")');
  assert.equal(payload.severity, 'error');
  for (const [key, reason] of [
    ['{{ bad }}', 'failed to template PagerDuty routing key'],
    ['', 'routing key cannot be empty'],
  ]) {
    const result = await notifyPagerduty(config({ routingKey: new SecretText(key) }), notification(), context);
    assert.deepEqual(result, { ok: false, retry: false, reason });
  }
});
