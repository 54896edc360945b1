import { dispatchAlerts } from '#shared/alerting/dispatch-step.ts';
import type { Services } from '../services.ts';
import { QUEUES } from '../settings.ts';
import { createSqsHandler, type SqsHandler } from '../sqs.ts';

/** Decides who is to be told of which alerts. Messages only wake it: what is new is in the store. */
export function createDispatchAlertsHandler(services: Services): SqsHandler {
  const { ports, metrics, configuration } = services;
  const { clock, random, records, objects } = ports;
  const dispatchPorts = {
    clock,
    random,
    records,
    objects,
    notifyQueue: ports.queue(QUEUES.notify),
    dispatchQueue: ports.queue(QUEUES.dispatchAlerts),
  };
  const options = { name: 'dispatch-alerts', logger: ports.logger, failures: metrics.handlerFailures };
  return createSqsHandler(options, async () => {
    await dispatchAlerts((await configuration.current()).alertmanager, dispatchPorts);
  });
}
