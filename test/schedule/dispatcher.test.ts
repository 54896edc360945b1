import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createVirtualClock, type VirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryRecordStore } from '#shared/adapters/memory/record-store.ts';
import type { OutgoingMessage, Queue } from '#shared/ports/queue.ts';
import type { RecordStore } from '#shared/ports/record-store.ts';
import { dispatchSlots, type SlotMessage } from '#shared/schedule/dispatcher.ts';

/** A slot whose message becomes due at `dueMs`. */
interface Sent {
  readonly stream: string;
  readonly slotMs: number;
  readonly dueMs: number;
}

interface World {
  readonly clock: VirtualClock;
  readonly records: RecordStore;
  readonly sent: Sent[];
  /** Makes the next sends fail after, or before, the message is in the queue. */
  fail: 'never' | 'before' | 'after';
  /** Dispatches the streams `name → interval, offset` in seconds. */
  dispatch(streams: Readonly<Record<string, readonly [interval: number, offset: number]>>): Promise<number>;
}

/** A common multiple of the intervals; times are shown from here. */
const BASE_MS = 3_600_000_000;

function openWorld(startMs = 0): World {
  const clock = createVirtualClock(BASE_MS + startMs);
  const records = createMemoryRecordStore({ clock });
  const sent: Sent[] = [];
  const queue: Queue = {
    async send(messages) {
      assert.ok(messages.length <= 10);
      if (world.fail === 'before') throw new Error('no queue');
      sent.push(...messages.map((message) => toSent(message, clock.nowMs())));
      if (world.fail === 'after') throw new Error('no answer');
    },
  };
  const world: World = {
    clock,
    records,
    sent,
    fail: 'never',
    dispatch(streams) {
      const scheduled = Object.entries(streams).map(([stream, [interval, offset]]) => {
        return { stream, intervalMs: interval * 1000, offsetMs: offset * 1000, queue };
      });
      return dispatchSlots(scheduled, { records, nowMs: () => clock.nowMs() });
    },
  };
  return world;
}

function toSent({ body, delaySeconds = 0 }: OutgoingMessage, nowMs: number): Sent {
  const { stream, slotMs } = JSON.parse(body) as SlotMessage;
  return { stream, slotMs, dueMs: nowMs + delaySeconds * 1000 };
}

const slotsOf = (sent: readonly Sent[]) => sent.map(({ slotMs }) => (slotMs - BASE_MS) / 1000);

test('dispatchSlots() sends the slots of the next 90 s, each once', async () => {
  const { clock, sent, dispatch } = openWorld();
  assert.equal(await dispatch({ a: [15, 0] }), 7);
  assert.deepEqual(slotsOf(sent), [0, 15, 30, 45, 60, 75, 90]);
  assert.equal(await dispatch({ a: [15, 0] }), 0);
  await clock.advanceTo(BASE_MS + 60_000);
  assert.equal(await dispatch({ a: [15, 0] }), 4);
  assert.deepEqual(slotsOf(sent).slice(7), [105, 120, 135, 150]);
});

test('messages become due in the second before their slot, never after it', async () => {
  const { clock, sent, dispatch } = openWorld();
  await clock.advanceTo(BASE_MS + 300);
  await dispatch({ a: [15, 7] });
  assert.deepEqual(sent.slice(0, 2), [
    { stream: 'a', slotMs: BASE_MS + 7_000, dueMs: BASE_MS + 6_300 },
    { stream: 'a', slotMs: BASE_MS + 22_000, dueMs: BASE_MS + 21_300 },
  ]);
  for (const { slotMs, dueMs } of sent) assert.ok(dueMs <= slotMs && dueMs > slotMs - 1000);
});

test('more slots than a send may have go in several', async () => {
  const { sent, dispatch } = openWorld();
  assert.equal(await dispatch({ a: [1, 0], b: [5, 0], c: [10, 3] }), 91 + 19 + 9);
  assert.equal(new Set(sent.map(({ stream, slotMs }) => `${stream} ${slotMs}`)).size, sent.length);
});

