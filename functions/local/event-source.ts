import type { SQSRecord } from 'aws-lambda';
import type { Clock } from '#shared/ports/clock.ts';
import type { Logger } from '#shared/ports/logger.ts';
import type { OutgoingMessage, Queue, QueueConsumer, ReceivedMessage } from '#shared/ports/queue.ts';
import type { SqsHandler } from '../sqs.ts';

/** What Lambda's event source mapping does, in one process: hands the messages of a queue to a handler. */
export interface EventSource {
  /** Takes no more messages, and resolves when those in work are done. */
  stop(): Promise<void>;
}

interface EventSourceOptions {
  readonly queue: WakingQueue;
  readonly handler: SqsHandler;
  /** Messages in work at one time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often a queue is looked at that nobody sent to. */
const MAX_IDLE_MS = 1000;
const MAX_RECEIVE = 10;
const REPEAT_COMPLAINT_MS = 60_000;

export function startEventSource(options: EventSourceOptions): EventSource {
  const { queue, handler, concurrency, clock, logger } = options;
  const inWork = new Set<Promise<void>>();
  let stopped = false;
  let complaint = { message: '', timeMs: 0 };

  async function work(message: ReceivedMessage): Promise<void> {
    try {
      const { batchItemFailures } = await handler({ Records: [toRecord(message)] });
      if (batchItemFailures.length === 0) await queue.acknowledge([message.receipt]);
    } catch (error) {
      logger.error('Cannot handle message', { messageId: message.id, error });
    }
  }

  function start(message: ReceivedMessage): void {
    const done = work(message).finally(() => {
      inWork.delete(done);
      queue.wake();
    });
    inWork.add(done);
  }

  /** A full disk is met every second: it is said once a minute. */
  function complain(error: Error): void {
    if (error.message === complaint.message && clock.nowMs() < complaint.timeMs + REPEAT_COMPLAINT_MS) return;
    complaint = { message: error.message, timeMs: clock.nowMs() };
    logger.error('Cannot read queue', { error });
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const free = Math.min(MAX_RECEIVE, concurrency - inWork.size);
      try {
        const messages = free > 0 ? await queue.receive(free) : [];
        for (const message of messages) start(message);
        if (messages.length > 0 && messages.length === free) continue;
        const dueMs = free > 0 ? await queue.nextDueMs() : undefined;
        await queue.woken(Math.max(1, Math.min(MAX_IDLE_MS, (dueMs ?? Number.POSITIVE_INFINITY) - clock.nowMs())));
      } catch (error) {
        complain(error as Error);
        await clock.sleep(MAX_IDLE_MS);
      }
    }
    await Promise.all(inWork);
  }

  const running = run();
  return {
    stop() {
      stopped = true;
      queue.wake();
      return running;
    },
  };
}

/** A queue that tells its consumer at once when something is sent. */
export interface WakingQueue extends Queue, QueueConsumer {
  wake(): void;
  /** Resolves when woken, at the latest after `maxMs`. */
  woken(maxMs: number): Promise<void>;
}

export function createWakingQueue(queue: Queue & QueueConsumer, clock: Clock): WakingQueue {
  let wakeUp: AbortController | undefined;
  let pending = false;
  const wake = () => {
    pending = true;
    wakeUp?.abort();
  };
  return {
    async send(messages: readonly OutgoingMessage[]) {
      await queue.send(messages);
      wake();
    },
    receive: (max) => queue.receive(max),
    acknowledge: (receipts) => queue.acknowledge(receipts),
    nextDueMs: () => queue.nextDueMs(),
    wake,
    async woken(maxMs) {
      if (!pending) {
        wakeUp = new AbortController();
        await clock.sleep(maxMs, wakeUp.signal).catch(() => {});
        wakeUp = undefined;
      }
      pending = false;
    },
  };
}

function toRecord(message: ReceivedMessage): SQSRecord {
  const received = String(message.receiveCount);
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: received,
      SentTimestamp: String(message.sentAtMs),
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: String(message.sentAtMs),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:local:000000000000:local',
    awsRegion: 'local',
  };
}
