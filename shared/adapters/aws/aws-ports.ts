import type { Ports } from '#shared/ports/ports.ts';
import type { Queue, QueueConsumer } from '#shared/ports/queue.ts';
import { type ClientPool, createClientPool, type Environment } from './client-pool.ts';
import { DYNAMODB, S3, SQS } from './clients.ts';
import { createS3Files } from './files.ts';
import { createS3ObjectStore } from './object-store.ts';
import { createSqsQueue } from './queue.ts';
import { createDynamoRecordStore } from './record-store.ts';
import { DEFAULT_CONFIG_PREFIX, ENVIRONMENT, queueUrlVariable } from './schema.ts';

/** What has nothing to do with AWS and comes from the process, and what only some functions have: the entry point brings it. */
export type ProcessPorts = Pick<
  Ports,
  'clock' | 'random' | 'http' | 'mailer' | 'compression' | 'topic' | 'secrets' | 'logger'
>;

/** The outside world of a deployed function. Queues are those whose URL is in the environment; asking for another throws.
 *  @param env The function's environment variables, named as in schema.ts.
 *  @throws {Error} When a variable is missing or wrong. Nothing is asked of AWS yet. */
export function openAwsPorts(env: Environment, own: ProcessPorts, options: { readonly pool?: ClientPool } = {}): Ports {
  const { pool = createClientPool(env) } = options;
  const bucket = required(env, ENVIRONMENT.bucketName);
  const prefix = env[ENVIRONMENT.configPrefix] ?? DEFAULT_CONFIG_PREFIX;
  const backoff = { clock: own.clock, random: own.random };
  return {
    ...own,
    objects: createS3ObjectStore({ client: pool.of(S3), bucket, backoff }),
    records: createDynamoRecordStore({
      client: pool.of(DYNAMODB),
      tableName: required(env, ENVIRONMENT.tableName),
      backoff,
    }),
    queue: createQueues((name) =>
      createSqsQueue({ client: pool.of(SQS), name, url: required(env, queueUrlVariable(name)), backoff }),
    ),
    files: createS3Files({ client: pool.of(S3), bucket, prefix }),
  };
}

function createQueues(make: (name: string) => Queue & QueueConsumer): Ports['queue'] {
  const queues = new Map<string, Queue & QueueConsumer>();
  return (name) => {
    const queue = queues.get(name) ?? make(name);
    queues.set(name, queue);
    return queue;
  };
}

function required(env: Environment, variable: string): string {
  const value = env[variable];
  if (value) return value;
  throw new Error(`Cannot open ports: environment variable ${variable} is not set`);
}
