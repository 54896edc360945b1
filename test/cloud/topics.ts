import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Backoff } from '#shared/adapters/aws/backoff.ts';
import { type AwsClients, createAwsClients } from '#shared/adapters/aws/clients.ts';
import { createSqsQueue } from '#shared/adapters/aws/queue.ts';
import { createSnsTopics } from '#shared/adapters/aws/topic.ts';
import { DeliveryError, type TopicMessage } from '#shared/ports/topic.ts';
import { type Open, openForSuite, uniqueName } from '../contract/harness.ts';
import { CONTRACT_QUEUE_SETTINGS } from '../contract/queue.ts';
import { makeQueue, makeTopic } from './resources.ts';

/** What the suite makes its topics with. */
export interface TopicWorld {
  readonly clients: AwsClients;
  readonly backoff: Backoff;
}

/** What topics do, as one of their subscribers sees it: a queue. */
export function describeTopics(name: string, open: Open<TopicWorld>): void {
  describe(`${name}: topics`, () => {
    const opened = openForSuite(open);

    async function makeSubscribedTopic(options: { suffix?: string; filter?: Record<string, string[]> } = {}) {
      const { clients, backoff } = opened().port;
      const { suffix = '', filter } = options;
      const queue = await makeQueue(clients, uniqueName('subscriber') + suffix, CONTRACT_QUEUE_SETTINGS);
      const topicArn = await makeTopic(clients, uniqueName('topic') + suffix, { queueArn: queue.arn, filter });
      const topics = createSnsTopics({ client: clients.sns });
      const { url } = queue;
      const subscriber = createSqsQueue({ client: clients.sqs(), name: 'subscriber', url, backoff, waitSeconds: 0 });
      const received = async () => (await subscriber.receive(10)).map(({ body }) => JSON.parse(body) as Envelope);
      return {
        topicArn,
        received,
        publish: (message: Partial<TopicMessage>) => topics.publish({ topicArn, message: 'x', ...message }),
      };
    }

    it('publish() hands the message to the subscriber, whole', async () => {
      const { topicArn, received, publish } = await makeSubscribedTopic();
      const { messageId } = await publish({
        subject: 'High load',
        message: 'ünï \u{1f525}\n{"a":1}',
        attributes: { severity: 'page' },
        idempotencyKey: 'once',
      });
      const [envelope, ...others] = await received();
      assert.equal(others.length, 0);
      assert.deepEqual(
        [envelope.MessageId, envelope.TopicArn, envelope.Subject, envelope.Message],
        [messageId, topicArn, 'High load', 'ünï \u{1f525}\n{"a":1}'],
      );
      assert.deepEqual(envelope.MessageAttributes, { severity: { Type: 'String', Value: 'page' } });
    });

    it('attributes decide which subscriptions get a message', async () => {
      const { received, publish } = await makeSubscribedTopic({ filter: { severity: ['page'] } });
      for (const severity of ['info', 'page']) await publish({ message: severity, attributes: { severity } });
      assert.deepEqual(
        (await received()).map(({ Message }) => Message),
        ['page'],
      );
    });

    it('a FIFO topic takes a deduplication id once', async () => {
      const { received, publish } = await makeSubscribedTopic({ suffix: '.fifo' });
      for (const [message, deduplicationId] of [
        ['first', 'a'],
        ['again', 'a'],
        ['second', 'b'],
      ]) {
        await publish({ message, groupId: 'g', deduplicationId });
      }
      const messages = (await received()).map(({ Message }) => Message);
      assert.deepEqual(messages, ['first', 'second']);
    });

    it('publish() refuses what SNS refuses, without a retry', async () => {
      const { topicArn, received, publish } = await makeSubscribedTopic();
      const rows: Partial<TopicMessage>[] = [
        { message: '' },
        { message: 'x'.repeat(262_145) },
        { subject: 'two\nlines' },
        { topicArn: `${topicArn}-none` },
        { topicArn: 'arn:aws:sns:us-east-1:000000000000:none.fifo' },
      ];
      for (const row of rows) await assert.rejects(publish(row), refusal({ retry: false }));
      assert.deepEqual(await received(), []);
    });

    it('publish() asks for a retry where SNS does not answer', async () => {
      const clients = createAwsClients({
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      });
      const topics = createSnsTopics({ client: clients.sns });
      const message = { topicArn: 'arn:aws:sns:us-east-1:000000000000:a', message: 'x' };
      await assert.rejects(topics.publish(message), refusal({ retry: true }));
      clients.close();
    });
  });
}

/** What SNS puts around a message for a queue. */
interface Envelope {
  readonly MessageId: string;
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly MessageAttributes?: unknown;
}

function refusal({ retry }: { readonly retry: boolean }) {
  return (error: unknown) => {
    assert.ok(error instanceof DeliveryError, String(error));
    assert.match(error.message, /^Cannot publish to topic "/);
    assert.equal(error.retry, retry, error.message);
    return true;
  };
}