test('slots that passed while nobody dispatched are not sent', async () => {
  const { clock, sent, dispatch } = openWorld();
  await dispatch({ a: [30, 0] });
  await clock.advanceTo(BASE_MS + 3_600_000);
  await dispatch({ a: [30, 0] });
  assert.deepEqual(slotsOf(sent), [0, 30, 60, 90, 3600, 3630, 3660, 3690]);
});

test('a new stream begins with the slot of now', async () => {
  const { sent, dispatch } = openWorld(1_000_000);
  await dispatch({ a: [100, 0] });
  assert.deepEqual(slotsOf(sent), [1000]);
});

test('a crash between send and mark sends the slots again', async () => {
  const world = openWorld();
  world.fail = 'after';
  await assert.rejects(world.dispatch({ a: [30, 0] }), /no answer/);
  world.fail = 'never';
  await world.dispatch({ a: [30, 0] });
  assert.deepEqual(slotsOf(world.sent), [0, 30, 60, 90, 0, 30, 60, 90]);
});

test('a send that fails marks nothing as sent', async () => {
  const world = openWorld();
  world.fail = 'before';
  await assert.rejects(world.dispatch({ a: [30, 0], b: [30, 0] }), /no queue/);
  world.fail = 'never';
  assert.equal(await world.dispatch({ a: [30, 0], b: [30, 0] }), 8);
});

test('two dispatchers at the same time skip no slot', async () => {
  const { clock, sent, dispatch } = openWorld();
  await Promise.all([dispatch({ a: [30, 0] }), dispatch({ a: [30, 0] })]);
  await clock.advanceTo(BASE_MS + 60_000);
  await Promise.all([dispatch({ a: [30, 0] }), dispatch({ a: [30, 0] })]);
  assert.deepEqual([...new Set(slotsOf(sent))], [0, 30, 60, 90, 120, 150]);
});

test('an interval that changes keeps to what was sent', async () => {
  const { clock, sent, dispatch } = openWorld();
  await dispatch({ a: [30, 0] });
  await clock.advanceTo(BASE_MS + 60_000);
  await dispatch({ a: [20, 0] });
  assert.deepEqual(slotsOf(sent), [0, 30, 60, 90, 100, 120, 140]);
});

test('while a dispatcher comes at least every 90 s, each slot is sent before it begins, and once', async () => {
  const pauses = fc.array(fc.integer({ min: 1, max: 90_000 }), { maxLength: 40 });
  const property = fc.asyncProperty(pauses, fc.integer({ min: 1, max: 70 }), async (pausesMs, interval) => {
    const { clock, sent, dispatch } = openWorld();
    const offset = interval - 1;
    await dispatch({ a: [interval, offset] });
    for (const pauseMs of pausesMs) {
      await clock.advanceTo(clock.nowMs() + pauseMs);
      await dispatch({ a: [interval, offset] });
    }
    const seconds = Array.from({ length: (clock.nowMs() - BASE_MS) / 1000 + 91 }, (_, second) => second);
    const isSlot = (second: number) => (BASE_MS / 1000 + second - offset) % interval === 0;
    assert.deepEqual(slotsOf(sent), seconds.filter(isSlot));
    for (const { slotMs, dueMs } of sent) assert.ok(dueMs <= slotMs);
  });
  await fc.assert(property, { seed: 7, numRuns: 50 });
});

test('dispatchSlots() makes messages due before their slots by the lead, and never in the past', async () => {
  const clock = createVirtualClock(BASE_MS + 200);
  const sent: Sent[] = [];
  const queue: Queue = {
    send: async (messages) => void sent.push(...messages.map((message) => toSent(message, clock.nowMs()))),
  };
  const stream = { stream: 's', intervalMs: 1000, offsetMs: 0, queue };
  const records = createMemoryRecordStore({ clock });
  await dispatchSlots([stream], { records, nowMs: () => clock.nowMs(), leadMs: 1500 });
  const leads = sent.slice(0, 4).map(({ slotMs, dueMs }) => slotMs - dueMs);
  assert.deepEqual(leads, [800, 1800, 1800, 1800]);
});
