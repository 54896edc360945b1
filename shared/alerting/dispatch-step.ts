import type { Clock } from '#shared/ports/clock.ts';
import type { OutgoingMessage, Queue } from '#shared/ports/queue.ts';
import {
  type AlertingStorePorts,
  EMPTY_ALERTING,
  type InFlight,
  type NotificationPlace,
  prepareAlerting,
  readAlerting,
  readOutcomes,
  type StoredAlerting,
} from './alerting-store.ts';
import type { AlertmanagerConfig } from './config.ts';
import { type DispatchResult, dispatch } from './dispatch.ts';
import type { Notification } from './notification.ts';
import { readOutbox, takeOut } from './outbox.ts';
import { listSilences } from './silence-store.ts';

export interface DispatchPorts extends AlertingStorePorts {
  readonly clock: Clock;
  readonly notifyQueue: Queue;
  /** Wakes this very step. */
  readonly dispatchQueue: Queue;
}

/** The body of a message that asks for a delivery. */
export interface NotifyMessage extends NotificationPlace {
  readonly id: string;
}

export interface DispatchStep {
  readonly posted: number;
  readonly notifications: readonly Notification[];
  readonly nextDueMs: number | undefined;
}

/** Entries of each kind taken in by one transaction, which holds at most 100 writes. */
const MAX_ENTRIES = 40;
const MAX_TRIES = 5;
/** A notification whose outcome is this late is asked for again: the message may be lost. Longer than a sender's claim,
 *  shorter than any notification's life. */
const RESEND_AFTER_MS = 50_000;
const MAX_DELAY_SECONDS = 900;
const MAX_MESSAGES_PER_SEND = 10;

/** Takes in what rules, the API and receivers have to say, decides who is to be told what, and asks for the deliveries.
 *  Decisions are committed before any message is sent; a step that dies in between is made up for by a later one. */
export async function dispatchAlerts(config: AlertmanagerConfig, ports: DispatchPorts): Promise<DispatchStep> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const step = await tryStep(config, ports);
    if (step === 'conflict') continue;
    if (!step.more) return step;
    const rest = await dispatchAlerts(config, ports);
    return {
      posted: step.posted + rest.posted,
      notifications: [...step.notifications, ...rest.notifications],
      nextDueMs: rest.nextDueMs,
    };
  }
  throw new Error(`Cannot commit the alerting state: it changed ${MAX_TRIES} times while deciding`);
}

async function tryStep(
  config: AlertmanagerConfig,
  ports: DispatchPorts,
): Promise<(DispatchStep & { readonly more: boolean }) | 'conflict'> {
  const nowMs = ports.clock.nowMs();
  const stored = await readAlerting(ports);
  const before = stored?.value ?? EMPTY_ALERTING;
  const [outbox, outcomes, silences] = await Promise.all([
    readOutbox(ports, MAX_ENTRIES),
    readOutcomes(ports.records, MAX_ENTRIES),
    listSilences(ports.records),
  ]);
  const result = dispatch({
    state: before.alerting,
    config,
    posted: outbox.flatMap((entry) => entry.alerts),
    outcomes: outcomes.map(({ outcome }) => outcome),
    silences,
    nowMs,
  });
  const places = await storeNotifications(result.notifications, ports);
  const settled = new Set(outcomes.map(({ outcome }) => outcome.id));
  const { next, resend, wakeAtMs } = nextState(before, result, { places, settled, nowMs });
  const taken = [...outbox.map(takeOut), ...outcomes.map((entry) => entry.takeOut)];
  const step = {
    posted: outbox.length,
    notifications: result.notifications,
    nextDueMs: result.nextDueMs,
    more: outbox.length === MAX_ENTRIES || outcomes.length === MAX_ENTRIES,
  };
  if (taken.length === 0 && JSON.stringify(next) === JSON.stringify(before)) return step;
  const committed = await ports.records.transact([await prepareAlerting(ports, next, stored?.version), ...taken]);
  if (!committed.ok) return 'conflict';
  await sendMessages(
    ports.notifyQueue,
    [...places, ...resend].map(([id, place]) => messageOf(id, place)),
  );
  if (wakeAtMs !== undefined)
    await ports.dispatchQueue.send([{ body: '{}', delaySeconds: delayUntil(wakeAtMs, nowMs) }]);
  return step;
}

/** Stores the notifications' contents. An object whose step is not committed is never looked at. */
async function storeNotifications(
  notifications: readonly Notification[],
  ports: DispatchPorts,
): Promise<ReadonlyMap<string, NotificationPlace>> {
  if (notifications.length === 0) return new Map();
  const object = `notifications/${ports.clock.nowMs()}-${ports.random.uuid()}`;
  await ports.objects.put(object, new TextEncoder().encode(JSON.stringify(notifications)));
  return new Map(notifications.map(({ id }, index) => [id, { object, index }]));
}

function nextState(
  before: StoredAlerting,
  result: DispatchResult,
  step: {
    readonly places: ReadonlyMap<string, NotificationPlace>;
    readonly settled: ReadonlySet<string>;
    readonly nowMs: number;
  },
): { readonly next: StoredAlerting; readonly resend: Map<string, NotificationPlace>; readonly wakeAtMs?: number } {
  const { places, settled, nowMs } = step;
  const pending = new Set(Object.values(result.state.channels).map((channel) => channel.pending?.id));
  const inFlight: Record<string, InFlight> = {};
  const resend = new Map<string, NotificationPlace>();
  for (const [id, entry] of Object.entries(before.inFlight)) {
    if (settled.has(id) || !pending.has(id)) continue;
    const late = entry.sentAtMs + RESEND_AFTER_MS <= nowMs;
    if (late) resend.set(id, entry.place);
    inFlight[id] = late ? { ...entry, sentAtMs: nowMs } : entry;
  }
  for (const [id, place] of places) inFlight[id] = { place, sentAtMs: nowMs };
  const due = result.nextDueMs;
  const covered =
    before.wakeAtMs !== undefined && before.wakeAtMs > nowMs && due !== undefined && before.wakeAtMs <= due;
  const wakeAtMs = due === undefined || covered ? undefined : Math.max(due, nowMs);
  const next = { alerting: result.state, inFlight, wakeAtMs: wakeAtMs ?? (covered ? before.wakeAtMs : undefined) };
  return { next, resend, wakeAtMs };
}

function messageOf(id: string, place: NotificationPlace): OutgoingMessage {
  const body: NotifyMessage = { id, ...place };
  return { body: JSON.stringify(body) };
}

/** A wake-up further off than a message can be delayed comes early and sends the next one. */
function delayUntil(timeMs: number, nowMs: number): number {
  return Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil((timeMs - nowMs) / 1000)));
}

async function sendMessages(queue: Queue, messages: readonly OutgoingMessage[]): Promise<void> {
  for (let i = 0; i < messages.length; i += MAX_MESSAGES_PER_SEND) {
    await queue.send(messages.slice(i, i + MAX_MESSAGES_PER_SEND));
  }
}
