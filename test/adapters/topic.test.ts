import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryHttpClient, type Route } from '#shared/adapters/memory/http-client.ts';
import { createMemoryLogger } from '#shared/adapters/memory/logger.ts';
import { createMemoryMailer } from '#shared/adapters/memory/mailer.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { type LocalTopic, openLocalTopics } from '#shared/adapters/node/topic.ts';
import type { Mail } from '#shared/ports/mailer.ts';
import { DeliveryError } from '#shared/ports/topic.ts';
import { temporaryFolder } from '../contract/harness.ts';

const ARN = 'arn:aws:sns:eu-west-1:123456789012:alerts';
const START_MS = Date.UTC(2026, 10, 22);

/** A world of its own, and topics in it that can be closed and opened again. */
async function makeWorld(options: {
  readonly topics: readonly LocalTopic[];
  readonly mailServer?: (mail: Mail) => void;
}) {
  const folder = await temporaryFolder();
  const clock = createVirtualClock(START_MS);
  const mailer = createMemoryMailer({ server: options.mailServer });
  const http = createMemoryHttpClient({ clock });
  const logger = createMemoryLogger();
  const random = createSeededRandom(1);
  const open = () => openLocalTopics(folder.path, { clock, random, mailer, http, logger, topics: options.topics });
  return { clock, mailer, http, logger, open, [Symbol.asyncDispose]: () => folder.remove() };
}

