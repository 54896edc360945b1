import { groupGrid, groupStream } from '#shared/rules/rule-key.ts';
import { dispatchSlots, type ScheduledStream } from '#shared/schedule/dispatcher.ts';
import type { Services } from '../services.ts';
import { QUEUES } from '../settings.ts';
import { createSqsHandler, type SqsHandler } from '../sqs.ts';

/** Sends the messages of the slots that begin soon, once a minute and whenever the plans changed; and wakes the alerting
 *  side, in case a wake-up was lost. */
export function createScheduleHandler(services: Services): SqsHandler {
  const { ports, metrics } = services;
  const options = { name: 'schedule', logger: ports.logger, failures: metrics.handlerFailures };
  return createSqsHandler(options, async () => {
    const toScrape = await scrapeStreams(services);
    // So that nothing to scrape is not taken for nothing being scraped.
    if (toScrape.length === 0) metrics.slotsDone.add(1, { work: 'scrape', result: 'idle' });
    const streams = [...toScrape, ...(await ruleStreams(services))];
    const leadMs = services.settings.dispatchLeadMs;
    await dispatchSlots(streams, { records: ports.records, nowMs: () => ports.clock.nowMs(), leadMs });
    await ports.queue(QUEUES.dispatchAlerts).send([{ body: '{}' }]);
  });
}

async function scrapeStreams({ plans, ports }: Services): Promise<ScheduledStream[]> {
  const queue = ports.queue(QUEUES.scrape);
  return (await plans.streams()).map((planned) => ({ ...planned, offsetMs: 0, queue }));
}

async function ruleStreams({ configuration, ports }: Services): Promise<ScheduledStream[]> {
  const queue = ports.queue(QUEUES.evaluateRules);
  const { ruleGroups } = await configuration.current();
  return ruleGroups.map((group) => ({ stream: groupStream(group), ...groupGrid(group), queue }));
}
