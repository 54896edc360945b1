import type { Clock } from './clock.ts';
import type { ObjectStore } from './object-store.ts';
import type { Random } from './random.ts';
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

/** What writing a document needs. */
export interface DocumentPorts {
  readonly objects: ObjectStore;
  readonly random: Random;
  readonly clock: Clock;
}

/** The conditional write that makes `value` the document's next version: for a transaction.
 *  @param next.version The version that was read; `undefined` when there was none. */
export async function prepareDocument(
  ports: DocumentPorts,
  key: DocumentKey,
  next: { readonly value: unknown; readonly version: number | undefined },
): Promise<RecordWrite> {
  const json = JSON.stringify(next.value);
  const condition: RecordCondition =
    next.version === undefined ? { kind: 'absent' } : { kind: 'version', version: next.version };
  const write = { kind: 'put', ...key, condition } as const;
  if (json.length <= MAX_INLINE_CHARS) return { ...write, data: { json } };
  const object = `${FOLDER}${safe(key.partition)}/${safe(key.sort)}/${ports.clock.nowMs()}-${ports.random.uuid()}`;
  await ports.objects.put(object, new TextEncoder().encode(json));
  return { ...write, data: { object } };
}

const FOLDER = 'documents/';
/** Nobody takes this long between writing a document's object and its record. */
const MAX_WRITE_MS = 3_600_000;

/** Deletes objects of documents that were replaced or deleted. @returns How many. */
export async function sweepDocuments(stores: Stores, nowMs: number): Promise<number> {
  let deleted = 0;
  let after: string | undefined;
  do {
    const page = await stores.objects.list(FOLDER, { after });
    for (const { key } of page.objects) {
      const [, partition, sort, name] = key.split('/');
      if (Number(name.split('-')[0]) + MAX_WRITE_MS > nowMs) continue;
      const record = await stores.records.get(unsafe(partition), unsafe(sort));
      if (record?.data.object === key) continue;
      await stores.objects.delete(key);
      deleted++;
    }
    after = page.next;
  } while (after !== undefined);
  return deleted;
}

/** Object keys allow fewer characters than record keys; `=` and a character's code in hex, ended by `.`, stand for the rest. */
function safe(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, (char) => `=${char.codePointAt(0)!.toString(16)}.`);
}

function unsafe(text: string): string {
  return text.replaceAll(/=([0-9a-f]+)\./g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}
