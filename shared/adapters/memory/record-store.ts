import { compareStrings } from '#shared/model/labels.ts';
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
  isExpired,
  queryLimit,
  roundExpiry,
} from '#shared/ports/record-store-rules.ts';

/** A record store in memory. It shares no values with its callers. */
export function createMemoryRecordStore(options: { readonly clock: Clock }): RecordStore {
  return new MemoryRecordStore(options.clock);
}

/** The records of one partition, ordered by sort key. */
type Partition = StoredRecord[];

class MemoryRecordStore implements RecordStore {
  readonly #clock: Clock;
  readonly #partitions = new Map<string, Partition>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async get(partition: string, sort: string): Promise<StoredRecord | undefined> {
    checkRecordKey(partition, sort);
    const record = this.#find(partition, sort);
    return record && copyRecord(record);
  }

  async write(write: RecordWrite): Promise<WriteResult> {
    checkRecordWrite(write);
    if (!this.#holds(write)) return { ok: false };
    return { ok: true, version: this.#apply(write) };
  }

  async transact(writes: readonly RecordWrite[]): Promise<TransactResult> {
    checkTransaction(writes);
    const failed = writes.flatMap((write, index) => (this.#holds(write) ? [] : [index]));
    if (failed.length > 0) return { ok: false, failed };
    for (const write of writes) this.#apply(write);
    return { ok: true };
  }

  async query(query: RecordQuery): Promise<RecordPage> {
    const limit = queryLimit(query);
    const nowMs = this.#clock.nowMs();
    const matching: StoredRecord[] = [];
    for (const record of inQuery(this.#partitions.get(query.partition) ?? [], query)) {
      if (matching.length > limit) break;
      if (!isExpired(record, nowMs)) matching.push(record);
    }
    const records = matching.slice(0, limit).map(copyRecord);
    return { records, ...(matching.length > limit && { next: records.at(-1)!.sort }) };
  }

  #find(partition: string, sort: string): StoredRecord | undefined {
    const records = this.#partitions.get(partition) ?? [];
    const record = records[position(records, sort)];
    if (record?.sort !== sort || isExpired(record, this.#clock.nowMs())) return undefined;
    return record;
  }

  #holds({ partition, sort, condition }: RecordWrite): boolean {
    if (condition === undefined) return true;
    const current = this.#find(partition, sort);
    return condition.kind === 'absent' ? current === undefined : current?.version === condition.version;
  }

  /** @returns The record's version now; 0 when there is none. */
  #apply(write: RecordWrite): number {
    const { partition, sort } = write;
    const current = this.#find(partition, sort);
    if (write.kind === 'check') return current?.version ?? 0;
    const records = this.#partitions.get(partition) ?? [];
    const at = position(records, sort);
    const occupied = records[at]?.sort === sort ? 1 : 0;
    if (write.kind === 'delete') {
      records.splice(at, occupied);
      return 0;
    }
    const version = (current?.version ?? 0) + 1;
    const expiresAtMs = roundExpiry(write.expiresAtMs);
    const data = copyRecordData(write.data);
    records.splice(at, occupied, { partition, sort, version, data, ...(expiresAtMs !== undefined && { expiresAtMs }) });
    this.#partitions.set(partition, records);
    return version;
  }
}

function copyRecord(record: StoredRecord): StoredRecord {
  return { ...record, data: copyRecordData(record.data) };
}

/** The records in the query's bounds and after its page before, in its order. */
function* inQuery(records: Partition, { from, to, next, descending }: RecordQuery): Generator<StoredRecord> {
  let start = from === undefined ? 0 : position(records, from);
  let end = to === undefined ? records.length : positionAfter(records, to);
  if (next !== undefined && descending) end = Math.min(end, position(records, next));
  if (next !== undefined && !descending) start = Math.max(start, positionAfter(records, next));
  if (descending) for (let i = end - 1; i >= start; i--) yield records[i];
  else for (let i = start; i < end; i++) yield records[i];
}

/** The index of the first record whose sort key is > `sort`. */
function positionAfter(records: Partition, sort: string): number {
  const at = position(records, sort);
  return records[at]?.sort === sort ? at + 1 : at;
}

/** The index of the first record whose sort key is ≥ `sort`. */
function position(records: Partition, sort: string): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareStrings(records[middle].sort, sort) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
