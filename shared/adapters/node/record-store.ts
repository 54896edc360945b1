import { join } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Clock } from '#shared/ports/clock.ts';
import type {
  RecordPage,
  RecordQuery,
  RecordStore,
  RecordWrite,
  StoredRecord,
  TransactResult,
  WriteResult,
} from '#shared/ports/record-store.ts';
import {
  checkRecordKey,
  checkRecordWrite,
  checkTransaction,
  copyRecordData,
  queryLimit,
  roundExpiry,
} from '#shared/ports/record-store-rules.ts';
import { ChangeCounts } from './change-counts.ts';
import { openDatabase, transaction } from './database.ts';
import { decodeRecordData, encodeRecordData } from './record-json.ts';
import { explainFullDiskSync } from './storage-error.ts';

/** A record store that is to be closed. */
export interface SqliteRecordStore extends RecordStore {
  close(): void;
}

/** Text sorts by its UTF-8 bytes, which is the order that the port asks for. */
const SCHEMA = `
  CREATE TABLE records (
    partition TEXT NOT NULL, sort TEXT NOT NULL, version INTEGER NOT NULL, data TEXT NOT NULL, expires_ms INTEGER,
    PRIMARY KEY (partition, sort)
  );
  CREATE INDEX records_expiry ON records (expires_ms) WHERE expires_ms IS NOT NULL`;

const LIVE = '(expires_ms IS NULL OR expires_ms > ?)';
const RANGE = 'partition = ? AND sort >= ? AND sort <= ?';

/** SQLite sorts every blob after every text. */
const AFTER_ALL_TEXT = new Uint8Array(0);

/** How many writes there are between two sweeps of expired records. */
const SWEEP_EVERY = 512;

/** A record store in `<directory>/records.db`. What it acknowledged survives a power cut. */
export function openSqliteRecordStore(directory: string, options: { readonly clock: Clock }): SqliteRecordStore {
  return new DatabaseRecordStore(directory, options.clock);
}

interface Row {
  readonly partition: string;
  readonly sort: string;
  readonly version: number;
  readonly data: string;
  readonly expires_ms: number | null;
}

class DatabaseRecordStore implements SqliteRecordStore {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #ascending: StatementSync;
  readonly #descending: StatementSync;
  /** The directory is for this process alone, so all writes pass here. */
  readonly #changes = new ChangeCounts();
  #writesUntilSweep = 0;

  constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
    this.#database = openDatabase(join(directory, 'records.db'), { schema: SCHEMA, durability: 'full' });
    const prepare = (sql: string) => this.#database.prepare(sql);
    this.#get = prepare(`SELECT * FROM records WHERE partition = ? AND sort = ? AND ${LIVE}`);
    this.#put = prepare(
      'INSERT OR REPLACE INTO records (partition, sort, version, data, expires_ms) VALUES (?, ?, ?, ?, ?)',
    );
    this.#delete = prepare('DELETE FROM records WHERE partition = ? AND sort = ?');
    this.#ascending = prepare(`SELECT * FROM records WHERE ${RANGE} AND sort > ? AND ${LIVE} ORDER BY sort LIMIT ?`);
    this.#descending = prepare(
      `SELECT * FROM records WHERE ${RANGE} AND sort < ? AND ${LIVE} ORDER BY sort DESC LIMIT ?`,
    );
  }

  async get(partition: string, sort: string): Promise<StoredRecord | undefined> {
    checkRecordKey(partition, sort);
    const row = this.#row(partition, sort);
    return row && toRecord(row);
  }

  async write(write: RecordWrite): Promise<WriteResult> {
    checkRecordWrite(write);
    return this.#commit(() => (this.#holds(write) ? { ok: true, version: this.#apply(write) } : { ok: false }));
  }

  async transact(writes: readonly RecordWrite[]): Promise<TransactResult> {
    checkTransaction(writes);
    return this.#commit(() => {
      const failed = writes.flatMap((write, index) => (this.#holds(write) ? [] : [index]));
      if (failed.length > 0) return { ok: false, failed };
      for (const write of writes) this.#apply(write);
      return { ok: true };
    });
  }

  async query(query: RecordQuery): Promise<RecordPage> {
    const limit = queryLimit(query);
    const { partition, from = '', to = AFTER_ALL_TEXT, descending = false } = query;
    const after: SQLInputValue = query.next ?? (descending ? AFTER_ALL_TEXT : '');
    const statement = descending ? this.#descending : this.#ascending;
    const rows = statement.all(partition, from, to, after, this.#clock.nowMs(), limit + 1) as unknown as Row[];
    const records = rows.slice(0, limit).map(toRecord);
    return { records, ...(rows.length > limit && { next: records[limit - 1].sort }) };
  }

  changesOf(partition: string): number {
    return this.#changes.of(partition);
  }

  close(): void {
    this.#database.close();
  }

  #commit<T>(work: () => T): T {
    return explainFullDiskSync(this.#directory, () =>
      transaction(this.#database, () => {
        this.#sweep();
        return work();
      }),
    );
  }

  #row(partition: string, sort: string): Row | undefined {
    return this.#get.get(partition, sort, this.#clock.nowMs()) as unknown as Row | undefined;
  }

  #holds({ partition, sort, condition }: RecordWrite): boolean {
    if (condition === undefined) return true;
    const current = this.#row(partition, sort);
    return condition.kind === 'absent' ? current === undefined : current?.version === condition.version;
  }

  /** @returns The record's version now; 0 when there is none. */
  #apply(write: RecordWrite): number {
    const { partition, sort } = write;
    // Also when the transaction fails in the end: then something is read again for nothing.
    if (write.kind !== 'check') this.#changes.add(partition);
    if (write.kind === 'delete') {
      this.#delete.run(partition, sort);
      return 0;
    }
    const version = this.#row(partition, sort)?.version ?? 0;
    if (write.kind === 'check') return version;
    const data = encodeRecordData(copyRecordData(write.data));
    this.#put.run(partition, sort, version + 1, data, roundExpiry(write.expiresAtMs) ?? null);
    return version + 1;
  }

  #sweep(): void {
    if (this.#writesUntilSweep-- > 0) return;
    this.#writesUntilSweep = SWEEP_EVERY;
    this.#database.prepare('DELETE FROM records WHERE expires_ms <= ?').run(this.#clock.nowMs());
  }
}

/** The data is decoded when it is asked for: who looks for what is new knows most records by their keys. */
function toRecord({ partition, sort, version, data, expires_ms: expiresAtMs }: Row): StoredRecord {
  let decoded: StoredRecord['data'] | undefined;
  return {
    partition,
    sort,
    version,
    get data() {
      decoded ??= decodeRecordData(data);
      return decoded;
    },
    ...(expiresAtMs !== null && { expiresAtMs }),
  };
}
