import { discoverTargets } from '#shared/discovery/discover.ts';
import { readDiscovery, writeDiscovery } from '#shared/discovery/discovery-store.ts';
import { retireGroup } from '#shared/rules/evaluate-slot.ts';
import { storedGroups } from '#shared/rules/group-store.ts';
import { groupStream } from '#shared/rules/rule-key.ts';
import { rulePorts, ruleSettings, type Services } from '../services.ts';
import { QUEUES } from '../settings.ts';
import { createSqsHandler, type SqsHandler } from '../sqs.ts';

/** Finds the targets and plans who scrapes them, once a minute and whenever something changed. */
export function createDiscoverHandler(services: Services): SqsHandler {
  const { ports, plans, registry, metrics, configuration } = services;
  const options = { name: 'discover', logger: ports.logger, failures: metrics.handlerFailures };
  return createSqsHandler(options, async () => {
    const current = await configuration.current();
    const found = await discoverTargets(current, await readDiscovery(ports), { files: ports.files, registry, plans });
    await writeDiscovery(ports, found);
    for (const problem of found.problems) ports.logger.warn(problem);
    await retireRemovedGroups(services);
    await ports.queue(QUEUES.schedule).send([{ body: '{}' }]);
  });
}

async function retireRemovedGroups(services: Services): Promise<void> {
  const { ports, configuration } = services;
  const configured = new Set((await configuration.current()).ruleGroups.map(groupStream));
  for (const stream of await storedGroups(ports.records)) {
    if (configured.has(stream)) continue;
    const context = { ports: rulePorts(services), settings: await ruleSettings(services) };
    const alerts = await retireGroup(stream, ports.clock.nowMs(), context);
    if (alerts > 0) await ports.queue(QUEUES.dispatchAlerts).send([{ body: '{}' }]);
  }
}
