import { labelsToRecord } from '#shared/model/labels.ts';
import type { WebhookConfig } from '../config.ts';
import type { Notification } from '../notification.ts';
import { notificationData } from '../notification-data.ts';
import { type DeliveryResult, permanentFailure, type ReceiverContext } from './delivery.ts';
import { encodeGoJson, formatGoTime, ZERO_GO_TIME } from './go-json.ts';
import { postJson, readSecret } from './http-post.ts';
import { createRenderer } from './render.ts';

/** Posts a notification as JSON, version 4.
 *  @see alertmanager/notify/webhook/webhook.go */
export async function notifyWebhook(
  config: WebhookConfig,
  notification: Notification,
  context: ReceiverContext,
): Promise<DeliveryResult> {
  const configured = await readSecret(context, { text: config.url, file: config.urlFile, name: 'url_file' });
  if (typeof configured !== 'string') return configured;
  const url = createRenderer(context, notificationData(notification, context.externalUrl)).required(configured);
  // Neither the template's error nor the URL is shown: the URL may hold a secret.
  if (url === undefined) return permanentFailure('failed to template webhook URL');
  if (url === '') return permanentFailure('webhook URL is empty after templating');
  const body = encodeGoJson(webhookMessage(notification, context.externalUrl));
  return postJson(context, { url, body, http: config.http, timeoutMs: config.timeoutMs, name: 'webhook' });
}

/** The message that webhooks get.
 *  @see alertmanager/notify/webhook/webhook.go Message · alertmanager/template/template.go Data */
export function webhookMessage(notification: Notification, externalUrl: string): unknown {
  const data = notificationData(notification, externalUrl);
  return {
    receiver: data.receiver,
    status: data.status,
    alerts: data.alerts.map((alert) => ({
      status: alert.status,
      labels: labelsToRecord(alert.labels),
      annotations: labelsToRecord(alert.annotations),
      startsAt: formatGoTime(alert.startsAtMs),
      endsAt: alert.status === 'firing' ? ZERO_GO_TIME : formatGoTime(alert.endsAtMs),
      generatorURL: alert.generatorUrl,
      fingerprint: alert.fingerprint,
    })),
    notification_reason: data.notificationReason,
    groupLabels: labelsToRecord(data.groupLabels),
    commonLabels: labelsToRecord(data.commonLabels),
    commonAnnotations: labelsToRecord(data.commonAnnotations),
    routeLabels: labelsToRecord(data.routeLabels),
    externalURL: data.externalUrl,
    version: '4',
    groupKey: notification.groupKey,
    truncatedAlerts: notification.truncatedAlerts ?? 0,
  };
}
