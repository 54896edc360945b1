import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { RecordData, RecordValue, RecordWrite, StoredRecord } from '#shared/ports/record-store.ts';
import { roundExpiry } from '#shared/ports/record-store-rules.ts';
import { TABLE_SCHEMA } from './schema.ts';

/** An item of the table, as the client has it. */
export type Item = Readonly<Record<string, AttributeValue>>;

const { partitionKey, sortKey, version, expiresAt } = TABLE_SCHEMA;
const OWN_NAMES: ReadonlySet<string> = new Set(Object.values(TABLE_SCHEMA));

/** The key of a record. */
export function keyOf({ partition, sort }: Pick<RecordWrite, 'partition' | 'sort'>): Record<string, AttributeValue> {
  return { [partitionKey]: { S: partition }, [sortKey]: { S: sort } };
}

/** The item of a record. Undefined fields are left out, and -0 is 0. */
export function toItem(record: Omit<StoredRecord, 'sort' | 'partition'> & Pick<RecordWrite, 'partition' | 'sort'>) {
  const expiresAtMs = roundExpiry(record.expiresAtMs);
  return {
    ...toFields(record.data),
    ...keyOf(record),
    [version]: { N: String(record.version) },
    ...(expiresAtMs !== undefined && { [expiresAt]: { N: String(expiresAtMs / 1000) } }),
  };
}

/** The record of an item. @throws {TypeError} When the item is none of ours. */
export function toRecord(item: Item): StoredRecord {
  const fields = Object.entries(item).filter(([name]) => !OWN_NAMES.has(name));
  const expiry = item[expiresAt]?.N;
  return {
    partition: item[partitionKey].S!,
    sort: item[sortKey].S!,
    version: Number(item[version]?.N),
    data: Object.fromEntries(fields.map(([name, value]) => [name, fromValue(value)])),
    ...(expiry !== undefined && { expiresAtMs: Number(expiry) * 1000 }),
  };
}

function toFields(data: RecordData): Record<string, AttributeValue> {
  const fields = Object.entries(data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields.map(([name, value]) => [name, toValue(value)]));
}

function toValue(value: RecordValue): AttributeValue {
  if (value === null) return { NULL: true };
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: String(value + 0) };
    case 'boolean':
      return { BOOL: value };
  }
  if (value instanceof Uint8Array) return { B: value };
  if (Array.isArray(value)) return { L: value.map(toValue) };
  return { M: toFields(value as RecordData) };
}

function fromValue(value: AttributeValue): RecordValue {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  // The client's own may be a Buffer.
  if (value.B !== undefined) return new Uint8Array(value.B);
  if (value.L !== undefined) return value.L.map(fromValue);
  if (value.M !== undefined) {
    return Object.fromEntries(Object.entries(value.M).map(([name, field]) => [name, fromValue(field)]));
  }
  throw new TypeError(`Cannot read attribute of type "${Object.keys(value).join()}": no record has it`);
}
