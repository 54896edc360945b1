import type { ObjectStore } from './object-store.ts';
import type { RecordCondition, RecordStore, RecordWrite } from './record-store.ts';

/** A JSON value under one key of the record store, with a version for optimistic writes. Values that a record cannot
 *  hold go into an object that the record names; the record's write is the commit either way. */
export interface VersionedDocument<T> {
  readonly value: T;
  readonly version: number;
}

export interface DocumentKey {
  readonly partition: string;
  readonly sort: string;
}

interface Stores {
  readonly records: RecordStore;
  readonly objects: ObjectStore;
}

/** Below the record limit of 400 KB, with room for UTF-8 and the other writes of a transaction. */
const MAX_INLINE_CHARS = 100_000;

/** @throws {Error} When the document's object is missing. */
export async function readDocument<T>(stores: Stores, key: DocumentKey): Promise<VersionedDocument<T> | undefined> {
  const record = await stores.records.get(key.partition, key.sort);
  if (record === undefined) return undefined;
  return { value: JSON.parse(await jsonOf(stores, record.data)) as T, version: record.version };
}

/** The JSON text of a record that `prepareDocument` made. */
export async function jsonOf(
  stores: Pick<Stores, 'objects'>,
  data: { readonly [name: string]: unknown },
): Promise<string> {
  if (typeof data.json === 'string') return data.json;
  const object = await stores.objects.get(String(data.object));
  if (object === undefined) throw new Error(`Cannot read document: object "${data.object}" is missing`);
  return new TextDecoder().decode(object.body);
}

/** The conditional write that makes `value` the document's next version: for a transaction.
 *  @param version The version that was read; `undefined` when there was none. */
export async function prepareDocument(
  stores: Pick<Stores, 'objects'>,
  key: DocumentKey,
  next: {
    readonly value: unknown;
    readonly version: number | undefined;
    readonly writer: string;
    readonly expiresAtMs?: number;
  },
): Promise<RecordWrite> {
  const json = JSON.stringify(next.value);
  const condition: RecordCondition =
    next.version === undefined ? { kind: 'absent' } : { kind: 'version', version: next.version };
  const write = { kind: 'put', ...key, expiresAtMs: next.expiresAtMs, condition } as const;
  if (json.length <= MAX_INLINE_CHARS) return { ...write, data: { json } };
  const object = `documents/${safe(key.partition)}/${safe(key.sort)}/${(next.version ?? 0) + 1}-${next.writer}`;
  await stores.objects.put(object, new TextEncoder().encode(json));
  return { ...write, data: { object } };
}

/** Object keys allow fewer characters than record keys. */
function safe(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._=-]/g, (char) => `=${char.codePointAt(0)!.toString(16)}`);
}
