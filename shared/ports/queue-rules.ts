import type { OutgoingMessage } from './queue.ts';
import { utf8Length } from './utf8.ts';

/** How a queue is set up. */
export interface QueueSettings {
  /** How long a received message stays hidden, whole seconds, 0–43200. */
  readonly visibilityTimeoutSeconds: number;
  /** Deliveries before the message goes to the dead-letter queue, ≥ 1. */
  readonly maxReceives: number;
}

/** SQS's own default for the timeout; three tries outlast a restart, and no poison message is tried for hours. */
export const DEFAULT_QUEUE_SETTINGS: QueueSettings = { visibilityTimeoutSeconds: 30, maxReceives: 3 };

/** The most messages that one send or receive takes. */
export const MAX_MESSAGES = 10;

const MAX_BATCH_BYTES = 1_048_576;
const MAX_DELAY_SECONDS = 900;
/** What SQS refuses: everything that XML 1.0 cannot carry. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Checks a send against SQS's limits.
 *  @throws {RangeError} When there are too many messages, too many bytes, or a delay is out of range.
 *  @throws {TypeError} When a body is empty or holds control characters or lone surrogates. */
export function checkOutgoing(messages: readonly OutgoingMessage[]): void {
  if (messages.length > MAX_MESSAGES) {
    throw new RangeError(`Cannot send ${messages.length} messages: expected at most ${MAX_MESSAGES}`);
  }
  for (const message of messages) checkMessage(message);
  const bytes = messages.reduce((sum, message) => sum + utf8Length(message.body), 0);
  if (bytes > MAX_BATCH_BYTES) {
    throw new RangeError(`Cannot send messages: they are ${bytes} bytes, expected at most ${MAX_BATCH_BYTES}`);
  }
}

function checkMessage({ body, delaySeconds = 0 }: OutgoingMessage): void {
  if (body === '') throw new TypeError('Cannot send message: its body is empty');
  if (FORBIDDEN.test(body))
    throw new TypeError('Cannot send message: its body holds characters that a queue cannot carry');
  if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > MAX_DELAY_SECONDS) {
    throw new RangeError(
      `Cannot send message: delay is ${delaySeconds} s, expected whole seconds from 0 to ${MAX_DELAY_SECONDS}`,
    );
  }
}

/** @throws {RangeError} When `max` is not 1 to 10. */
export function checkReceiveMax(max: number): void {
  if (Number.isInteger(max) && max >= 1 && max <= MAX_MESSAGES) return;
  throw new RangeError(`Cannot receive messages: max is ${max}, expected 1 to ${MAX_MESSAGES}`);
}
