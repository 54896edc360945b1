import type { Ports } from '#shared/ports/ports.ts';
import type { Queue, QueueConsumer } from '#shared/ports/queue.ts';
import { type AwsClients, createAwsClients, type Environment } from './clients.ts';
import { createS3Files } from './files.ts';
import { createJsonLogger, LOG_LEVELS, type LogLevel } from './logger.ts';
import { createS3ObjectStore } from './object-store.ts';
import { createSqsQueue } from './queue.ts';
import { createDynamoRecordStore } from './record-store.ts';
import { DEFAULT_CONFIG_PREFIX, ENVIRONMENT, queueUrlVariable } from './schema.ts';
import { createAwsSecrets } from './secrets.ts';
import { createSnsTopics } from './topic.ts';

/** What has nothing to do with AWS, and comes from the process: the entry point brings it. */
export type ProcessPorts = Pick<Ports, 'clock' | 'random' | 'http' | 'mailer' | 'compression'>;

/** The outside world of a deployed function. Queues are those whose URL is in the environment; asking for another throws.
 *  @param env The function's environment variables, named as in schema.ts.
 *  @throws {Error} When a variable is missing or wrong. Nothing is asked of AWS yet. */
export function openAwsPorts(
  env: Environment,
  own: ProcessPorts,
  options: { readonly clients?: AwsClients; readonly write?: (line: string) => void } = {},
): Ports {
  const { clients = createAwsClients(env), write } = options;
  const bucket = required(env, ENVIRONMENT.bucketName);
  const prefix = env[ENVIRONMENT.configPrefix] ?? DEFAULT_CONFIG_PREFIX;
  const backoff = { clock: own.clock, random: own.random };
  return {
    ...own,
    objects: createS3ObjectStore({ client: clients.s3(), bucket, backoff }),
    records: createDynamoRecordStore({
      client: clients.dynamodb(),
      tableName: required(env, ENVIRONMENT.tableName),
      backoff,
    }),
    queue: createQueues((name) =>
      createSqsQueue({ client: clients.sqs(), name, url: required(env, queueUrlVariable(name)), backoff }),
    ),
    topic: createSnsTopics({ client: clients.sns }),
    secrets: createAwsSecrets(clients),
    files: createS3Files({ client: clients.s3(), bucket, prefix }),
    logger: createJsonLogger({ clock: own.clock, level: levelOf(env), write }),
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

function levelOf(env: Environment): LogLevel {
  const level = env[ENVIRONMENT.logLevel] || 'info';
  if ((LOG_LEVELS as readonly string[]).includes(level)) return level as LogLevel;
  throw new Error(`Cannot use ${ENVIRONMENT.logLevel} "${level}": expected one of ${LOG_LEVELS.join(', ')}`);
}

function required(env: Environment, variable: string): string {
  const value = env[variable];
  if (value) return value;
  throw new Error(`Cannot open ports: environment variable ${variable} is not set`);
}
