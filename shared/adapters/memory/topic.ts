import type { Clock } from '#shared/ports/clock.ts';
import type { Random } from '#shared/ports/random.ts';
import type { TopicMessage, TopicPublisher } from '#shared/ports/topic.ts';
import { checkTopicMessage, DEDUPLICATION_MS, isFifoTopic } from '#shared/ports/topic-rules.ts';

/** A topic that keeps what was published to it. */
export interface MemoryTopic extends TopicPublisher {
  /** Every accepted message that was not a duplicate, in order. */
  readonly published: readonly PublishedMessage[];
}

/** A message as a topic took it. */
export interface PublishedMessage extends TopicMessage {
  readonly messageId: string;
  readonly publishedAtMs: number;
}

/** @param options.subscriber Is given each message before `publish` resolves; what it throws, `publish` throws. */
export function createMemoryTopic(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly subscriber?: (message: PublishedMessage) => void | Promise<void>;
}): MemoryTopic {
  const { clock, random, subscriber } = options;
  const published: PublishedMessage[] = [];
  return {
    published,
    async publish(message) {
      checkTopicMessage(message);
      const publishedAtMs = clock.nowMs();
      const duplicate = published.findLast((earlier) => isDuplicate(earlier, message, publishedAtMs));
      if (duplicate !== undefined) return { messageId: duplicate.messageId };
      const accepted = { ...message, messageId: random.uuid(), publishedAtMs };
      await subscriber?.(accepted);
      published.push(accepted);
      return { messageId: accepted.messageId };
    },
  };
}

function isDuplicate(earlier: PublishedMessage, message: TopicMessage, nowMs: number): boolean {
  if (earlier.topicArn !== message.topicArn) return false;
  if (message.idempotencyKey !== undefined && earlier.idempotencyKey === message.idempotencyKey) return true;
  return (
    isFifoTopic(message.topicArn) &&
    message.deduplicationId !== undefined &&
    earlier.deduplicationId === message.deduplicationId &&
    nowMs - earlier.publishedAtMs < DEDUPLICATION_MS
  );
}
