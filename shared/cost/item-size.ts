import type { RecordValue, StoredRecord } from '#shared/ports/record-store.ts';
import { textBytes } from './request.ts';

/** What of a record counts. */
export type SizedRecord = Pick<StoredRecord, 'partition' | 'sort' | 'version' | 'data' | 'expiresAtMs'>;

/** Attribute names count with their values: `pk`, `sk` and `version` of every item, `expiresAt` of those that expire. */
const FIXED_NAME_BYTES = 'pk'.length + 'sk'.length + 'version'.length;
const EXPIRY_BYTES = 'expiresAt'.length + numberBytes(1_700_000_000);
const CONTAINER_BYTES = 3;
const ELEMENT_BYTES = 1;

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

/** The bytes of a record as DynamoDB counts those of an item.
 *  @see AWS, DynamoDB Developer Guide, "DynamoDB item sizes and formats" */
export function itemBytes({ partition, sort, version, data, expiresAtMs }: SizedRecord): number {
  const keys = FIXED_NAME_BYTES + textBytes(partition) + textBytes(sort) + numberBytes(version);
  return keys + fieldsBytes(data) + (expiresAtMs === undefined ? 0 : EXPIRY_BYTES);
}

/** Write units of an item that is put, deleted or checked: the larger of what was there and what will be.
 *  @param bytes 0 of an item that is absent. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
}

/** Read units of a strongly consistent read: of a query, of all items that it looked at together. */
export function readUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES));
}

function fieldsBytes(data: { readonly [name: string]: RecordValue }): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(data)) {
    if (value !== undefined) bytes += textBytes(name) + valueBytes(value);
  }
  return bytes;
}

function valueBytes(value: RecordValue): number {
  if (value === null) return 1;
  switch (typeof value) {
    case 'string':
      return textBytes(value);
    case 'number':
      return numberBytes(value);
    case 'boolean':
      return 1;
  }
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, element) => sum + ELEMENT_BYTES + valueBytes(element), CONTAINER_BYTES);
  }
  const fields = value as { readonly [name: string]: RecordValue };
  return CONTAINER_BYTES + Object.keys(fields).length * ELEMENT_BYTES + fieldsBytes(fields);
}

/** A byte for two significant digits, one more, and one for the sign. */
function numberBytes(value: number): number {
  const [mantissa] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '').length;
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0);
}
