import type { Ports } from '#shared/ports/ports.ts';
import { createCompactHandler } from '../compact/handler.ts';
import { createDiscoverHandler } from '../discover/handler.ts';
import { createDispatchAlertsHandler } from '../dispatch-alerts/handler.ts';
import { createEvaluateRulesHandler } from '../evaluate-rules/handler.ts';
import { createNotifyHandler } from '../notify/handler.ts';
import { createScheduleHandler } from '../schedule/handler.ts';
import { createScrapeHandler } from '../scrape/handler.ts';
import type { Services } from '../services.ts';
import { QUEUES } from '../settings.ts';
import type { SqsHandler } from '../sqs.ts';
import { createWakingQueue, type EventSource, startEventSource, type WakingQueue } from './event-source.ts';

/** Each queue with the handler that reads it and how many messages it works on at one time, as the deployment has it. */
export function createHandlers(
  services: Services,
): Readonly<Record<string, { readonly handler: SqsHandler; readonly concurrency: number }>> {
  return {
    [QUEUES.discover]: { handler: createDiscoverHandler(services), concurrency: 1 },
    [QUEUES.schedule]: { handler: createScheduleHandler(services), concurrency: 1 },
    [QUEUES.scrape]: { handler: createScrapeHandler(services), concurrency: 50 },
    [QUEUES.evaluateRules]: { handler: createEvaluateRulesHandler(services), concurrency: 10 },
    [QUEUES.dispatchAlerts]: { handler: createDispatchAlertsHandler(services), concurrency: 1 },
    [QUEUES.notify]: { handler: createNotifyHandler(services), concurrency: 10 },
    compact: { handler: createCompactHandler(services), concurrency: 1 },
  };
}

export interface WakingPorts extends Ports {
  queue(name: string): WakingQueue;
}

/** Ports whose queues tell their consumers at once when something is sent. */
export function withWakingQueues(ports: Ports): WakingPorts {
  const queues = new Map<string, WakingQueue>();
  return {
    ...ports,
    queue(name: string) {
      let queue = queues.get(name);
      if (queue === undefined) queues.set(name, (queue = createWakingQueue(ports.queue(name), ports.clock)));
      return queue;
    },
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Runs all handlers over their queues, and ticks as EventBridge does in the cloud: each minute discovery, each hour
 *  retention; both once at the start. */
export function startPipeline(services: Services, ports: WakingPorts): EventSource {
  const { clock, logger } = ports;
  const sources = Object.entries(createHandlers(services)).map(([name, { handler, concurrency }]) =>
    startEventSource({ queue: ports.queue(name), handler, concurrency, clock, logger }),
  );
  const stopping = new AbortController();
  const tick = async (queue: string, everyMs: number) => {
    while (!stopping.signal.aborted) {
      try {
        await ports.queue(queue).send([{ body: '{}' }]);
      } catch (error) {
        logger.error('Cannot tick', { queue, error });
      }
      await clock.sleep(everyMs - (clock.nowMs() % everyMs), stopping.signal).catch(() => {});
    }
  };
  void tick(QUEUES.discover, MINUTE_MS);
  void tick('compact', HOUR_MS);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(sources.map((source) => source.stop()));
    },
  };
}
