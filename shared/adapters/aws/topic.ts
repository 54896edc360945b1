import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { DeliveryError, type TopicMessage, type TopicPublisher } from '#shared/ports/topic.ts';
import { checkTopicMessage, isFifoTopic } from '#shared/ports/topic-rules.ts';
import type { ClientPool } from './client-pool.ts';
import { SNS } from './clients.ts';
import { describeAwsError, isTransient } from './errors.ts';

/** Publishes to SNS topics, each in the region that its ARN names. SNS knows no idempotency key: a publish that is repeated
 *  is delivered twice, but for FIFO topics within five minutes.
 *  @param options.client The client of a region. */
export function createSnsTopics(options: {
  readonly client: (region: string | undefined) => SNSClient;
}): TopicPublisher {
  return {
    async publish(message) {
      checkTopicMessage(message);
      const region = regionOf(message.topicArn);
      try {
        const { MessageId: messageId } = await options.client(region).send(new PublishCommand(toRequest(message)));
        return { messageId: messageId! };
      } catch (error) {
        throw new DeliveryError(`Cannot publish to topic "${message.topicArn}": ${describeAwsError(error)}`, {
          cause: error,
          retry: isTransient(error),
        });
      }
    },
  };
}

/** The same with the clients of a pool. */
export function createPooledTopics(pool: ClientPool): TopicPublisher {
  return createSnsTopics({ client: (region) => pool.of(SNS, region) });
}

function toRequest({ topicArn, subject, message, attributes = {}, groupId, deduplicationId }: TopicMessage) {
  const typed = Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]);
  return {
    TopicArn: topicArn,
    Message: message,
    ...(subject !== undefined && { Subject: subject }),
    ...(typed.length > 0 && { MessageAttributes: Object.fromEntries(typed) }),
    ...(isFifoTopic(topicArn) && { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId }),
  };
}

/** `arn:aws:sns:eu-west-1:123456789012:name` → `eu-west-1`. */
function regionOf(topicArn: string): string | undefined {
  return topicArn.split(':')[3] || undefined;
}
