import type { SlotMessage } from '#shared/schedule/dispatcher.ts';
import { createSlotScraper, type SlotResult } from '#shared/scrape/scrape-slot.ts';
import { type Services, scrapeConfigOf } from '../services.ts';
import { createSqsHandler, type SqsHandler } from '../sqs.ts';

/** Scrapes the targets of one stream at one slot, a message each. */
export function createScrapeHandler(services: Services): SqsHandler {
  const { ports, batches, layouts, plans, metrics } = services;
  const { clock, logger, http, secrets, files } = ports;
  const scrapeConfig = (pool: string) => scrapeConfigOf(services, pool);
  const scraper = createSlotScraper({ clock, logger, http, secrets, files, batches, layouts, plans, scrapeConfig });
  const options = { name: 'scrape', logger, failures: metrics.handlerFailures };
  return createSqsHandler<SlotMessage>(options, async (slot) => {
    const result = await scraper.scrape(slot);
    metrics.slotsDone.add(1, { work: 'scrape', result: result.kind });
    report(result, slot, services);
  });
}

function report(result: SlotResult, slot: SlotMessage, { metrics, ports }: Services): void {
  if (result.kind === 'written') {
    metrics.slotLag.observe(Math.max(0, result.latenessMs) / 1000, { work: 'scrape' });
    metrics.scrapeSlotDuration.observe(result.durationMs / 1000);
    metrics.samplesAppended.add(result.samples);
    metrics.scrapesFailed.add(result.failed);
  } else if (result.kind === 'missed') {
    ports.logger.warn('Missed a scrape slot: its message came too late', { ...slot, latenessMs: result.latenessMs });
  }
}
