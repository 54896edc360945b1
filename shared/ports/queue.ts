/** What an SQS standard queue promises: at least once, in no order, no sooner than the delay. */
export interface Queue {
  /** Durable when it resolves. @param messages At most 10, bodies together ≤ 1 MiB. */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
}

export interface OutgoingMessage {
  readonly body: string;
  /** Whole seconds, 0–900. @default 0 */
  readonly delaySeconds?: number;
}

/** The consuming side, as Lambda's event source mapping uses it: the local process and tests drive handlers through it. */
export interface QueueConsumer {
  /** Takes up to `max` (≤ 10) due messages and hides them for the queue's visibility timeout; `[]` when none is due. */
  receive(max: number): Promise<readonly ReceivedMessage[]>;
  /** Deletes messages that were handled. A receipt that is no longer valid is ignored. */
  acknowledge(receipts: readonly string[]): Promise<void>;
  /** Unix milliseconds at which the next hidden or delayed message becomes due; `undefined` when the queue is empty. */
  nextDueMs(): Promise<number | undefined>;
}

export interface ReceivedMessage {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
  /** 1 on the first delivery. After `maxReceives` deliveries the message goes to the dead-letter queue. */
  readonly receiveCount: number;
  readonly sentAtMs: number;
}
