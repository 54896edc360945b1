import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { type AwsClients, createAwsClients } from '#shared/adapters/aws/clients.ts';
import { createS3ObjectStore } from '#shared/adapters/aws/object-store.ts';
import { createSqsQueue } from '#shared/adapters/aws/queue.ts';
import { createDynamoRecordStore } from '#shared/adapters/aws/record-store.ts';
import { createSystemClock } from '#shared/adapters/node/clock.ts';
import { createSystemRandom } from '#shared/adapters/node/random.ts';
import { DEFAULT_QUEUE_SETTINGS } from '#shared/ports/queue-rules.ts';
import { createPlanStore } from '#shared/scrape/shard-plan.ts';
import { startTestEmulator, whyUnavailable } from '#test/support/emulator.ts';
import { temporaryFolder } from '#test/support/local-process.ts';
import { startScriptedExporter } from '#test/support/scripted-exporter.ts';
import { PIPELINE } from '../../infra/pipeline.ts';
import { whyNoCdk } from '../../localstack/cdk.ts';
import { type Deployment, deploy } from './deployment.ts';
import { allowSecret } from './emulator-roles.ts';
import { readLogs } from './function-logs.ts';
import { makeQueue, makeTopic } from './resources.ts';

/* The CDK app as users deploy it, on an emulator, in real time: about two minutes. */

const TIMEOUT_MS = 240_000;
const SLOT_SECONDS = 15;
/** From registering a target to two samples of it, and from losing it to the notification. */
const PATIENCE_MS = 75_000;
const NUDGE_MS = 100;
/** Scrapes that have a page of their own. */
const PAGES = 100;

const FILES = {
  'prometheus.yml': `
global: { scrape_interval: ${SLOT_SECONDS}s, evaluation_interval: 5s }
rule_files: [rules/*.yml]
`,
  'rules/up.yml': `
groups:
  - name: up
    rules:
      - { alert: TargetDown, expr: up == 0, for: 10s, annotations: { summary: '{{ $labels.job }} is down' } }
`,
  'alertmanager.yml': `
route: { receiver: topic, group_by: [alertname], group_wait: 1s }
receivers:
  - name: topic
    sns_configs: [{ topic_arn: '\${ALERT_TOPIC_ARN}', subject: '{{ .GroupLabels.alertname }}', sigv4: {} }]
`,
};

const unavailable = whyNoCdk() ?? (await whyUnavailable());

describe('the deployed app', { skip: unavailable && `no emulator: ${unavailable}` }, () => {
  test('scrapes, evaluates and notifies, and can be destroyed', { timeout: TIMEOUT_MS }, async (t) => {
    await using cleanup = new AsyncDisposableStack();
    const world = await openWorld(cleanup);
    const { deployment, exporter } = world;
    describeDeployment(t, deployment);

    await refusesStrangers(deployment, t);
    await register(deployment, exporter.address);
    const samples = await scrapedSamples(deployment);
    t.diagnostic(`${samples.length} samples at ${samples.map(([seconds]) => seconds).join(', ')}`);
    await ignoresDuplicatesAndLateSlots(world, samples);
    await measureQueries(deployment, t);
    // Its own time would come in an hour.
    await world.compactQueue.send([{ body: '{}' }]);

    await exporter.close();
    await raisesAlert(deployment, exporter.address);
    const { Subject, Message } = await notification(world);
    assert.equal(Subject, 'TargetDown');
    assert.match(Message, /shop is down/);
    assert.deepEqual(await query(deployment, 'shop_scrapes_total'), [], 'a series of a target that is gone is stale');

    const deadLetters = await deployment.deadLetters();
    assert.equal(deadLetters.size, PIPELINE.length, 'nobody is subscribed by mail');
    assert.deepEqual(
      [...deadLetters].filter(([, messages]) => messages > 0),
      [],
    );
    await world.emulator.enforceRoles(false);
    await checkLogs(world);
    assert.deepEqual(await deployment.destroy(), []);
  });
});

/** What the functions said while they worked: nothing that has failed, no secret, and numbers of each. */
async function checkLogs({ emulator, deployment }: World): Promise<void> {
  const groups = { endpoint: emulator.environment.AWS_ENDPOINT_URL, groupStart: '' };
  const lines = (await readLogs(groups)).map(({ message }) => message);
  const entries = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  assert.deepEqual(
    entries.filter(({ level }) => level === 'ERROR'),
    [],
  );
  assert.ok(!lines.some((line) => line.includes(deployment.token)), 'the token is in a log');
  const told = new Set(entries.filter(({ _aws }) => _aws !== undefined).map(({ service }) => service));
  for (const { name } of PIPELINE) assert.ok(told.has(name), `no metrics of ${name}`);
  assert.ok(entries.some(({ service, SlotsHandled }) => service === 'scrape' && SlotsHandled === 1));
  assert.ok(entries.some(({ service, Notifications }) => service === 'notify' && Notifications === 1));
}

