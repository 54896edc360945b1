import type { SQSRecord } from 'aws-lambda';
import type { SqsHandler } from '#functions/sqs.ts';
import type { VirtualClock } from '#shared/adapters/memory/clock.ts';
import type { Ports } from '#shared/ports/ports.ts';
import type { ReceivedMessage } from '#shared/ports/queue.ts';
import type { SlotMessage } from '#shared/schedule/dispatcher.ts';
import { duplicateDelayMs, type FaultPlan, isLost } from './faults.ts';
import { createProcessPorts, type ProcessPorts } from './process-ports.ts';

/** Something that a user or the world does at a time, Unix milliseconds. */
export interface ScriptedAction {
  readonly atMs: number;
  readonly run: () => Promise<void> | void;
}

export interface DriverOptions {
  readonly clock: VirtualClock;
  /** What survives a crash. */
  readonly ports: Ports;
  /** A cold start: makes the handlers of all queues over the ports of a process. */
  readonly boot: (ports: Ports) => Readonly<Record<string, SqsHandler>>;
  readonly faults: FaultPlan;
  /** Queue → how often EventBridge sends `{}` to it, at the multiples of the period. */
  readonly ticks: Readonly<Record<string, number>>;
  /** The queues whose messages are slots. */
  readonly slotQueues: ReadonlySet<string>;
  readonly actions?: readonly ScriptedAction[];
}

export interface Driver {
  /** Does all that is due up to `untilMs`, Unix milliseconds, in order of time. */
  run(untilMs: number): Promise<void>;
  /** The first process. */
  readonly first: ProcessPorts;
  /** Messages that were handed to a handler. */
  deliveries(): number;
  /** Slots of which no message arrived, as `<stream>@<slot>`. */
  readonly lost: ReadonlySet<string>;
}

/** The most records that Lambda's event source mapping hands over at once. */
const BATCH_SIZE = 10;

/** Plays EventBridge, SQS's event source mappings and the Lambda service, one event after the other on a virtual clock.
 *  An invocation does not block the next: handlers overlap wherever they sleep. */
export function createDriver(options: DriverOptions): Driver {
  const { clock, ports, boot, faults, ticks, slotQueues } = options;
  const first = createProcessPorts(ports, faults.crash);
  const actions = (options.actions ?? []).toSorted((a, b) => a.atMs - b.atMs);
  const repeats: { readonly dueMs: number; readonly queue: string; readonly message: ReceivedMessage }[] = [];
  const nextTicks = new Map(Object.entries(ticks).map(([queue, everyMs]) => [queue, nextMultiple(clock, everyMs)]));
  const lost = new Set<string>();
  let process = first;
  let handlers = boot(process.ports);
  let deliveries = 0;

  /** An invocation of a process that dies never acknowledges. */
  async function invoke(queue: string, messages: readonly ReceivedMessage[]): Promise<void> {
    deliveries += messages.length;
    const { batchItemFailures } = await handlers[queue]({ Records: messages.map(toRecord) });
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const done = messages.filter(({ id }) => !failed.has(id));
    await ports.queue(queue).acknowledge(done.map(({ receipt }) => receipt));
  }

  async function deliver(queue: string): Promise<void> {
    for (;;) {
      const received = await ports.queue(queue).receive(BATCH_SIZE);
      if (received.length === 0) return;
      const arrived = slotQueues.has(queue) ? received.filter(({ body }) => !loses(body)) : received;
      const gone = received.filter((message) => !arrived.includes(message));
      await ports.queue(queue).acknowledge(gone.map(({ receipt }) => receipt));
      if (arrived.length === 0) continue;
      void invoke(queue, arrived);
      if (faults.duplicatesWithinMs === 0) continue;
      for (const message of arrived) {
        repeats.push({ dueMs: clock.nowMs() + duplicateDelayMs(faults, message.id), queue, message });
      }
    }
  }

  function loses(body: string): boolean {
    const slot = JSON.parse(body) as SlotMessage;
    if (!isLost(faults, slot)) return false;
    lost.add(`${slot.stream}@${slot.slotMs}`);
    return true;
  }

  async function nextDueMs(): Promise<number> {
    const dues = await Promise.all(Object.keys(handlers).map((queue) => ports.queue(queue).nextDueMs()));
    const times = [
      ...dues,
      ...nextTicks.values(),
      clock.nextWakeMs(),
      actions[0]?.atMs,
      ...repeats.map((r) => r.dueMs),
    ];
    return times.reduce((least: number, time) => Math.min(least, time ?? least), Number.POSITIVE_INFINITY);
  }

  async function doDue(): Promise<void> {
    const nowMs = clock.nowMs();
    while (actions.length > 0 && actions[0].atMs <= nowMs) await actions.shift()!.run();
    for (const [queue, dueMs] of nextTicks) {
      if (dueMs > nowMs) continue;
      await ports.queue(queue).send([{ body: '{}' }]);
      nextTicks.set(queue, dueMs + ticks[queue]);
    }
    for (const repeat of repeats.filter(({ dueMs }) => dueMs <= nowMs)) {
      repeats.splice(repeats.indexOf(repeat), 1);
      void invoke(repeat.queue, [repeat.message]);
    }
    for (const queue of Object.keys(handlers)) await deliver(queue);
  }

  async function run(untilMs: number): Promise<void> {
    for (;;) {
      const dueMs = Math.max(await nextDueMs(), clock.nowMs());
      if (dueMs > untilMs) break;
      await clock.advanceTo(dueMs);
      await doDue();
      await settle();
      if (!process.dead()) continue;
      process = createProcessPorts(ports);
      handlers = boot(process.ports);
    }
    await clock.advanceTo(untilMs);
  }

  return { run, first, lost, deliveries: () => deliveries };
}

function nextMultiple(clock: VirtualClock, everyMs: number): number {
  return Math.ceil(clock.nowMs() / everyMs) * everyMs;
}

/** A macrotask comes only after the whole promise queue. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function toRecord(message: ReceivedMessage): SQSRecord {
  const sentAt = String(message.sentAtMs);
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: sentAt,
      SenderId: 'simulation',
      ApproximateFirstReceiveTimestamp: sentAt,
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:simulation:000000000000:queue',
    awsRegion: 'simulation',
  };
}