describe('the local topics', () => {
  it('hand a message to every subscriber, and list it', async () => {
    const subscribers = [
      { protocol: 'email', endpoint: 'ann@example.org' },
      { protocol: 'https', endpoint: 'https://hook.example/sns' },
      { protocol: 'outbox', endpoint: 'list' },
    ] as const;
    await using world = await makeWorld({ topics: [{ arn: ARN, subscribers }] });
    world.http.routes.set('https://hook.example/sns', () => ({}));
    const topics = world.open();
    const message = { topicArn: ARN, subject: 'High load', message: '{"a":1}', attributes: { severity: 'page' } };
    const { messageId } = await topics.publish(message);
    await topics.idle();
    const [mail] = world.mailer.sent;
    assert.deepEqual([mail.to, mail.subject, mail.text], [['ann@example.org'], 'High load', '{"a":1}']);
    const [request] = world.http.requests;
    assert.equal(request.headers?.['x-amz-sns-message-type'], 'Notification');
    assert.deepEqual(JSON.parse(String(request.body)), {
      Type: 'Notification',
      MessageId: messageId,
      TopicArn: ARN,
      Subject: 'High load',
      Message: '{"a":1}',
      Timestamp: '2026-11-22T00:00:00.000Z',
      MessageAttributes: { severity: { Type: 'String', Value: 'page' } },
    });
    assert.deepEqual(topics.listPublished(), [
      {
        ...message,
        messageId,
        publishedAtMs: START_MS,
        deliveries: subscribers.map(({ protocol, endpoint }) => ({
          protocol,
          endpoint,
          state: 'delivered',
          attempts: 1,
        })),
      },
    ]);
    await topics.close();
  });

  it('try again what is refused for now, with the same Message-ID, and others do not wait for it', async () => {
    let refusals = 3;
    const ids: string[] = [];
    await using world = await makeWorld({
      topics: [
        {
          arn: ARN,
          subscribers: [
            { protocol: 'email', endpoint: 'a@x' },
            { protocol: 'http', endpoint: 'http://h/' },
          ],
        },
      ],
      mailServer: ({ messageId }) => {
        ids.push(messageId);
        if (refusals-- > 0) throw new DeliveryError('451 later', { retry: true });
      },
    });
    world.http.routes.set('http://h/', () => ({ status: 204 }));
    const topics = world.open();
    await topics.publish({ topicArn: ARN, message: 'm' });
    await world.clock.advanceTo(START_MS + 10);
    assert.deepEqual(
      topics.listPublished()[0].deliveries.map(({ state, attempts, error }) => [state, attempts, error]),
      [
        ['pending', 1, '451 later'],
        ['delivered', 1, undefined],
      ],
    );
    await world.clock.advanceTo(START_MS + 7000);
    await topics.idle();
    assert.equal(topics.listPublished()[0].deliveries[0].attempts, 4);
    assert.equal(world.mailer.sent.length, 1);
    assert.equal(new Set(ids).size, 1);
    await topics.close();
  });

  it('give up on what is refused for good, or for a day', async () => {
    const routes: Record<string, Route> = {
      'http://gone/': () => ({ status: 410 }),
      'http://down/': () => ({ status: 503 }),
    };
    await using world = await makeWorld({
      topics: [{ arn: ARN, subscribers: Object.keys(routes).map((endpoint) => ({ protocol: 'http', endpoint })) }],
    });
    for (const [url, route] of Object.entries(routes)) world.http.routes.set(url, route);
    const topics = world.open();
    await topics.publish({ topicArn: ARN, message: 'm' });
    await world.clock.advanceTo(START_MS + 25 * 3_600_000);
    await topics.idle();
    const [gone, down] = topics.listPublished()[0].deliveries;
    assert.deepEqual([gone.state, gone.attempts, gone.error], ['failed', 1, 'unexpected status code 410']);
    assert.deepEqual([down.state, down.error], ['failed', 'unexpected status code 503']);
    assert.equal(down.attempts, world.http.requests.length - 1);
    assert.deepEqual(
      world.logger.entries.map(({ level }) => level),
      ['error', 'error'],
    );
    await topics.close();
  });

  it('go on after a restart with what is not delivered', async () => {
    let up = false;
    await using world = await makeWorld({
      topics: [{ arn: ARN, subscribers: [{ protocol: 'email', endpoint: 'a@x' }] }],
      mailServer: () => {
        if (!up) throw new Error('down');
      },
    });
    const before = world.open();
    const { messageId } = await before.publish({ topicArn: ARN, message: 'm' });
    await world.clock.advanceTo(START_MS + 1);
    await before.close();
    up = true;
    const after = world.open();
    await after.idle();
    assert.equal(world.mailer.sent.length, 1);
    assert.equal(after.listPublished()[0].messageId, messageId);
    await after.close();
  });

  it('drop duplicates of a FIFO topic, also after a restart', async () => {
    const arn = `${ARN}.fifo`;
    await using world = await makeWorld({ topics: [{ arn, subscribers: [{ protocol: 'email', endpoint: 'a@x' }] }] });
    const message = { topicArn: arn, message: 'm', groupId: 'g', deduplicationId: 'slot-7' };
    const before = world.open();
    const first = await before.publish(message);
    assert.deepEqual(await before.publish(message), first);
    await before.idle();
    await before.close();
    const after = world.open();
    assert.deepEqual(await after.publish(message), first);
    assert.equal(world.mailer.sent.length, 1);
    await world.clock.advanceTo(START_MS + 300_000);
    assert.notDeepEqual(await after.publish(message), first);
    await after.idle();
    assert.equal(after.listPublished().length, 2);
    assert.equal(after.listPublished(1).length, 1);
    await after.close();
  });

  it('refuse what SNS refuses', async () => {
    await using world = await makeWorld({ topics: [{ arn: ARN, subscribers: [] }] });
    const topics = world.open();
    const rows = [
      { message: { topicArn: 'arn:other', message: 'm' }, problem: 'topic does not exist' },
      { message: { topicArn: ARN, message: '' }, problem: 'the message is empty' },
      {
        message: { topicArn: ARN, message: 'ü'.repeat(131_073) },
        problem: 'the message is 262146 bytes, expected at most 262144',
      },
      {
        message: { topicArn: ARN, message: 'm', subject: 'a\nb' },
        problem: 'the subject is not 1 to 100 printable ASCII characters',
      },
      {
        message: { topicArn: ARN, message: 'm', deduplicationId: 'd' },
        problem: 'only a FIFO topic takes a deduplication id',
      },
      { message: { topicArn: 'x.fifo', message: 'm' }, problem: 'a FIFO topic needs a message group id' },
    ];
    for (const { message, problem } of rows) {
      const error = await topics.publish(message).then(
        () => undefined,
        (caught) => caught,
      );
      assert.ok(error instanceof DeliveryError);
      assert.equal(error.message, `Cannot publish to topic "${message.topicArn}": ${problem}`);
      assert.equal(error.retry, false);
    }
    assert.deepEqual(topics.listPublished(), []);
    await topics.close();
  });
});
