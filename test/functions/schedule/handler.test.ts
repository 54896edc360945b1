import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SQSEvent } from 'aws-lambda';
import { readSettings } from '#functions/aws/lambda-settings.ts';
import { createDiscoverHandler } from '#functions/discover/handler.ts';
import { createScheduleHandler } from '#functions/schedule/handler.ts';
import { createServices } from '#functions/services.ts';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';

const EVENT = { Records: [{ messageId: 'm', body: '{}' }] } as unknown as SQSEvent;

async function schedule(scrapeConfigs: string) {
  const ports = createMemoryPorts({
    clock: createVirtualClock(1_700_000_000_000),
    random: createSeededRandom(1),
    files: {
      'prometheus.yml': `scrape_configs: ${scrapeConfigs}\n`,
      'alertmanager.yml': 'route:\n  receiver: a\nreceivers:\n  - name: a\n',
    },
  });
  const services = createServices(ports, readSettings({ EXTERNAL_URL: 'https://watch.example.com' }));
  await createDiscoverHandler(services)(EVENT);
  await createScheduleHandler(services)(EVENT);
  return services.metrics.page();
}

test('nothing to scrape is told apart from nothing being scraped', async () => {
  const idle = /^emberwatch_slots_done_total\{result="idle",work="scrape"\} 1$/m;
  assert.match(await schedule('[]'), idle);
  assert.doesNotMatch(await schedule("[{ job_name: a, static_configs: [{ targets: ['a:80'] }] }]"), idle);
});
