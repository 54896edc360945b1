import type { Clock } from '#shared/ports/clock.ts';
import type { Mailer, SmtpServer } from '#shared/ports/mailer.ts';
import type { Ports } from '#shared/ports/ports.ts';
import type { QueueSettings } from '#shared/ports/queue-rules.ts';
import type { Random } from '#shared/ports/random.ts';
import { createSystemClock } from './clock.ts';
import { createZstdCompression } from './compression.ts';
import { openDataDirectory } from './data-directory.ts';
import { type EgressPolicy, LOCAL_EGRESS } from './egress-policy.ts';
import { createLocalFiles } from './files.ts';
import { createNodeHttpClient } from './http-client.ts';
import { createLineLogger, type LoggerOptions } from './logger.ts';
import { type MailOutbox, openMailOutbox } from './mail-outbox.ts';
import { createSmtpMailer } from './mailer-smtp.ts';
import { openFileObjectStore } from './object-store.ts';
import { openSqliteQueues, type SqliteQueue } from './queue.ts';
import { createSystemRandom } from './random.ts';
import { openSqliteRecordStore } from './record-store.ts';
import { createLocalSecrets } from './secrets.ts';
import { type LocalTopic, type LocalTopics, openLocalTopics } from './topic.ts';
import type { Subscriber } from './topic-delivery.ts';

/** The outside world of one local process. */
export interface NodePorts extends Ports {
  queue(name: string): SqliteQueue;
  readonly topic: LocalTopics;
  /** Where mails are that no server was named for. */
  readonly outbox: MailOutbox;
  /** Ends what runs and gives the data directory back. No port may be used after. */
  close(): Promise<void>;
}

/** How a local process is set up. */
export interface NodePortsOptions {
  /** Holds everything that is to last; made if need be. */
  readonly dataDir: string;
  /** What relative paths of files and secrets are relative to. @default The working directory. */
  readonly baseFolder?: string;
  /** For `env:` secrets. @default That of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The default mail server. @default None: such mails go into the outbox. */
  readonly smtp?: SmtpServer;
  /** @default None. */
  readonly topics?: readonly LocalTopic[];
  /** The subscribers of topics that are not listed. @default Publishing to them fails. */
  readonly otherTopics?: readonly Subscriber[];
  /** Queue name → settings, where they are not the default. */
  readonly queues?: Readonly<Record<string, QueueSettings>>;
  /** @default LOCAL_EGRESS */
  readonly egress?: EgressPolicy;
  readonly log?: Omit<LoggerOptions, 'clock'>;
  /** @default The system's. */
  readonly clock?: Clock;
  /** @default The system's. */
  readonly random?: Random;
}

/** Opens all ports of a local process.
 *  @throws {Error} When the data directory cannot be had; nothing is left open then. */
export async function openNodePorts(options: NodePortsOptions): Promise<NodePorts> {
  const { dataDir, baseFolder = process.cwd(), environment = process.env, egress = LOCAL_EGRESS } = options;
  const { clock = createSystemClock(), random = createSystemRandom() } = options;
  const closers: (() => void | Promise<void>)[] = [];
  const opened = <T extends { close(): void | Promise<void> }>(part: T): T => {
    closers.unshift(() => part.close());
    return part;
  };
  const close = async () => {
    for (const closePart of closers.splice(0)) await closePart();
  };
  try {
    const { path } = opened(await openDataDirectory(dataDir));
    const logger = createLineLogger({ ...options.log, clock });
    const objects = opened(await openFileObjectStore(path));
    const records = opened(openSqliteRecordStore(path, { clock }));
    const queues = opened(openSqliteQueues(path, { clock, random, settings: options.queues }));
    const http = opened(createNodeHttpClient({ egress }));
    const outbox = await openMailOutbox(path, { clock });
    const mailer = chooseMailer(createSmtpMailer({ clock, egress, server: options.smtp }), outbox, options.smtp);
    const topics = options.topics ?? [];
    const topic = opened(
      openLocalTopics(path, { clock, random, mailer, http, logger, topics, otherTopics: options.otherTopics }),
    );
    return {
      clock,
      random,
      objects,
      records,
      queue: (name) => queues.queue(name),
      topic,
      mailer,
      outbox,
      secrets: createLocalSecrets({ environment, baseFolder }),
      files: createLocalFiles({ baseFolder }),
      http,
      compression: createZstdCompression(),
      logger,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function chooseMailer(smtp: Mailer, outbox: MailOutbox, server: SmtpServer | undefined): Mailer {
  return { send: (mail) => ((mail.smtp ?? server) ? smtp : outbox).send(mail) };
}