type World = Awaited<ReturnType<typeof openWorld>>;
/** Unix seconds, value. */
type Sample = readonly [seconds: number, value: string];

async function openWorld(cleanup: AsyncDisposableStack) {
  const emulator = await startTestEmulator();
  cleanup.defer(() => emulator.close());
  const clients = createAwsClients(emulator.environment);
  cleanup.defer(() => clients.close());
  // Each scrape gets another value, so that one done twice would be seen.
  const pages = Array.from({ length: PAGES }, (_, k) => `# TYPE shop_scrapes_total counter\nshop_scrapes_total ${k}\n`);
  const exporter = await startScriptedExporter({ '/metrics': pages }, { intervalMs: 0, nowMs: Date.now });
  cleanup.defer(() => exporter.close());
  const folder = await temporaryFolder();
  cleanup.defer(() => folder.remove());
  const configurationFolder = join(folder.path, 'configuration');
  await mkdir(join(configurationFolder, 'rules'), { recursive: true });
  for (const [path, text] of Object.entries(FILES)) await writeFile(join(configurationFolder, path), text);

  const deployment = await deploy({ emulator, clients }, { folder: folder.path, configurationFolder });
  const endpoint = emulator.environment.AWS_ENDPOINT_URL;
  const secret = { name: deployment.outputs.ApiTokenSecretArn, roleStart: 'Emberwatch-Api-ApiRole' };
  await allowSecret({ clients, endpoint }, secret);
  // What comes from here on is done by functions with the rights of their roles.
  await emulator.enforceRoles(true);
  const backoff = { clock: createSystemClock(), random: createSystemRandom() };
  const told = await makeQueue(clients, 'told', DEFAULT_QUEUE_SETTINGS);
  const nudged = await makeQueue(clients, 'nudged', DEFAULT_QUEUE_SETTINGS);
  const TopicArn = deployment.outputs.AlertTopicArn;
  await clients.sns().send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: told.arn }));
  const openQueue = (name: string, url: string) => createSqsQueue({ client: clients.sqs(), name, url, backoff });
  cleanup.defer(startNudging(clients, await makeTopic(clients, 'nudges', { queueArn: nudged.arn })));
  const { BucketName: bucket, TableName: tableName } = deployment.outputs;
  const objects = createS3ObjectStore({ client: clients.s3(), bucket, backoff });
  const records = createDynamoRecordStore({ client: clients.dynamodb(), tableName, backoff });
  return {
    deployment,
    emulator,
    exporter,
    told: openQueue('told', told.url),
    compactQueue: openQueue('compact', deployment.queueUrl('compact')),
    scrapeQueue: openQueue('scrape', deployment.queueUrl('scrape')),
    plans: createPlanStore({ objects, records }, Date.now),
  };
}

/** The emulator looks for delayed messages that became due once a second, and whenever a topic hands one to a queue; Lambda's
 *  pollers wait at the queue. @returns How to end it. */
function startNudging(clients: AwsClients, TopicArn: string): () => Promise<void> {
  const end = new AbortController();
  const nudge = async () => {
    while (!end.signal.aborted) {
      await clients.sns().send(new PublishCommand({ TopicArn, Message: '{}' }));
      await wait(NUDGE_MS);
    }
  };
  const nudging = nudge();
  return () => {
    end.abort();
    return nudging;
  };
}

function describeDeployment(t: TestContext, { deployMs, bundles }: Deployment): void {
  t.diagnostic(`deployed in ${(deployMs / 1000).toFixed(1)} s`);
  for (const line of bundles) t.diagnostic(line);
}

async function refusesStrangers({ ask }: Deployment, t: TestContext): Promise<void> {
  const healthy = await ask('/-/healthy', { token: null });
  assert.equal(healthy.status, 200, healthy.body);
  t.diagnostic(`the first answer took ${healthy.durationMs.toFixed(0)} ms`);
  for (const token of [null, '', 'another']) {
    for (const [method, path] of [
      ['GET', '/api/v1/query?query=up'],
      ['GET', '/api/v2/alerts'],
      ['POST', '/api/v1/registry/targets'],
    ]) {
      const { status, body } = await ask(path, { token, method, body: method === 'POST' ? '{}' : undefined });
      assert.equal(status, 401, `${method} ${path} with the token ${token}: ${body}`);
    }
  }
}

async function register({ ask }: Deployment, address: string): Promise<void> {
  const body = JSON.stringify({ address, job: 'shop' });
  const headers = { 'Content-Type': 'application/json' };
  const answer = await ask('/api/v1/registry/targets', { method: 'POST', body, headers });
  assert.equal(answer.status, 201, answer.body);
}

