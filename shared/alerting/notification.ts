import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Labels } from '#shared/model/labels.ts';
import type { Alert } from './alert.ts';
import type { IntegrationConfig } from './config.ts';
import type { NotifyReason } from './dedup.ts';

export type AlertStatus = 'firing' | 'resolved';

/** An alert as it was when a notification was decided on. Times are Unix milliseconds. */
export interface NotifiedAlert
  extends Pick<Alert, 'fingerprint' | 'labels' | 'annotations' | 'startsAtMs' | 'generatorUrl'> {
  readonly status: AlertStatus;
  /** Of resolved alerts. */
  readonly endsAtMs?: number;
}

/** One integration of one receiver of one group: what notifications are deduplicated and ordered by. */
export interface ChannelName {
  readonly groupKey: string;
  readonly receiver: string;
  readonly integration: IntegrationConfig['kind'];
  /** Position among the receiver's integrations. */
  readonly integrationIndex: number;
}

/** What one integration is to be told of one group. Plain JSON. Times are Unix milliseconds. */
export interface Notification extends ChannelName {
  /** Names the notification for ever; deterministic. */
  readonly id: string;
  /** Rises with every notification, so also from one to the next of a channel. */
  readonly sequence: number;
  readonly reason: NotifyReason;
  readonly status: AlertStatus;
  /** Ordered by job, instance and labels. Firing ones only when the integration does not send resolved ones. Never empty. */
  readonly alerts: readonly NotifiedAlert[];
  /** How many more alerts there are that a webhook's `max_alerts` left out. */
  readonly truncatedAlerts?: number;
  readonly groupLabels: Labels;
  /** The nominal time of the flush. */
  readonly dueMs: number;
  readonly repeatIntervalMs: number;
  /** It must not be sent at or after this time: the dispatcher may then decide on a newer one. */
  readonly expiresAtMs: number;
}

/** What became of a notification. `ok: false`: it will not be tried again, so that a later flush decides anew. */
export type NotificationOutcome =
  | { readonly id: string; readonly ok: true }
  | { readonly id: string; readonly ok: false; readonly reason: string };

/** A string that two channels share only when they are the same. */
export function channelKey({ groupKey, receiver, integration, integrationIndex }: ChannelName): string {
  return JSON.stringify([groupKey, receiver, integration, integrationIndex]);
}

/** 128 bits of SHA-256, as hex. */
export function notificationId(channel: ChannelName, sequence: number): string {
  return sha256Hex(`${channelKey(channel)}${sequence}`).slice(0, 32);
}

/** Alertmanager's hash of a group key, which receivers know a group by (PagerDuty's `dedup_key`).
 *  @see alertmanager/notify/util.go Key.Hash */
export function groupKeyHash(groupKey: string): string {
  return sha256Hex(groupKey);
}

/** SHA-256 of a text's UTF-8 bytes, as 64 hex digits. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
