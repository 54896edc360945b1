import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { SQSEvent } from 'aws-lambda';
import { createApiDeps } from '#functions/api/api-deps.ts';
import { createDiscoverHandler } from '#functions/discover/handler.ts';
import { createEvaluateRulesHandler } from '#functions/evaluate-rules/handler.ts';
import { createScheduleHandler } from '#functions/schedule/handler.ts';
import { createScrapeHandler } from '#functions/scrape/handler.ts';
import { createServices } from '#functions/services.ts';
import { DEFAULT_SETTINGS, QUEUES } from '#functions/settings.ts';
import type { SqsHandler } from '#functions/sqs.ts';
import { openAwsPorts } from '#shared/adapters/aws/aws-ports.ts';
import { createClientPool } from '#shared/adapters/aws/client-pool.ts';
import { createAwsClients } from '#shared/adapters/aws/clients.ts';
import { queueUrlVariable } from '#shared/adapters/aws/schema.ts';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { createApi } from '#shared/api/app.ts';
import { DEFAULT_QUEUE_SETTINGS } from '#shared/ports/queue-rules.ts';
import { groupGrid, groupStream } from '#shared/rules/rule-key.ts';
import { startTestEmulator, whyUnavailable } from '#test/support/emulator.ts';
import { makeBucket, makeQueue, makeTable } from './resources.ts';

/* What the units of work cost in requests to AWS, which is most of what a deployment costs. */

const INTERVAL_MS = 15_000;
const RULES = `
groups:
  - name: shop
    interval: 15s
    rules:
      - { record: job:size:sum, expr: sum by (job) (size) }
      - { alert: Large, expr: 'job:size:sum > 1e9' }
`;
const ALERTMANAGER = 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n';

/** What a page of the dashboard with eight panels asks. */
const VIEW = [
  ...Array.from({ length: 8 }, (_, i) => `/api/v1/query_range?query=sum(size)*${i}&START&step=15`),
  '/api/v1/rules',
  '/api/v1/targets',
  '/api/v2/alerts',
  '/api/v2/silences',
];

const unavailable = await whyUnavailable();

describe('requests to AWS', { skip: unavailable && `no emulator: ${unavailable}` }, () => {
  for (const { name, series, limit } of [
    {
      name: 'of a stream with 20 series, whose batches are in its records',
      series: 20,
      limit: { 'DynamoDB.GetItem': 1, 'DynamoDB.Query': 1, 'DynamoDB.PutItem': 1 },
    },
    {
      name: 'of a stream with 5,000 series, whose batches are in a window object',
      series: 5000,
      limit: {
        'DynamoDB.GetItem': 1,
        'DynamoDB.Query': 1,
        'DynamoDB.PutItem': 1,
        'S3.GetObject': 1,
        'S3.PutObject': 1,
      },
    },
  ]) {
    test(name, async (t) => {
      await using cleanup = new AsyncDisposableStack();
      const world = await openWorld(cleanup, series);
      // Layouts, plans and configurations are read once by a warm function; after that slots are alike.
      for (let slot = 1; slot <= 4; slot++) await world.slot(slot);
      const { scrape, rules } = await world.slot(5);
      report(t, 'a scrape slot', scrape);
      report(t, 'a rule group slot', rules);
      const discovery = await world.discovery();
      report(t, 'a minute of discovery', discovery);
      const cold = await world.view();
      report(t, 'a dashboard view, cold', cold);
      const again = await world.view();
      report(t, 'the same view, warm', again);
      await world.slot(6);
      const next = await world.view();
      report(t, 'the same view a slot later', next);
      atMost(scrape, limit, 'a scrape slot');
      // One of them looks which blocks there are, at most every 20 seconds.
      assert.ok(total(rules) <= 8, 'a rule group slot');
      assert.ok(total(discovery) <= 15, 'a minute of discovery');
      assert.ok(total(cold) <= 30, 'a dashboard view, cold');
      assert.ok(total(again) <= 20, 'a dashboard view, warm');
      assert.ok(total(next) <= 20, 'a dashboard view a slot later');
    });
  }
});

type Counts = Readonly<Record<string, number>>;

