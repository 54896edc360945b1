import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '#shared/ports/clock.ts';
import type { HttpClient } from '#shared/ports/http-client.ts';
import type { Logger } from '#shared/ports/logger.ts';
import type { Mailer } from '#shared/ports/mailer.ts';
import type { Random } from '#shared/ports/random.ts';
import { DeliveryError, type TopicMessage, type TopicPublisher } from '#shared/ports/topic.ts';
import { checkTopicMessage, DEDUPLICATION_MS, isFifoTopic } from '#shared/ports/topic-rules.ts';
import { openDatabase, transaction } from './database.ts';
import { explainFullDiskSync } from './storage-error.ts';
import { deliver, type Publication, type Subscriber } from './topic-delivery.ts';

/** A topic that this process plays. */
export interface LocalTopic {
  readonly arn: string;
  readonly subscribers: readonly Subscriber[];
}

/** A topic publisher with what it did. */
export interface LocalTopics extends TopicPublisher {
  /** What was published, the newest first. @param limit @default 100 */
  listPublished(limit?: number): readonly PublishedEntry[];
  /** Resolves when no delivery is being tried or waits for its next try. */
  idle(): Promise<void>;
  /** Stops trying; what is not delivered is tried again after the next open. */
  close(): Promise<void>;
}

export interface PublishedEntry extends Publication {
  readonly deliveries: readonly DeliveryState[];
}

export interface DeliveryState {
  readonly protocol: Subscriber['protocol'];
  readonly endpoint: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  /** Why the last try failed. */
  readonly error?: string;
}

/** What topics work with. */
export interface LocalTopicsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly mailer: Mailer;
  readonly http: HttpClient;
  readonly logger: Logger;
  readonly topics: readonly LocalTopic[];
  /** The subscribers of all other topics. @default There are no other topics: publishing to one fails. */
  readonly otherTopics?: readonly Subscriber[];
}

const SCHEMA = `
  CREATE TABLE publications (
    message_id TEXT PRIMARY KEY, topic_arn TEXT NOT NULL, deduplication_id TEXT, published_ms INTEGER NOT NULL,
    message TEXT NOT NULL
  );
  CREATE INDEX publications_deduplication ON publications (topic_arn, deduplication_id, published_ms);
  CREATE INDEX publications_time ON publications (published_ms);
  CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY, message_id TEXT NOT NULL REFERENCES publications (message_id) ON DELETE CASCADE,
    subscriber TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending', attempts INTEGER NOT NULL DEFAULT 0, error TEXT
  );
  CREATE INDEX deliveries_message ON deliveries (message_id);
  CREATE INDEX deliveries_state ON deliveries (state)`;

/** How long the list of publications reaches back. */
const KEEP_MS = 14 * 86_400_000;
/** When a delivery is given up. */
const GIVE_UP_MS = 86_400_000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 300_000;

/** Opens the topics in `<directory>/topics.db`. A publish is accepted once it is on the disk; the subscribers get it after,
 *  each by itself, at least once, with retries for a day and across restarts. */
export function openLocalTopics(directory: string, options: LocalTopicsOptions): LocalTopics {
  return new DatabaseTopics(directory, options);
}

interface Pending {
  readonly id: number;
  readonly attempts: number;
  readonly subscriber: Subscriber;
  readonly publication: Publication;
}

