import type { RecordData, RecordQuery, RecordValue, RecordWrite, StoredRecord } from './record-store.ts';
import { utf8Length } from './utf8.ts';

/** The most a record may take, keys and names included, as DynamoDB counts. */
export const MAX_RECORD_BYTES = 409_600;

/** The records of a page when the query does not say. */
export const DEFAULT_QUERY_LIMIT = 1000;

const MAX_TRANSACTION_WRITES = 100;
const MAX_TRANSACTION_BYTES = 4_194_304;
const MAX_PARTITION_BYTES = 2048;
const MAX_SORT_BYTES = 1024;
/** DynamoDB's numbers end here; beyond them a float has to be stored as text. */
const MAX_NUMBER = 9.99e125;
const MIN_NUMBER = 1e-130;
const RESERVED = new Set(['pk', 'sk', 'version', 'expiresAt']);
/** `pk`, `sk`, `version`, `expiresAt` and their numbers. */
const OWN_BYTES = 2 + 2 + 7 + 9 + 2 * 11;

/** Checks a write's keys, content and size.
 *  @returns Its size as DynamoDB counts it; 0 for a write that stores nothing.
 *  @throws {TypeError} When a key or a value cannot be stored. @throws {RangeError} When the record is too large. */
export function checkRecordWrite(write: RecordWrite): number {
  checkRecordKey(write.partition, write.sort);
  if (write.kind !== 'put') return 0;
  const bytes = recordBytes(write.partition, write.sort, write.data);
  if (bytes <= MAX_RECORD_BYTES) return bytes;
  throw new RangeError(`${cannotWrite(write)}: it is ${bytes} bytes, expected at most ${MAX_RECORD_BYTES}`);
}

/** Checks a transaction's writes one by one and together.
 *  @throws {RangeError} When there are none, too many or too large ones. @throws {TypeError} When a key comes twice. */
export function checkTransaction(writes: readonly RecordWrite[]): void {
  if (writes.length < 1 || writes.length > MAX_TRANSACTION_WRITES) {
    throw new RangeError(
      `Cannot commit transaction: it has ${writes.length} writes, expected 1 to ${MAX_TRANSACTION_WRITES}`,
    );
  }
  const seen = new Set<string>();
  let bytes = 0;
  for (const write of writes) {
    bytes += checkRecordWrite(write);
    const key = JSON.stringify([write.partition, write.sort]);
    if (seen.has(key)) throw new TypeError(`${cannotWrite(write)}: the transaction writes it twice`);
    seen.add(key);
  }
  if (bytes > MAX_TRANSACTION_BYTES) {
    throw new RangeError(`Cannot commit transaction: it is ${bytes} bytes, expected at most ${MAX_TRANSACTION_BYTES}`);
  }
}

/** @throws {TypeError} When a key is empty, too long, or not well-formed Unicode. */
export function checkRecordKey(partition: string, sort: string): void {
  checkKeyPart('partition', partition, MAX_PARTITION_BYTES);
  checkKeyPart('sort', sort, MAX_SORT_BYTES);
}

function checkKeyPart(part: string, key: string, maxBytes: number): void {
  const bytes = utf8Length(key);
  if (bytes >= 1 && bytes <= maxBytes && key.isWellFormed()) return;
  const problem = key.isWellFormed() ? `it has ${bytes} bytes, expected 1 to ${maxBytes}` : 'it has a lone surrogate';
  throw new TypeError(`Cannot use ${part} key "${key.slice(0, 200)}": ${problem}`);
}

/** The page size to use. @throws {RangeError} When it is not a whole number ≥ 1. */
export function queryLimit(query: RecordQuery): number {
  const limit = query.limit ?? DEFAULT_QUERY_LIMIT;
  if (Number.isInteger(limit) && limit >= 1) return limit;
  throw new RangeError(`Cannot query records: limit is ${limit}, expected a whole number ≥ 1`);
}

/** Expiry as it is stored: whole seconds, rounded up. */
export function roundExpiry(expiresAtMs: number | undefined): number | undefined {
  return expiresAtMs === undefined ? undefined : Math.ceil(expiresAtMs / 1000) * 1000;
}

/** Whether the record counts as absent at `nowMs`. */
export function isExpired(record: Pick<StoredRecord, 'expiresAtMs'>, nowMs: number): boolean {
  return record.expiresAtMs !== undefined && record.expiresAtMs <= nowMs;
}

/** A deep copy as a store gives it back: without undefined fields, and with `-0` as 0. */
export function copyRecordData(data: RecordData): RecordData {
  return copyValue(data) as RecordData;
}

function copyValue(value: RecordValue): RecordValue {
  if (typeof value === 'number') return value + 0;
  if (value === null || typeof value !== 'object') return value;
  // Not slice(): a Buffer's shares its memory.
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(copyValue);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, copyValue(field)]));
}

function recordBytes(partition: string, sort: string, data: RecordData): number {
  let bytes = OWN_BYTES + utf8Length(partition) + utf8Length(sort);
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined) continue;
    if (RESERVED.has(name)) throw new TypeError(`${cannotWrite({ partition, sort })}: the name "${name}" is reserved`);
    bytes += utf8Length(name) + valueBytes(value, { partition, sort });
  }
  return bytes;
}

interface RecordKey {
  readonly partition: string;
  readonly sort: string;
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function valueBytes(value: RecordValue, key: RecordKey): number {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError(`${cannotWrite(key)}: a string has a lone surrogate`);
      return utf8Length(value);
    case 'number':
      return numberBytes(value, key);
    case 'boolean':
      return 1;
    case 'object':
      return value === null ? 1 : objectBytes(value, key);
    default:
      throw new TypeError(`${cannotWrite(key)}: got a value of type ${typeof value}`);
  }
}

function objectBytes(value: Exclude<RecordValue, string | number | boolean | null>, key: RecordKey): number {
  if (value instanceof Uint8Array) return value.length;
  let bytes = 3;
  if (Array.isArray(value)) {
    for (const item of value) bytes += 1 + valueBytes(item, key);
    return bytes;
  }
  for (const [name, field] of Object.entries(value)) {
    if (field !== undefined) bytes += 1 + utf8Length(name) + valueBytes(field, key);
  }
  return bytes;
}

function numberBytes(value: number, key: RecordKey): number {
  const size = Math.abs(value);
  if (!(size <= MAX_NUMBER) || (size !== 0 && size < MIN_NUMBER)) {
    throw new TypeError(`${cannotWrite(key)}: the number ${value} cannot be stored, write it as text`);
  }
  const digits = String(size).replace(/e.*$/, '').replace('.', '').length;
  return Math.ceil(digits / 2) + (value < 0 ? 2 : 1);
}

function cannotWrite({ partition, sort }: RecordKey): string {
  return `Cannot write record "${partition}" "${sort}"`;
}
