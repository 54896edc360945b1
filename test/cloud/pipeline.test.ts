import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createApiDeps } from '#functions/api/api-deps.ts';
import { startPipeline, withWakingQueues } from '#functions/local/pipeline.ts';
import { createServices } from '#functions/services.ts';
import { DEFAULT_SETTINGS, QUEUES } from '#functions/settings.ts';
import { openAwsPorts } from '#shared/adapters/aws/aws-ports.ts';
import { createClientPool } from '#shared/adapters/aws/client-pool.ts';
import { type AwsClients, createAwsClients } from '#shared/adapters/aws/clients.ts';
import { createLambdaLogger } from '#shared/adapters/aws/logger.ts';
import { queueUrlVariable } from '#shared/adapters/aws/schema.ts';
import { createPooledSecrets } from '#shared/adapters/aws/secrets.ts';
import { createPooledTopics } from '#shared/adapters/aws/topic.ts';
import { createMemoryMailer } from '#shared/adapters/memory/mailer.ts';
import { createSystemClock } from '#shared/adapters/node/clock.ts';
import { createZstdCompression } from '#shared/adapters/node/compression.ts';
import { LOCAL_EGRESS } from '#shared/adapters/node/egress-policy.ts';
import { createNodeHttpClient } from '#shared/adapters/node/http-client.ts';
import { createSystemRandom } from '#shared/adapters/node/random.ts';
import { createApi } from '#shared/api/app.ts';
import type { Ports } from '#shared/ports/ports.ts';
import { DEFAULT_QUEUE_SETTINGS } from '#shared/ports/queue-rules.ts';
import { startTestEmulator, whyUnavailable } from '#test/support/emulator.ts';
import { startScriptedExporter } from '#test/support/scripted-exporter.ts';
import { makeBucket, makeQueue, makeTable, makeTopic } from './resources.ts';

/* The whole pipeline in one process, over the AWS ports on an emulator, in real time: about 10 seconds. */

const TIMEOUT_MS = 60_000;

const RULES = `
groups:
  - name: queue
    interval: 2s
    rules:
      - record: job:queue_length:sum
        expr: sum by (job) (queue_length)
      - alert: QueueTooLong
        expr: job:queue_length:sum > 10
        labels: { severity: page }
        annotations: { summary: 'Queue of {{ $labels.job }} is {{ $value }}' }
`;

const prometheusFile = (address: string) => `
global: { scrape_interval: 2s, evaluation_interval: 2s }
rule_files: [rules/*.yml]
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ['${address}'] }]
`;

const alertmanagerFile = (topicArn: string) => `
route: { receiver: topic, group_wait: 0s, group_by: [alertname] }
receivers:
  - name: topic
    sns_configs:
      - { topic_arn: '${topicArn}', subject: '{{ .GroupLabels.alertname }}', sigv4: { region: us-east-1 } }
`;

const unavailable = await whyUnavailable();

describe('the pipeline on AWS ports', { skip: unavailable && `no emulator: ${unavailable}` }, () => {
  test('scrapes, evaluates and notifies', { timeout: 2 * TIMEOUT_MS }, async () => {
    await using cleanup = new AsyncDisposableStack();
    const emulator = await startTestEmulator();
    cleanup.defer(() => emulator.close());
    const clients = createAwsClients(emulator.environment);
    cleanup.defer(() => clients.close());
    const exporter = await startScriptedExporter(
      { '/metrics': ['# TYPE queue_length gauge\nqueue_length{queue="orders"} 12\n'] },
      { intervalMs: 2000, nowMs: Date.now },
    );
    cleanup.defer(() => exporter.close());

    const told = await makeQueue(clients, 'told', DEFAULT_QUEUE_SETTINGS);
    const topicArn = await makeTopic(clients, 'alerts', { queueArn: told.arn });
    const environment = await deploy(clients, {
      'config/prometheus.yml': prometheusFile(exporter.address),
      'config/rules/queue.yml': RULES,
      'config/alertmanager.yml': alertmanagerFile(topicArn),
    });
    const logs: string[] = [];
    const ports = withWakingQueues(
      openPorts({ ...emulator.environment, ...environment, QUEUE_URL_TOLD: told.url }, logs),
    );
    const services = createServices(ports, {
      ...DEFAULT_SETTINGS,
      paths: { prometheus: 'prometheus.yml', alertmanager: 'alertmanager.yml' },
      env: () => undefined,
      externalUrl: 'http://emberwatch.example',
    });
    const pipeline = startPipeline(services, ports);
    cleanup.defer(() => pipeline.stop());

    const notification = JSON.parse(await receiveOne(ports, logs)) as { Subject: string; Message: string };
    assert.equal(notification.Subject, 'QueueTooLong');
    assert.match(notification.Message, /Queue of shop is 12/);

    const surroundings = { auth: { token: undefined, loopbackOpen: true }, version: '0', flags: {} };
    const api = createApi(createApiDeps(services, { ...surroundings, reload: async () => undefined }));
    const get = async (path: string) => {
      const answer = await api.fetch(new Request(`http://localhost${path}`), { remoteIsLoopback: true });
      return (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    };
    const { data } = await get('/api/v1/query?query=job:queue_length:sum');
    assert.deepEqual(
      data.result.map(({ value }) => value[1]),
      ['12'],
    );
    assert.deepEqual(
      logs.filter((line) => line.includes('"level":"ERROR"')),
      [],
    );
  });
});

/** Makes what a deployment makes. @returns The environment of its functions. */
async function deploy(clients: AwsClients, files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const urls: [variable: string, url: string][] = [];
  for (const name of [...Object.values(QUEUES), 'compact']) {
    urls.push([queueUrlVariable(name), (await makeQueue(clients, name, DEFAULT_QUEUE_SETTINGS)).url]);
  }
  return {
    TABLE_NAME: await makeTable(clients, 'emberwatch'),
    BUCKET_NAME: await makeBucket(clients, 'emberwatch', files),
    ...Object.fromEntries(urls),
  };
}

function openPorts(environment: Readonly<Record<string, string>>, logs: string[]): Ports {
  const pool = createClientPool(environment);
  const own = {
    clock: createSystemClock(),
    random: createSystemRandom(),
    http: createNodeHttpClient({ egress: LOCAL_EGRESS }),
    mailer: createMemoryMailer(),
    compression: createZstdCompression(),
    topic: createPooledTopics(pool),
    secrets: createPooledSecrets(pool),
    logger: createLambdaLogger({ service: 'pipeline', write: (line) => logs.push(line) }),
  };
  return openAwsPorts(environment, own, { pool });
}

async function receiveOne(ports: Ports, logs: readonly string[]): Promise<string> {
  const deadlineMs = Date.now() + TIMEOUT_MS;
  while (Date.now() < deadlineMs) {
    const [message] = await ports.queue('told').receive(1);
    if (message !== undefined) return message.body;
    await wait(200);
  }
  throw new Error(`No notification came in ${TIMEOUT_MS / 1000} s\n${logs.join('')}`);
}