class DatabaseTopics implements LocalTopics {
  readonly #directory: string;
  readonly #options: LocalTopicsOptions;
  readonly #database: DatabaseSync;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(directory: string, options: LocalTopicsOptions) {
    this.#directory = directory;
    this.#options = options;
    this.#database = openDatabase(join(directory, 'topics.db'), { schema: SCHEMA, durability: 'full' });
    this.#start('');
  }

  async publish(message: TopicMessage): Promise<{ readonly messageId: string }> {
    checkTopicMessage(message);
    const { topics, otherTopics } = this.#options;
    const listed = topics.find(({ arn }) => arn === message.topicArn);
    const topic = listed ?? (otherTopics && { arn: message.topicArn, subscribers: otherTopics });
    if (topic === undefined) {
      throw new DeliveryError(`Cannot publish to topic "${message.topicArn}": topic does not exist`, { retry: false });
    }
    const duplicate = this.#findDuplicate(message);
    if (duplicate !== undefined) return { messageId: duplicate };
    const messageId = this.#accept(message, topic);
    this.#start(messageId);
    return { messageId };
  }

  listPublished(limit = 100): readonly PublishedEntry[] {
    const rows = this.#database
      .prepare('SELECT * FROM publications ORDER BY published_ms DESC, rowid DESC LIMIT ?')
      .all(limit);
    const deliveries = this.#database.prepare('SELECT * FROM deliveries WHERE message_id = ? ORDER BY id');
    return rows.map((row) => ({
      ...toPublication(row),
      deliveries: deliveries.all(row.message_id).map(toDeliveryState),
    }));
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.idle();
    this.#database.close();
  }

  #findDuplicate({ topicArn, deduplicationId, idempotencyKey }: TopicMessage): string | undefined {
    const fifo = isFifoTopic(topicArn) && deduplicationId !== undefined;
    const key = fifo ? deduplicationId : idempotencyKey;
    if (key === undefined) return undefined;
    const sinceMs = this.#options.clock.nowMs() - (fifo ? DEDUPLICATION_MS : KEEP_MS);
    const row = this.#database
      .prepare('SELECT message_id FROM publications WHERE topic_arn = ? AND deduplication_id = ? AND published_ms > ?')
      .get(topicArn, key, sinceMs);
    return row === undefined ? undefined : String(row.message_id);
  }

  #accept(message: TopicMessage, topic: LocalTopic): string {
    const nowMs = this.#options.clock.nowMs();
    const messageId = this.#options.random.uuid();
    return explainFullDiskSync(this.#directory, () =>
      transaction(this.#database, () => {
        this.#database.prepare('DELETE FROM publications WHERE published_ms < ?').run(nowMs - KEEP_MS);
        this.#database
          .prepare('INSERT INTO publications VALUES (?, ?, ?, ?, ?)')
          .run(
            messageId,
            message.topicArn,
            message.deduplicationId ?? message.idempotencyKey ?? null,
            nowMs,
            JSON.stringify(message),
          );
        const insert = this.#database.prepare('INSERT INTO deliveries (message_id, subscriber) VALUES (?, ?)');
        for (const subscriber of topic.subscribers) insert.run(messageId, JSON.stringify(subscriber));
        return messageId;
      }),
    );
  }

  /** Starts the pending deliveries of one publication, or with `''` those of all. */
  #start(messageId: string): void {
    const rows = this.#database
      .prepare(
        `SELECT d.id, d.attempts, d.subscriber, p.* FROM deliveries d JOIN publications p USING (message_id)
         WHERE d.state = 'pending' AND (? = '' OR message_id = ?) ORDER BY d.id`,
      )
      .all(messageId, messageId);
    for (const row of rows) {
      const { id, attempts } = row as { id: number; attempts: number };
      const subscriber = JSON.parse(String(row.subscriber)) as Subscriber;
      const pending = { id, attempts, subscriber, publication: toPublication(row) };
      const run = this.#deliver(pending)
        .catch((error) => this.#report(pending, error))
        .finally(() => this.#running.delete(run));
      this.#running.add(run);
    }
  }

  async #deliver(pending: Pending): Promise<void> {
    for (let attempts = pending.attempts + 1; !this.#stop.signal.aborted; attempts++) {
      const failure = await this.#attempt(pending);
      if (failure === undefined) return this.#record(pending, { state: 'delivered', attempts });
      if (this.#stop.signal.aborted) return;
      const ageMs = this.#options.clock.nowMs() - pending.publication.publishedAtMs;
      const state = failure.retry && ageMs < GIVE_UP_MS ? 'pending' : 'failed';
      this.#record(pending, { state, attempts, error: failure.message });
      if (state === 'failed') return this.#report(pending, failure);
      const waitMs = failure.retryAfterMs ?? Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), MAX_RETRY_MS);
      await this.#options.clock.sleep(waitMs, this.#stop.signal).catch(() => undefined);
    }
  }

  async #attempt({ publication, subscriber }: Pending): Promise<DeliveryError | undefined> {
    try {
      await deliver(publication, subscriber, { ...this.#options, signal: this.#stop.signal });
      return undefined;
    } catch (error) {
      if (error instanceof DeliveryError) return error;
      return new DeliveryError((error as Error).message, { cause: error, retry: true });
    }
  }

  #record({ id }: Pending, { state, attempts, error }: { state: string; attempts: number; error?: string }): void {
    this.#database
      .prepare('UPDATE deliveries SET state = ?, attempts = ?, error = ? WHERE id = ?')
      .run(state, attempts, error ?? null, id);
  }

  #report({ publication, subscriber }: Pending, error: Error): void {
    const { topicArn, messageId } = publication;
    const { protocol, endpoint } = subscriber;
    this.#options.logger.error('Topic subscriber did not take message', {
      topicArn,
      messageId,
      protocol,
      endpoint,
      error,
    });
  }
}

type Row = Readonly<Record<string, unknown>>;

function toPublication(row: Row): Publication {
  const message = JSON.parse(String(row.message)) as TopicMessage;
  return { ...message, messageId: String(row.message_id), publishedAtMs: Number(row.published_ms) };
}

function toDeliveryState(row: Row): DeliveryState {
  const { protocol, endpoint } = JSON.parse(String(row.subscriber)) as Subscriber;
  const state = row.state as DeliveryState['state'];
  const error = row.error === null ? {} : { error: String(row.error) };
  return { protocol, endpoint, state, attempts: Number(row.attempts), ...error };
}
