import type { Clock } from '#shared/ports/clock.ts';
import type { OutgoingMessage, Queue, QueueConsumer, ReceivedMessage } from '#shared/ports/queue.ts';
import {
  checkOutgoing,
  checkReceiveMax,
  DEFAULT_QUEUE_SETTINGS,
  type QueueSettings,
} from '#shared/ports/queue-rules.ts';

/** A queue in memory, with what it gave up on. */
export interface MemoryQueue extends Queue, QueueConsumer {
  /** Messages that were delivered too often, oldest first. */
  deadLetters(): readonly DeadLetter[];
}

/** A message that a queue gave up on. */
export interface DeadLetter {
  readonly id: string;
  readonly body: string;
  readonly sentAtMs: number;
  readonly receiveCount: number;
}

/** A queue in memory. Delivers in order of due time, then of sending. */
export function createMemoryQueue(options: {
  readonly clock: Clock;
  readonly name?: string;
  readonly settings?: QueueSettings;
}): MemoryQueue {
  return new MemoryMessageQueue(options.clock, options.name ?? 'queue', options.settings ?? DEFAULT_QUEUE_SETTINGS);
}

interface QueuedMessage extends DeadLetter {
  dueMs: number;
  receiveCount: number;
  receipt: string;
}

class MemoryMessageQueue implements MemoryQueue {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #settings: QueueSettings;
  /** In order of sending. */
  readonly #messages = new Map<string, QueuedMessage>();
  readonly #deadLetters: DeadLetter[] = [];
  #sent = 0;

  constructor(clock: Clock, name: string, settings: QueueSettings) {
    this.#clock = clock;
    this.#name = name;
    this.#settings = settings;
  }

  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    checkOutgoing(messages);
    const sentAtMs = this.#clock.nowMs();
    for (const { body, delaySeconds = 0 } of messages) {
      const id = `${this.#name}-${++this.#sent}`;
      this.#messages.set(id, {
        id,
        body,
        sentAtMs,
        dueMs: sentAtMs + delaySeconds * 1000,
        receiveCount: 0,
        receipt: '',
      });
    }
  }

  async receive(max: number): Promise<readonly ReceivedMessage[]> {
    checkReceiveMax(max);
    const nowMs = this.#clock.nowMs();
    const due = [...this.#messages.values()]
      .filter((message) => message.dueMs <= nowMs)
      .sort((a, b) => a.dueMs - b.dueMs);
    const received: ReceivedMessage[] = [];
    for (const message of due) {
      if (received.length === max) break;
      if (message.receiveCount >= this.#settings.maxReceives) this.#bury(message);
      else received.push(this.#deliver(message, nowMs));
    }
    return received;
  }

  async acknowledge(receipts: readonly string[]): Promise<void> {
    for (const receipt of receipts) {
      const id = receipt.slice(0, receipt.lastIndexOf('#'));
      if (this.#messages.get(id)?.receipt === receipt) this.#messages.delete(id);
    }
  }

  async nextDueMs(): Promise<number | undefined> {
    let next: number | undefined;
    for (const { dueMs } of this.#messages.values()) if (next === undefined || dueMs < next) next = dueMs;
    return next;
  }

  deadLetters(): readonly DeadLetter[] {
    return [...this.#deadLetters];
  }

  #deliver(message: QueuedMessage, nowMs: number): ReceivedMessage {
    message.receiveCount++;
    message.receipt = `${message.id}#${message.receiveCount}`;
    message.dueMs = nowMs + this.#settings.visibilityTimeoutSeconds * 1000;
    const { id, receipt, body, receiveCount, sentAtMs } = message;
    return { id, receipt, body, receiveCount, sentAtMs };
  }

  #bury({ id, body, sentAtMs, receiveCount }: QueuedMessage): void {
    this.#messages.delete(id);
    this.#deadLetters.push({ id, body, sentAtMs, receiveCount });
  }
}
