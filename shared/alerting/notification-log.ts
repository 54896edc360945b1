import { labelsToRecord } from '#shared/model/labels.ts';
import type { RecordStore, RecordWrite } from '#shared/ports/record-store.ts';
import type { Notification } from './notification.ts';
import type { DeliveryResult } from './receivers/delivery.ts';

/** One try to deliver a notification, as the API and the dashboard show it. */
export interface LoggedAttempt {
  readonly id: string;
  readonly timeMs: number;
  readonly receiver: string;
  readonly integration: string;
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly status: string;
  readonly reason: string;
  readonly alerts: number;
  readonly attempt: number;
  readonly ok: boolean;
  /** Why it was not delivered, or why plain text was sent in place of the templates. */
  readonly error?: string;
}

const PARTITION = 'notification-log';
const LIFE_MS = 30 * 86_400_000;

/** The write that records a try. */
export function logAttempt(
  notification: Notification,
  result: DeliveryResult,
  { attempts, nowMs }: { readonly attempts: number; readonly nowMs: number },
): RecordWrite {
  const { id, receiver, integration, groupKey, groupLabels, status, reason, alerts } = notification;
  const entry: LoggedAttempt = {
    id,
    timeMs: nowMs,
    receiver,
    integration,
    groupKey,
    groupLabels: labelsToRecord(groupLabels),
    status,
    reason,
    alerts: alerts.length,
    attempt: attempts,
    ok: result.ok,
    error: result.ok ? result.fallback : result.reason,
  };
  const sort = `${String(nowMs).padStart(15, '0')}#${id}#${attempts}`;
  return {
    kind: 'put',
    partition: PARTITION,
    sort,
    data: { json: JSON.stringify(entry) },
    expiresAtMs: nowMs + LIFE_MS,
  };
}

/** The newest tries first, at most `limit` (≤ 1000). */
export async function readNotificationLog(records: RecordStore, limit: number): Promise<readonly LoggedAttempt[]> {
  const page = await records.query({ partition: PARTITION, descending: true, limit });
  return page.records.map(({ data }) => JSON.parse(String(data.json)) as LoggedAttempt);
}
