import { DeliveryError, type TopicMessage } from './topic.ts';
import { utf8Length } from './utf8.ts';

const MAX_MESSAGE_BYTES = 262_144;
const SUBJECT = /^[\x20-\x7e]{1,100}$/;

/** How long a FIFO topic remembers a deduplication id. */
export const DEDUPLICATION_MS = 300_000;

/** Whether the topic keeps order and drops repeated deduplication ids. */
export function isFifoTopic(topicArn: string): boolean {
  return topicArn.endsWith('.fifo');
}

/** Checks a publish as SNS does before accepting it.
 *  @throws {DeliveryError} Not to be retried. */
export function checkTopicMessage(message: TopicMessage): void {
  const problem = messageProblem(message);
  if (problem === undefined) return;
  throw new DeliveryError(`Cannot publish to topic "${message.topicArn}": ${problem}`, { retry: false });
}

function messageProblem({ topicArn, subject, message, groupId, deduplicationId }: TopicMessage): string | undefined {
  if (subject !== undefined && !SUBJECT.test(subject)) return 'the subject is not 1 to 100 printable ASCII characters';
  if (message === '') return 'the message is empty';
  const bytes = utf8Length(message);
  if (bytes > MAX_MESSAGE_BYTES) return `the message is ${bytes} bytes, expected at most ${MAX_MESSAGE_BYTES}`;
  if (isFifoTopic(topicArn) && groupId === undefined) return 'a FIFO topic needs a message group id';
  if (!isFifoTopic(topicArn) && deduplicationId !== undefined) return 'only a FIFO topic takes a deduplication id';
  return undefined;
}
