import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '#shared/ports/clock.ts';
import type { OutgoingMessage, Queue, QueueConsumer, ReceivedMessage } from '#shared/ports/queue.ts';
import {
  checkOutgoing,
  checkReceiveMax,
  DEFAULT_QUEUE_SETTINGS,
  type QueueSettings,
} from '#shared/ports/queue-rules.ts';
import type { Random } from '#shared/ports/random.ts';
import { openDatabase, transaction } from './database.ts';
import { explainFullDiskSync } from './storage-error.ts';

/** A queue in SQLite, with what it gave up on. */
export interface SqliteQueue extends Queue, QueueConsumer {
  /** Messages that were delivered too often, oldest first. */
  deadLetters(): readonly DeadLetter[];
}

/** A message that a queue gave up on. */
export interface DeadLetter {
  readonly id: string;
  readonly body: string;
  readonly sentAtMs: number;
  readonly receiveCount: number;
}

/** The queues of a data directory. */
export interface SqliteQueues {
  /** The queue of that name, the same one each time. */
  queue(name: string): SqliteQueue;
  close(): void;
}

/** A dead letter is a message that is no longer due. */
const SCHEMA = `
  CREATE TABLE messages (
    id TEXT PRIMARY KEY, queue TEXT NOT NULL, body TEXT NOT NULL, sent_ms INTEGER NOT NULL, due_ms INTEGER,
    receives INTEGER NOT NULL DEFAULT 0, receipt TEXT
  );
  CREATE INDEX messages_due ON messages (queue, due_ms)`;

const COLUMNS = 'id, body, sent_ms AS sentAtMs, receives AS receiveCount';

/** Opens the queues in `<directory>/queues.db`. What was sent survives a power cut.
 *  Messages that a process had taken when it ended are due again at once.
 *  @param options.settings Queue name → settings, where they are not the default. */
export function openSqliteQueues(
  directory: string,
  options: {
    readonly clock: Clock;
    readonly random: Random;
    readonly settings?: Readonly<Record<string, QueueSettings>>;
  },
): SqliteQueues {
  const { clock, random, settings = {} } = options;
  const database = openDatabase(join(directory, 'queues.db'), { schema: SCHEMA, durability: 'full' });
  // The directory is ours alone: whoever had taken a message is dead, and will not acknowledge it.
  database
    .prepare('UPDATE messages SET due_ms = ? WHERE receipt IS NOT NULL AND due_ms > ?')
    .run(clock.nowMs(), clock.nowMs());
  const queues = new Map<string, SqliteQueue>();
  return {
    queue(name) {
      const own = Object.hasOwn(settings, name) ? settings[name] : DEFAULT_QUEUE_SETTINGS;
      const queue = queues.get(name) ?? new DatabaseQueue({ database, directory, clock, random, name, settings: own });
      queues.set(name, queue);
      return queue;
    },
    close: () => database.close(),
  };
}

interface QueueParts {
  readonly database: DatabaseSync;
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly name: string;
  readonly settings: QueueSettings;
}

class DatabaseQueue implements SqliteQueue {
  readonly #parts: QueueParts;

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    checkOutgoing(messages);
    const { clock, random, name } = this.#parts;
    const nowMs = clock.nowMs();
    this.#commit((database) => {
      const insert = database.prepare('INSERT INTO messages (id, queue, body, sent_ms, due_ms) VALUES (?, ?, ?, ?, ?)');
      for (const { body, delaySeconds = 0 } of messages) {
        insert.run(random.uuid(), name, body, nowMs, nowMs + delaySeconds * 1000);
      }
    });
  }

  async receive(max: number): Promise<readonly ReceivedMessage[]> {
    checkReceiveMax(max);
    const { clock, name, settings } = this.#parts;
    const nowMs = clock.nowMs();
    return this.#commit((database) => {
      database
        .prepare('UPDATE messages SET due_ms = NULL WHERE queue = ? AND due_ms <= ? AND receives >= ?')
        .run(name, nowMs, settings.maxReceives);
      const due = database
        .prepare('SELECT id FROM messages WHERE queue = ? AND due_ms <= ? ORDER BY due_ms, rowid LIMIT ?')
        .all(name, nowMs, max);
      const take = database.prepare(
        `UPDATE messages SET receives = receives + 1, receipt = id || '#' || (receives + 1), due_ms = ?
         WHERE id = ? RETURNING ${COLUMNS}, receipt`,
      );
      const hiddenUntilMs = nowMs + settings.visibilityTimeoutSeconds * 1000;
      return due.map(({ id }) => ({ ...take.get(hiddenUntilMs, id) }) as unknown as ReceivedMessage);
    });
  }

  async acknowledge(receipts: readonly string[]): Promise<void> {
    this.#commit((database) => {
      const remove = database.prepare('DELETE FROM messages WHERE id = ? AND receipt = ? AND due_ms IS NOT NULL');
      for (const receipt of receipts) remove.run(receipt.slice(0, receipt.lastIndexOf('#')), receipt);
    });
  }

  async nextDueMs(): Promise<number | undefined> {
    const { database, name } = this.#parts;
    const row = database.prepare('SELECT min(due_ms) AS dueMs FROM messages WHERE queue = ?').get(name);
    return (row?.dueMs as number | null | undefined) ?? undefined;
  }

  deadLetters(): readonly DeadLetter[] {
    const { database, name } = this.#parts;
    const rows = database
      .prepare(`SELECT ${COLUMNS} FROM messages WHERE queue = ? AND due_ms IS NULL ORDER BY rowid`)
      .all(name);
    return rows.map((row) => ({ ...row }) as unknown as DeadLetter);
  }

  #commit<T>(work: (database: DatabaseSync) => T): T {
    const { database, directory } = this.#parts;
    return explainFullDiskSync(directory, () => transaction(database, () => work(database)));
  }
}
