import type { OutgoingMessage, Queue } from '#shared/ports/queue.ts';
import type { RecordStore } from '#shared/ports/record-store.ts';
import { type SlotGrid, slotsBetween } from './slot.ts';

/** A stream of slots whose work is done by whoever reads `queue`. */
export interface ScheduledStream extends SlotGrid {
  readonly stream: string;
  readonly queue: Queue;
}

/** The body of a slot's message. */
export interface SlotMessage {
  readonly stream: string;
  readonly slotMs: number;
}

/** The scheduler comes once a minute, to within a minute: looking this far ahead, no slot waits for it. */
const LOOK_AHEAD_MS = 90_000;
const MAX_MESSAGES_PER_SEND = 10;
const PARTITION = 'dispatched';
/** A cursor this long unused belongs to a stream that is gone. */
const CURSOR_LIFE_MS = 7 * 86_400_000;

export interface DispatcherPorts {
  readonly records: RecordStore;
  readonly nowMs: () => number;
  /** How long before its slot a message is to be due, for what the way to a worker takes; the worker waits out the rest.
   *  @default 0 */
  readonly leadMs?: number;
}

/** Sends a message for each slot that begins soon and has none yet, delayed until just before it begins. Slots are sent,
 *  then marked as sent: one may be sent twice, and its work is idempotent. Slots that passed while nobody dispatched are
 *  not sent. @returns The number of messages sent. */
export async function dispatchSlots(streams: readonly ScheduledStream[], ports: DispatcherPorts): Promise<number> {
  const due = await Promise.all(streams.map((stream) => dueSlots(stream, ports)));
  const waiting = due.filter(({ slots }) => slots.length > 0);
  for (const [queue, group] of Map.groupBy(waiting, ({ stream }) => stream.queue)) {
    const messages = group.flatMap(({ stream, slots }) => slots.map((slotMs) => messageOf(stream, slotMs, ports)));
    for (let i = 0; i < messages.length; i += MAX_MESSAGES_PER_SEND) {
      await queue.send(messages.slice(i, i + MAX_MESSAGES_PER_SEND));
    }
  }
  await Promise.all(waiting.map((entry) => advance(entry, ports)));
  return waiting.reduce((sum, { slots }) => sum + slots.length, 0);
}

interface DueSlots {
  readonly stream: ScheduledStream;
  readonly slots: readonly number[];
  readonly version: number | undefined;
}

async function dueSlots(stream: ScheduledStream, { records, nowMs }: DispatcherPorts): Promise<DueSlots> {
  const cursor = await records.get(PARTITION, stream.stream);
  const now = nowMs();
  const after = Math.max(Number(cursor?.data.slotMs ?? 0), now - 1);
  return { stream, slots: slotsBetween(stream, after, now + LOOK_AHEAD_MS), version: cursor?.version };
}

function messageOf({ stream }: ScheduledStream, slotMs: number, ports: DispatcherPorts): OutgoingMessage {
  const body: SlotMessage = { stream, slotMs };
  const delayMs = slotMs - (ports.leadMs ?? 0) - ports.nowMs();
  return { body: JSON.stringify(body), delaySeconds: Math.max(0, Math.floor(delayMs / 1000)) };
}

/** Marks the slots as sent. Loses against another dispatcher that did the same, which then sent them too. */
async function advance({ stream, slots, version }: DueSlots, { records, nowMs }: DispatcherPorts): Promise<void> {
  await records.write({
    kind: 'put',
    partition: PARTITION,
    sort: stream.stream,
    data: { slotMs: slots[slots.length - 1] },
    expiresAtMs: nowMs() + CURSOR_LIFE_MS,
    condition: version === undefined ? { kind: 'absent' } : { kind: 'version', version },
  });
}
