import type { Clock } from '#shared/ports/clock.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Queue } from '#shared/ports/queue.ts';
import type { Random } from '#shared/ports/random.ts';
import type { RecordStore, StoredRecord } from '#shared/ports/record-store.ts';
import { putOutcome } from './alerting-store.ts';
import type { AlertmanagerConfig, IntegrationConfig } from './config.ts';
import type { NotifyMessage } from './dispatch-step.ts';
import type { Notification } from './notification.ts';
import { logAttempt } from './notification-log.ts';
import { type DeliveryResult, permanentFailure, type ReceiverContext } from './receivers/delivery.ts';
import { notify } from './receivers/table.ts';

export interface NotifyPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly records: RecordStore;
  readonly objects: ObjectStore;
  readonly notifyQueue: Queue;
  readonly dispatchQueue: Queue;
  readonly receivers: Omit<ReceiverContext, 'nowMs'>;
}

export type NotifyResult =
  | { readonly kind: 'delivered' | 'failed' | 'retrying'; readonly integration: string; readonly reason?: string }
  /** Delivered or given up before, or another message takes care of the next try. */
  | { readonly kind: 'done' };

interface Delivery {
  readonly state: 'sending' | 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  /** sending: when the sender counts as dead; waiting: when the next try is due. */
  readonly untilMs: number;
}

const PARTITION = 'delivery';
const LIFE_MS = 120 * 3_600_000;
/** Longer than receivers may take, and shorter than any notification's life: a sender that died is made up for under the
 *  same id, which receivers that can take only once. */
const CLAIM_MS = 45_000;
const MAX_SKEW_MS = 2_000;
const MAX_BACKOFF_MS = 300_000;
const MAX_DELAY_SECONDS = 900;

/** Delivers one notification: claimed, sent, then marked with its outcome. At least once; once when nothing dies between
 *  sending and marking. */
export async function deliverNotification(
  message: NotifyMessage,
  config: AlertmanagerConfig,
  ports: NotifyPorts,
): Promise<NotifyResult> {
  const nowMs = ports.clock.nowMs();
  const record = await ports.records.get(PARTITION, message.id);
  const delivery = record === undefined ? undefined : deliveryOf(record);
  if (delivery?.state === 'delivered' || delivery?.state === 'failed') return { kind: 'done' };
  if (delivery?.state === 'sending' && delivery.untilMs > nowMs) {
    // Somebody is at it, or was when it died: look again when that is known.
    await ask(message, { nowMs, dueMs: delivery.untilMs, queue: ports.notifyQueue });
    return { kind: 'done' };
  }
  if (delivery?.state === 'waiting' && delivery.untilMs > nowMs + MAX_SKEW_MS) return { kind: 'done' };
  const attempts = (delivery?.attempts ?? 0) + 1;
  const claim: Delivery = { state: 'sending', attempts, untilMs: nowMs + CLAIM_MS };
  const claimed = await ports.records.write(putDelivery(message.id, claim, { nowMs, version: record?.version }));
  if (!claimed.ok) return { kind: 'done' };
  const notification = await readNotification(message, ports.objects);
  const result = await send(notification, config, { ports, nowMs });
  return settle(message, notification, { result, attempts, version: claimed.version, ports });
}

async function readNotification(message: NotifyMessage, objects: ObjectStore): Promise<Notification> {
  const object = await objects.get(message.object);
  if (object === undefined)
    throw new Error(`Cannot read notification ${message.id}: object "${message.object}" is missing`);
  const list = JSON.parse(new TextDecoder().decode(object.body)) as Notification[];
  return list[message.index];
}

async function send(
  notification: Notification,
  config: AlertmanagerConfig,
  { ports, nowMs }: { readonly ports: NotifyPorts; readonly nowMs: number },
): Promise<DeliveryResult> {
  if (nowMs >= notification.expiresAtMs) return permanentFailure('not delivered before the next notification was due');
  const integration = findIntegration(config, notification);
  if (integration === undefined) {
    return permanentFailure(
      `receiver "${notification.receiver}" has no ${notification.integration} integration any more`,
    );
  }
  return notify(integration, notification, { ...ports.receivers, nowMs });
}

function findIntegration(config: AlertmanagerConfig, notification: Notification): IntegrationConfig | undefined {
  const receiver = config.receivers.find(({ name }) => name === notification.receiver);
  const integration = receiver?.integrations[notification.integrationIndex];
  return integration?.kind === notification.integration ? integration : undefined;
}

/** Marks what came of a try, and asks for the next one if there is to be one. */
async function settle(
  message: NotifyMessage,
  notification: Notification,
  attempt: {
    readonly result: DeliveryResult;
    readonly attempts: number;
    readonly version: number;
    readonly ports: NotifyPorts;
  },
): Promise<NotifyResult> {
  const { result, attempts, version, ports } = attempt;
  const nowMs = ports.clock.nowMs();
  const log = logAttempt(notification, result, { attempts, nowMs });
  const dueMs = result.ok || !result.retry ? undefined : nowMs + backoffMs(attempts, result.retryAfterMs, ports.random);
  if (dueMs !== undefined && dueMs < notification.expiresAtMs) {
    const waiting: Delivery = { state: 'waiting', attempts, untilMs: dueMs };
    await ports.records.transact([putDelivery(message.id, waiting, { nowMs, version }), log]);
    await ask(message, { nowMs, dueMs, queue: ports.notifyQueue });
    return { kind: 'retrying', integration: notification.integration, reason: result.ok ? undefined : result.reason };
  }
  const outcome = result.ok
    ? ({ id: notification.id, ok: true } as const)
    : ({ id: notification.id, ok: false, reason: result.reason } as const);
  const state = result.ok ? 'delivered' : 'failed';
  const final: Delivery = { state, attempts, untilMs: nowMs };
  await ports.records.transact([putDelivery(message.id, final, { nowMs, version }), putOutcome(outcome), log]);
  await ports.dispatchQueue.send([{ body: '{}' }]);
  return { kind: state, integration: notification.integration, reason: result.ok ? result.fallback : result.reason };
}

/** Asks for a delivery at a later time. */
function ask(
  message: NotifyMessage,
  { nowMs, dueMs, queue }: { readonly nowMs: number; readonly dueMs: number; readonly queue: Queue },
): Promise<void> {
  const delaySeconds = Math.min(MAX_DELAY_SECONDS, Math.ceil((dueMs - nowMs) / 1000));
  return queue.send([{ body: JSON.stringify(message), delaySeconds }]);
}

/** 1 s, 2 s, 4 s … with up to as much again at random, so that receivers are not asked in step. */
function backoffMs(attempts: number, retryAfterMs: number | undefined, random: Random): number {
  if (retryAfterMs !== undefined) return Math.max(1000, retryAfterMs);
  const base = Math.min(MAX_BACKOFF_MS, 1000 * 2 ** (attempts - 1));
  return base * (1 + random.next());
}

function deliveryOf(record: StoredRecord): Delivery {
  const { state, attempts, untilMs } = record.data;
  return { state: state as Delivery['state'], attempts: Number(attempts), untilMs: Number(untilMs) };
}

function putDelivery(
  id: string,
  delivery: Delivery,
  { nowMs, version }: { readonly nowMs: number; readonly version: number | undefined },
) {
  const condition = version === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'version', version } as const);
  const data = { ...delivery };
  return { kind: 'put', partition: PARTITION, sort: id, data, expiresAtMs: nowMs + LIFE_MS, condition } as const;
}
