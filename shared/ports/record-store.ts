/** What DynamoDB promises of one table with a partition and a sort key: strongly consistent reads, conditional writes,
 *  all-or-nothing transactions of at most 100 writes, queries of one partition in sort-key order (UTF-8 bytes).
 *  A record is at most 400 KB. Records past their expiry are never returned, whether or not they are deleted yet. */
export interface RecordStore {
  get(partition: string, sort: string): Promise<StoredRecord | undefined>;
  /** One conditional write. `{ ok: false }` when the condition does not hold; nothing is changed then. */
  write(write: RecordWrite): Promise<WriteResult>;
  /** All of `writes` (1–100, each key at most once, together ≤ 4 MB), or none.
   *  @returns On failure the indexes of the writes whose condition did not hold (at least one). */
  transact(writes: readonly RecordWrite[]): Promise<TransactResult>;
  query(query: RecordQuery): Promise<RecordPage>;
  /** A number that is another one after each write to the partition, whoever made it: at the same number nothing but what
   *  expired has changed. Absent where a store cannot know it without asking. */
  changesOf?(partition: string): number;
}

export type RecordValue =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly RecordValue[]
  | { readonly [name: string]: RecordValue };

/** The record's content. Top-level names must not be `pk`, `sk`, `version` or `expiresAt`. */
export type RecordData = { readonly [name: string]: RecordValue };

export interface StoredRecord {
  readonly partition: string;
  readonly sort: string;
  /** 1 for a new record, one more with each put. */
  readonly version: number;
  readonly data: RecordData;
  /** Unix milliseconds; kept to the second, rounded up. */
  readonly expiresAtMs?: number;
}

export type RecordWrite = PutRecord | DeleteRecord | CheckRecord;

/** Writes the record whole. */
export interface PutRecord {
  readonly kind: 'put';
  readonly partition: string;
  readonly sort: string;
  readonly data: RecordData;
  readonly expiresAtMs?: number;
  readonly condition?: RecordCondition;
}

export interface DeleteRecord {
  readonly kind: 'delete';
  readonly partition: string;
  readonly sort: string;
  readonly condition?: RecordCondition;
}

/** Only a condition, for transactions. */
export interface CheckRecord {
  readonly kind: 'check';
  readonly partition: string;
  readonly sort: string;
  readonly condition: RecordCondition;
}

/** An expired record counts as absent. */
export type RecordCondition = { readonly kind: 'absent' } | { readonly kind: 'version'; readonly version: number };

export type WriteResult = { readonly ok: true; readonly version: number } | { readonly ok: false };
export type TransactResult = { readonly ok: true } | { readonly ok: false; readonly failed: readonly number[] };

export interface RecordQuery {
  readonly partition: string;
  /** Inclusive bounds on the sort key. */
  readonly from?: string;
  readonly to?: string;
  /** @default 1000; a page may hold fewer and still have a `next`. */
  readonly limit?: number;
  readonly descending?: boolean;
  /** From the page before. */
  readonly next?: string;
}

export interface RecordPage {
  readonly records: readonly StoredRecord[];
  /** Absent on the last page. */
  readonly next?: string;
}

/** Reads all pages of a query. */
export async function queryAll(store: RecordStore, query: RecordQuery): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  let next: string | undefined;
  do {
    const page = await store.query({ ...query, next });
    records.push(...page.records);
    next = page.next;
  } while (next !== undefined);
  return records;
}
