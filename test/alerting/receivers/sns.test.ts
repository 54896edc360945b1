import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SnsConfig } from '#shared/alerting/config.ts';
import { groupKeyHash } from '#shared/alerting/notification.ts';
import { notifySns } from '#shared/alerting/receivers/sns.ts';
import { DeliveryError } from '#shared/ports/topic.ts';
import { utf8Length } from '#shared/ports/utf8.ts';
import { createReceiverWorld, notification } from './receiver-world.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alerts';
const HASH = groupKeyHash('{}:{alertname="Down"}');
const OWN = { receiver: 'team.x', status: 'firing', severity: 'critical', group_key: HASH };

function config(overrides: Partial<SnsConfig> = {}): SnsConfig {
  const texts = { topicArn: TOPIC, subject: '[{{ status }}]', message: '{{ count }} alerts', attributes: {} };
  return { kind: 'sns', sendResolved: true, ...texts, ...overrides };
}

test('notifySns() publishes with attributes to filter by', async () => {
  const { context, ports } = createReceiverWorld();
  const attributes = { team: '{{ receiver }}', status: 'mine', empty: '' };
  assert.deepEqual(await notifySns(config({ attributes }), notification(), context), { ok: true });
  const { messageId: _, publishedAtMs: __, ...message } = ports.topic.published[0];
  assert.deepEqual(message, {
    topicArn: TOPIC,
    subject: '[firing]',
    message: '2 alerts',
    attributes: { ...OWN, team: 'team\\.x', status: 'mine' },
    idempotencyKey: notification().id,
  });
});

test('notifySns() makes a subject that SNS takes', async () => {
  const cases = [
    { subject: ' a\n\tb ', expected: 'a b' },
    { subject: 'für 😀', expected: 'f?r ?' },
    { subject: 'x'.repeat(150), expected: 'x'.repeat(100) },
    { subject: '', expected: undefined },
    { subject: ' \n', expected: undefined },
  ];
  for (const { subject, expected } of cases) {
    const { context, ports } = createReceiverWorld();
    assert.deepEqual(await notifySns(config({ subject }), notification(), context), { ok: true });
    assert.equal(ports.topic.published[0].subject, expected);
  }
});

test('notifySns() cuts a large message within 256 KB, attributes included, and says so', async () => {
  const { context, ports } = createReceiverWorld();
  assert.deepEqual(await notifySns(config({ message: '€'.repeat(100_000) }), notification(), context), { ok: true });
  const { attributes = {}, message } = ports.topic.published[0];
  const sizes = Object.entries(attributes).map(([name, value]) => name.length + 6 + value.length);
  const total = utf8Length(message) + sizes.reduce((a, b) => a + b, 0);
  assert.ok(total <= 262_144 && total > 262_140, String(total));
  assert.equal(attributes.truncated, 'true');
  assert.match(message, /^€+$/);
});

test('notifySns() orders a FIFO topic by group and deduplicates by notification', async () => {
  const { context, ports } = createReceiverWorld();
  const fifo = config({ topicArn: `${TOPIC}.fifo` });
  assert.deepEqual(await notifySns(fifo, notification(), context), { ok: true });
  assert.deepEqual(await notifySns(fifo, notification({ id: 'another' }), context), { ok: true });
  const shown = ports.topic.published.map(({ groupId, deduplicationId }) => [groupId, deduplicationId]);
  assert.deepEqual(shown, [
    [HASH, notification().id],
    [HASH, 'another'],
  ]);
});

test('notifySns() passes on what SNS refuses, and replaces failing templates', async () => {
  const { context, ports } = createReceiverWorld();
  const fallback = 'template: :1: function "bad" not defined';
  const failing = config({ subject: '{{ bad }}', message: '{{ bad }}', attributes: { a: '{{ bad }}' } });
  assert.deepEqual(await notifySns(failing, notification(), context), { ok: true, fallback });
  assert.equal(ports.topic.published[0].subject, '[FIRING:1] Down (severity="critical")');
  assert.deepEqual(ports.topic.published[0].attributes, OWN);
  assert.deepEqual(await notifySns(config({ topicArn: '{{ bad }}' }), notification(), context), {
    ok: false,
    retry: false,
    reason: `execute 'topic_arn' template: ${fallback}`,
  });
  const publish = () => Promise.reject(new DeliveryError('Throttled', { retry: true, retryAfterMs: 5 }));
  const result = await notifySns(config(), notification(), { ...context, topic: { publish } });
  assert.deepEqual(result, { ok: false, retry: true, reason: 'Throttled', retryAfterMs: 5 });
});
