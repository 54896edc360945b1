import { after, test } from 'node:test';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { type AwsClients, createAwsClients } from '#shared/adapters/aws/clients.ts';
import { createS3Files } from '#shared/adapters/aws/files.ts';
import { createS3ObjectStore } from '#shared/adapters/aws/object-store.ts';
import { createSqsQueue } from '#shared/adapters/aws/queue.ts';
import { createDynamoRecordStore } from '#shared/adapters/aws/record-store.ts';
import { createAwsSecrets } from '#shared/adapters/aws/secrets.ts';
import { createSystemClock } from '#shared/adapters/node/clock.ts';
import { createSystemRandom } from '#shared/adapters/node/random.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { Queue } from '#shared/ports/queue.ts';
import { startTestEmulator, type TestEmulator, whyUnavailable } from '#test/support/emulator.ts';
import { type Open, uniqueName } from '../contract/harness.ts';
import { describeLease } from '../contract/lease.ts';
import { describeObjectStore } from '../contract/object-store.ts';
import { CONTRACT_QUEUE_SETTINGS, describeQueue, type QueueMaker } from '../contract/queue.ts';
import { describeRecordStore } from '../contract/record-store.ts';
import { CONTRACT_FILES, describeFiles, describeSecrets } from '../contract/small-ports.ts';
import { startLossyProxy } from './lossy-proxy.ts';
import { describeLostAnswers, type LossyWorld } from './lost-answers.ts';
import { makeBucket, makeQueue, makeTable } from './resources.ts';
import { describeTopics } from './topics.ts';

/* The contracts that every adapter keeps, over the AWS adapters on an emulator. */

/** What the suites open their ports in. */
interface World {
  readonly emulator: TestEmulator;
  readonly clients: AwsClients;
  /** The emulator's. */
  readonly clock: Clock;
}

/** Neither service keeps an empty secret: a reference without a name stands for one. */
const SECRETS = [
  { present: 'secretsmanager:api/token', empty: 'secretsmanager:', absent: 'secretsmanager:none' },
  { present: 'ssm:/api/token', empty: 'ssm:', absent: 'ssm:/none' },
] as const;

const unavailable = await whyUnavailable();
if (unavailable === undefined) describeAll(await openWorld());
else test('the contracts on an AWS emulator', { skip: `no emulator: ${unavailable}` }, () => undefined);

async function openWorld(): Promise<World> {
  const emulator = await startTestEmulator();
  const clients = createAwsClients(emulator.environment);
  after(async () => {
    clients.close();
    await emulator.close();
  });
  const system = createSystemClock();
  return { emulator, clients, clock: { ...system, nowMs: () => emulator.nowMs() } };
}

function describeAll(world: World): void {
  const { clients, clock } = world;
  const backoff = { clock, random: createSystemRandom() };
  const records = inWorld(world, async () => {
    const tableName = await makeTable(clients, uniqueName('table'));
    return createDynamoRecordStore({ client: clients.dynamodb(), tableName, backoff });
  });
  describeObjectStore(
    'aws',
    inWorld(world, async () =>
      createS3ObjectStore({ client: clients.s3(), bucket: await makeBucket(clients, uniqueName('bucket')), backoff }),
    ),
  );
  describeRecordStore('aws', records);
  describeLease('aws', records);
  describeQueue(
    'aws',
    inWorld(world, async () => makeQueues(world)),
  );
  describeFiles(
    'aws',
    inWorld(world, async () => {
      const texts = Object.entries(CONTRACT_FILES).map(([path, text]) => [`config/${path}`, text]);
      const bucket = await makeBucket(clients, uniqueName('bucket'), Object.fromEntries(texts));
      return createS3Files({ client: clients.s3(), bucket, prefix: 'config/' });
    }),
  );
  for (const references of SECRETS) {
    describeSecrets(
      'aws',
      references,
      inWorld(world, async () => {
        await makeSecret(clients, references.present, 's3cret');
        return createAwsSecrets(clients);
      }),
    );
  }
  describeTopics(
    'aws',
    inWorld(world, async () => ({ clients, backoff })),
  );
  describeLostAnswers('aws', async () => {
    const port = await openLossyWorld(world);
    return { ...(await inWorld(world, async () => port)()), close: () => port.proxy.close() };
  });
}

async function openLossyWorld({ emulator, clients, clock }: World): Promise<LossyWorld> {
  const proxy = await startLossyProxy(emulator.environment.AWS_ENDPOINT_URL_S3);
  const endpoints = { AWS_ENDPOINT_URL: proxy.url, AWS_ENDPOINT_URL_S3: proxy.url };
  const lossy = createAwsClients({ ...emulator.environment, ...endpoints });
  const backoff = { clock, random: createSystemRandom() };
  const tableName = await makeTable(clients, uniqueName('table'));
  const bucket = await makeBucket(clients, uniqueName('bucket'));
  return {
    proxy,
    objects: createS3ObjectStore({ client: lossy.s3(), bucket, backoff }),
    records: createDynamoRecordStore({ client: lossy.dynamodb(), tableName, backoff }),
  };
}

async function makeSecret(clients: AwsClients, reference: string, secret: string): Promise<void> {
  const [service, Name] = reference.split(':');
  if (service === 'ssm') {
    await clients.ssm().send(new PutParameterCommand({ Name, Value: secret, Type: 'SecureString' }));
  } else {
    await clients.secretsManager().send(new CreateSecretCommand({ Name, SecretString: secret }));
  }
}

function makeQueues({ clients, clock }: World): QueueMaker {
  const backoff = { clock, random: createSystemRandom() };
  const deadLetters = new Map<Queue, string>();
  // The emulator's queues are in one place: nothing is missed without waiting.
  const open = (name: string, url: string) =>
    createSqsQueue({ client: clients.sqs(), name, url, backoff, waitSeconds: 0 });
  return {
    async make() {
      const name = uniqueName('queue');
      const { url, deadLetterUrl } = await makeQueue(clients, name, CONTRACT_QUEUE_SETTINGS);
      const queue = open(name, url);
      deadLetters.set(queue, deadLetterUrl);
      return queue;
    },
    deadLetters: (queue) => open('dead letters', deadLetters.get(queue)!).receive(10),
  };
}

function inWorld<T>({ emulator }: World, make: () => Promise<T>): Open<T> {
  return async () => ({
    port: await make(),
    nowMs: () => emulator.nowMs(),
    passTime: (ms) => emulator.passTime(ms),
    close: async () => undefined,
  });
}
