import type { NotifyMessage } from '#shared/alerting/dispatch-step.ts';
import { deliverNotification, type NotifyResult } from '#shared/alerting/notify-step.ts';
import type { Services } from '../services.ts';
import { QUEUES } from '../settings.ts';
import { createSqsHandler, type SqsHandler } from '../sqs.ts';
import { receiverContext } from './receiver-context.ts';

/** Delivers one notification, a message each. */
export function createNotifyHandler(services: Services): SqsHandler {
  const { ports, metrics, configuration } = services;
  const { clock, random, records, objects } = ports;
  const queues = { notifyQueue: ports.queue(QUEUES.notify), dispatchQueue: ports.queue(QUEUES.dispatchAlerts) };
  const options = { name: 'notify', logger: ports.logger, failures: metrics.handlerFailures };
  return createSqsHandler<NotifyMessage>(options, async (message) => {
    const { alertmanager } = await configuration.current();
    const receivers = await receiverContext(services);
    const result = await deliverNotification(message, alertmanager, {
      clock,
      random,
      records,
      objects,
      receivers,
      ...queues,
    });
    report(result, message, services);
  });
}

function report(result: NotifyResult, { id }: NotifyMessage, { metrics, ports }: Services): void {
  switch (result.kind) {
    case 'done':
      return;
    case 'delivered':
      metrics.notifications.add(1, { integration: result.integration });
      if (result.reason !== undefined)
        ports.logger.warn('Sent plain text in place of a template', { id, reason: result.reason });
      return;
    case 'retrying':
    case 'failed':
      metrics.notifications.add(1, { integration: result.integration });
      if (result.kind === 'failed') metrics.notificationsFailed.add(1, { integration: result.integration });
      ports.logger.warn(`Notification ${result.kind}`, { id, integration: result.integration, reason: result.reason });
  }
}
