import type { IntegrationConfig } from '../config.ts';
import type { Notification } from '../notification.ts';
import type { DeliveryResult, Notifier, ReceiverContext } from './delivery.ts';
import { notifyEmail } from './email.ts';
import { notifyPagerduty } from './pagerduty.ts';
import { notifySlack } from './slack.ts';
import { notifySns } from './sns.ts';
import { notifyWebhook } from './webhook.ts';

type ConfigOf<Kind extends IntegrationConfig['kind']> = Extract<IntegrationConfig, { readonly kind: Kind }>;

/** How each kind of integration is notified. */
export const NOTIFIERS: { readonly [Kind in IntegrationConfig['kind']]: Notifier<ConfigOf<Kind>> } = {
  email: notifyEmail,
  pagerduty: notifyPagerduty,
  slack: notifySlack,
  sns: notifySns,
  webhook: notifyWebhook,
};

/** Sends a notification by one integration, whatever its kind. */
export function notify(
  integration: IntegrationConfig,
  notification: Notification,
  context: ReceiverContext,
): Promise<DeliveryResult> {
  const notifier = NOTIFIERS[integration.kind] as Notifier<IntegrationConfig>;
  return notifier(integration, notification, context);
}
