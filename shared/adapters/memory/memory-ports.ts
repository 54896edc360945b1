import type { Clock } from '#shared/ports/clock.ts';
import type { Mail } from '#shared/ports/mailer.ts';
import type { Ports } from '#shared/ports/ports.ts';
import type { QueueSettings } from '#shared/ports/queue-rules.ts';
import type { Random } from '#shared/ports/random.ts';
import { createMemoryCompression } from './compression.ts';
import { createMemoryFiles } from './files.ts';
import { createMemoryHttpClient, type MemoryHttpClient, type Route } from './http-client.ts';
import { createMemoryLogger, type MemoryLogger } from './logger.ts';
import { createMemoryMailer, type MemoryMailer } from './mailer.ts';
import { createMemoryObjectStore } from './object-store.ts';
import { createMemoryQueue, type MemoryQueue } from './queue.ts';
import { createMemoryRecordStore } from './record-store.ts';
import { createMemorySecrets } from './secrets.ts';
import { createMemoryTopic, type MemoryTopic, type PublishedMessage } from './topic.ts';

/** The outside world in memory, with what tests look at. */
export interface MemoryPorts extends Ports {
  queue(name: string): MemoryQueue;
  readonly topic: MemoryTopic;
  readonly mailer: MemoryMailer;
  readonly http: MemoryHttpClient;
  readonly logger: MemoryLogger;
}

/** What the world in memory holds at the start. */
export interface MemoryPortsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Queue name → settings, where they are not the default. */
  readonly queues?: Readonly<Record<string, QueueSettings>>;
  /** Reference → secret. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Path → text. */
  readonly files?: Readonly<Record<string, string>>;
  /** URL → server. */
  readonly routes?: Readonly<Record<string, Route>>;
  /** Gets each message of every topic. */
  readonly subscriber?: (message: PublishedMessage) => void | Promise<void>;
  /** Sees each mail, and refuses it by throwing a DeliveryError. */
  readonly mailServer?: (mail: Mail) => void | Promise<void>;
}

/** Makes all ports in memory. The same calls in the same order give the same results. */
export function createMemoryPorts(options: MemoryPortsOptions): MemoryPorts {
  const { clock, random } = options;
  const queues = new Map<string, MemoryQueue>();
  return {
    clock,
    random,
    objects: createMemoryObjectStore(),
    records: createMemoryRecordStore({ clock }),
    queue(name) {
      const queue = queues.get(name) ?? createMemoryQueue({ clock, name, settings: options.queues?.[name] });
      queues.set(name, queue);
      return queue;
    },
    topic: createMemoryTopic({ clock, random, subscriber: options.subscriber }),
    mailer: createMemoryMailer({ server: options.mailServer }),
    secrets: createMemorySecrets(options.secrets),
    files: createMemoryFiles(options.files),
    http: createMemoryHttpClient({ clock, routes: options.routes }),
    compression: createMemoryCompression(),
    logger: createMemoryLogger(),
  };
}