async function openWorld(cleanup: AsyncDisposableStack, series: number) {
  const emulator = await startTestEmulator();
  cleanup.defer(() => emulator.close());
  const clients = createAwsClients(emulator.environment);
  cleanup.defer(() => clients.close());
  const urls: [variable: string, url: string][] = [];
  for (const name of Object.values(QUEUES)) {
    urls.push([queueUrlVariable(name), (await makeQueue(clients, name, DEFAULT_QUEUE_SETTINGS)).url]);
  }
  const environment = {
    ...emulator.environment,
    ...Object.fromEntries(urls),
    TABLE_NAME: await makeTable(clients, 'emberwatch'),
    BUCKET_NAME: await makeBucket(clients, 'emberwatch', {
      'config/prometheus.yml': `
global: { scrape_interval: 15s, evaluation_interval: 15s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: shop, static_configs: [{ targets: ['shop:80'] }] }]
`,
      'config/rules.yml': RULES,
      'config/alertmanager.yml': ALERTMANAGER,
    }),
  };
  const counts = new Map<string, number>();
  const pool = createClientPool(environment, {
    onRequest: ({ service, operation }) => {
      const name = `${service}.${operation}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
  });
  cleanup.defer(() => pool.close());
  const counted = async (work: () => Promise<unknown>): Promise<Counts> => {
    counts.clear();
    await work();
    return Object.fromEntries([...counts].sort());
  };

  // A time as it is, since the emulator lets records expire by its own.
  const startMs = Math.floor(emulator.nowMs() / INTERVAL_MS) * INTERVAL_MS;
  const clock = createVirtualClock(startMs);
  let scrapes = 0;
  const page = () => {
    scrapes++;
    return Array.from({ length: series }, (_, i) => `size{i="${i}"} ${i + scrapes / 3}\n`).join('');
  };
  const memory = createMemoryPorts({
    clock,
    random: createSeededRandom(1),
    routes: { 'http://shop:80/metrics': () => ({ headers: { 'content-type': 'text/plain' }, body: page() }) },
  });
  const ports = openAwsPorts(environment, memory, { pool });
  const settings = {
    ...DEFAULT_SETTINGS,
    paths: { prometheus: 'prometheus.yml', alertmanager: 'alertmanager.yml' },
    env: () => undefined,
    externalUrl: 'http://emberwatch.example',
  };
  /** As each function has its own. */
  const services = () => createServices(ports, settings);
  const discover = createDiscoverHandler(services());
  const schedule = createScheduleHandler(services());
  const scraper = services();
  const scrape = createScrapeHandler(scraper);
  const evaluate = createEvaluateRulesHandler(services());
  const surroundings = { auth: { token: undefined, loopbackOpen: true }, version: '0', flags: {} };
  const api = createApi(createApiDeps(services(), surroundings));

  await deliver(discover, {});
  await deliver(schedule, {});
  const [planned] = await scraper.plans.streams();
  const [group] = (await scraper.configuration.current()).ruleGroups;
  const { offsetMs } = groupGrid(group);
  return {
    /** Works on the slots of one interval. */
    async slot(number: number) {
      const slotMs = startMs + number * INTERVAL_MS;
      await clock.advanceTo(slotMs);
      const scraped = await counted(() => deliver(scrape, { stream: planned.stream, slotMs }));
      await clock.advanceTo(slotMs + offsetMs);
      const ruled = await counted(() => deliver(evaluate, { stream: groupStream(group), slotMs: slotMs + offsetMs }));
      return { scrape: scraped, rules: ruled };
    },
    discovery: () =>
      counted(async () => {
        await deliver(discover, {});
        await deliver(schedule, {});
      }),
    view: () =>
      counted(async () => {
        const range = `start=${(clock.nowMs() - 60_000) / 1000}&end=${clock.nowMs() / 1000}`;
        const answers = VIEW.map((path) =>
          api.fetch(new Request(`http://localhost${path.replace('START', range)}`), { remoteIsLoopback: true }),
        );
        for (const answer of await Promise.all(answers)) assert.equal(answer.status, 200, await answer.text());
      }),
  };
}

async function deliver(handler: SqsHandler, body: object): Promise<void> {
  const event = { Records: [{ messageId: 'm', body: JSON.stringify(body) }] } as unknown as SQSEvent;
  assert.deepEqual(await handler(event), { batchItemFailures: [] });
}

const total = (counts: Counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);

function report(t: TestContext, unit: string, counts: Counts): void {
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  t.diagnostic(`${unit}: ${total(counts)} (${parts.join(', ')})`);
}

function atMost(counts: Counts, limits: Counts, unit: string): void {
  for (const [name, count] of Object.entries(counts)) {
    assert.ok(count <= (limits[name] ?? 0), `${unit} takes ${count} ${name}, more than ${limits[name] ?? 0}`);
  }
}