/** Waits for two samples that have the times of their slots: a scrape that a cold start made late has its own time. */
async function scrapedSamples(deployment: Deployment): Promise<readonly Sample[]> {
  let found: readonly Sample[] = [];
  const samples = await until('two samples on slots', async () => {
    found = await range(deployment, 'shop_scrapes_total[5m]');
    return found.filter(([seconds]) => seconds % SLOT_SECONDS === 0).length >= 2 ? found : undefined;
  }).catch((cause) => {
    throw new Error(`Cannot find two samples on slots in ${JSON.stringify(found)}`, { cause });
  });
  const slots = samples.map(([seconds]) => Math.floor(seconds / SLOT_SECONDS));
  assert.deepEqual(
    slots,
    slots.map((_, i) => slots[0] + i),
    'each slot has one sample',
  );
  return samples;
}

async function ignoresDuplicatesAndLateSlots(world: World, samples: readonly Sample[]): Promise<void> {
  const { deployment, scrapeQueue, plans } = world;
  const [{ stream }, ...others] = await plans.streams();
  assert.deepEqual(others, []);
  const slots = samples.map(([seconds]) => Math.floor(seconds / SLOT_SECONDS) * SLOT_SECONDS);
  const [first, last] = [slots[0], slots.at(-1)!];
  const selectors = ['shop_scrapes_total[5m]', 'up[5m]', 'scrape_duration_seconds[5m]'];
  const stored = () => Promise.all(selectors.map((selector) => range(deployment, selector, samples.at(-1)![0])));
  const before = await stored();
  assert.deepEqual(before[0], samples);

  // Both are done already, and nobody came for the one a minute before the target was known.
  const again = [first, last, first - 60].map((seconds) => ({
    body: JSON.stringify({ stream, slotMs: seconds * 1000 }),
  }));
  await scrapeQueue.send(again);
  const url = deployment.queueUrl('scrape');
  await until('an empty scrape queue', async () => (await deployment.dueMessages(url)) === 0 || undefined);
  assert.deepEqual(await stored(), before);
}

async function measureQueries({ ask }: Deployment, t: TestContext): Promise<void> {
  const durations: number[] = [];
  for (let i = 0; i < 10; i++) durations.push((await ask('/api/v1/query?query=up')).durationMs);
  durations.sort((a, b) => a - b);
  t.diagnostic(`a query took ${durations[5].toFixed(0)} ms warm`);
}

async function raisesAlert(deployment: Deployment, instance: string): Promise<void> {
  const states = new Set<string>();
  await until('a firing alert', async () => {
    const alerts = await data<{ alerts: { state: string; labels: unknown }[] }>(deployment, '/api/v1/alerts');
    for (const { state, labels } of alerts.alerts) {
      assert.deepEqual(labels, { alertname: 'TargetDown', instance, job: 'shop' });
      states.add(state);
    }
    return states.has('firing') || undefined;
  });
  assert.deepEqual([...states], ['pending', 'firing']);
  assert.deepEqual(
    (await query(deployment, 'up{job="shop"}')).map(([, value]) => value),
    ['0'],
  );
}

function notification({ told }: World): Promise<{ readonly Subject: string; readonly Message: string }> {
  return until('a notification', async () => {
    const [message] = await told.receive(1);
    return message && JSON.parse(message.body);
  });
}

async function query(deployment: Deployment, expression: string): Promise<readonly Sample[]> {
  const parameters = new URLSearchParams({ query: expression });
  const { result } = await data<{ result: { value: Sample }[] }>(deployment, `/api/v1/query?${parameters}`);
  return result.map(({ value }) => value);
}

/** The samples of the one series, or none. @param atSeconds @default Now. */
async function range(deployment: Deployment, selector: string, atSeconds?: number): Promise<readonly Sample[]> {
  const parameters = new URLSearchParams({ query: selector });
  if (atSeconds !== undefined) parameters.set('time', String(atSeconds));
  const { result } = await data<{ result: { values: Sample[] }[] }>(deployment, `/api/v1/query?${parameters}`);
  assert.ok(result.length <= 1, `${selector} has ${result.length} series`);
  return result[0]?.values ?? [];
}

async function data<T>({ ask }: Deployment, path: string): Promise<T> {
  const { status, body } = await ask(path);
  assert.equal(status, 200, `${path}: ${body}`);
  return (JSON.parse(body) as { readonly data: T }).data;
}

/** Asks again until there is something. */
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  while (Date.now() < deadlineMs) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(300);
  }
  throw new Error(`Cannot wait any longer: ${what} did not come in ${PATIENCE_MS / 1000} s`);
}
