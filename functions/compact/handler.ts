import { sweepDocuments } from '#shared/ports/document.ts';
import { dropOldBlocks } from '#shared/tsdb/block-set/drop-blocks.ts';
import { dropOldObjects } from '#shared/tsdb/retention.ts';
import type { Services } from '../services.ts';
import { DAY_MS } from '../settings.ts';
import { createSqsHandler, type SqsHandler } from '../sqs.ts';

/** Longer than a notification can be on its way. */
const NOTIFICATION_LIFE_MS = 10 * DAY_MS;

/** Drops what is past its retention, once an hour. */
export function createCompactHandler(services: Services): SqsHandler {
  const { ports, metrics, settings } = services;
  const options = { name: 'compact', logger: ports.logger, failures: metrics.handlerFailures };
  return createSqsHandler(options, async () => {
    const nowMs = ports.clock.nowMs();
    const windows = await dropOldObjects(ports.objects, 'windows/', { nowMs, retentionMs: settings.retentionMs });
    const retentionMs = NOTIFICATION_LIFE_MS;
    const notifications = await dropOldObjects(ports.objects, 'notifications/', { nowMs, retentionMs });
    const documents = await sweepDocuments(ports, nowMs);
    const { objects } = ports;
    const blocks = await dropOldBlocks(
      { objects, manifest: services.blocks },
      { nowMs, retentionMs: settings.retentionMs },
    );
    ports.logger.info('Dropped what is past its retention', { windows, notifications, documents, blocks });
  });
}
