import type { ApiDeps } from '#shared/api/deps.ts';
import type { Services } from '../services.ts';
import { QUEUES } from '../settings.ts';

/** What only the entry point knows. */
export type ApiSurroundings = Pick<ApiDeps, 'auth' | 'version' | 'flags' | 'outbox' | 'reload' | 'dashboard'>;

/** What the API works with, of the services that the handlers use too. */
export function createApiDeps(services: Services, surroundings: ApiSurroundings): ApiDeps {
  const { ports, head, engine, configuration, batches, layouts, plans, registry, metrics, settings } = services;
  const { clock, random, logger, records, objects } = ports;
  const wake = (queue: string) => () => ports.queue(queue).send([{ body: '{}' }]);
  return {
    ...surroundings,
    clock,
    random,
    logger,
    records,
    objects,
    engine,
    parser: settings.features.parser,
    features: settings.features,
    batches,
    layouts,
    plans,
    registry,
    querier: () => head.querier(),
    metadata: () => head.metadata(),
    configuration: () => configuration.current(),
    wake: { discover: wake(QUEUES.discover), dispatchAlerts: wake(QUEUES.dispatchAlerts) },
    selfMetrics: () => metrics.page(),
    retentionMs: settings.retentionMs,
    queryTimeoutMs: settings.queryTimeoutMs,
    externalUrl: settings.externalUrl,
    startedAtMs: clock.nowMs(),
  };
}
