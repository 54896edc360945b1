import type { Clock } from './clock.ts';
import type { Compression } from './compression.ts';
import type { Files } from './files.ts';
import type { HttpClient } from './http-client.ts';
import type { Logger } from './logger.ts';
import type { Mailer } from './mailer.ts';
import type { ObjectStore } from './object-store.ts';
import type { Queue, QueueConsumer } from './queue.ts';
import type { Random } from './random.ts';
import type { RecordStore } from './record-store.ts';
import type { Secrets } from './secrets.ts';
import type { TopicPublisher } from './topic.ts';

/** The whole outside world, as an entry point hands it to domain code. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly objects: ObjectStore;
  readonly records: RecordStore;
  /** The queue of that name, the same one each time; made on first use. */
  queue(name: string): Queue & QueueConsumer;
  readonly topic: TopicPublisher;
  readonly mailer: Mailer;
  readonly secrets: Secrets;
  readonly files: Files;
  readonly http: HttpClient;
  readonly compression: Compression;
  readonly logger: Logger;
}
