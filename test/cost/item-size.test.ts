import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toItem } from '#shared/adapters/aws/attribute-values.ts';
import { itemBytes, readUnits, writeUnits } from '#shared/cost/item-size.ts';
import type { RecordData } from '#shared/ports/record-store.ts';

const record = (data: RecordData) => ({ partition: 'part', sort: 'sort', version: 1, data });
/** `pk`, `sk`, `version`, four bytes of each key, two of the number. */
const EMPTY = 2 + 2 + 7 + 4 + 4 + 2;

test('itemBytes() counts names and values as DynamoDB does', () => {
  const cases: readonly (readonly [RecordData, number])[] = [
    [{}, 0],
    [{ a: 'text' }, 1 + 4],
    [{ a: 'é' }, 1 + 2],
    [{ a: true, b: null }, 2 + 2],
    [{ a: 0 }, 1 + 2],
    [{ a: 12 }, 1 + 2],
    [{ a: 123 }, 1 + 3],
    [{ a: -123 }, 1 + 4],
    [{ a: 1_700_000_000 }, 1 + 2],
    [{ a: 1_700_000_001 }, 1 + 6],
    [{ a: new Uint8Array(100) }, 1 + 100],
    [{ a: ['x', 'yz'] }, 1 + 3 + (1 + 1) + (1 + 2)],
    [{ a: { bc: 'x' } }, 1 + 3 + 1 + 2 + 1],
  ];
  for (const [data, expected] of cases) assert.equal(itemBytes(record(data)) - EMPTY, expected, JSON.stringify(data));
});

test('itemBytes() counts the attributes that the table adds, by their names', () => {
  const expiring = { ...record({}), expiresAtMs: 1_700_000_000_000 };
  const names = Object.keys(toItem(expiring)).reduce((sum, name) => sum + name.length, 0);
  assert.equal(itemBytes(expiring), names + 'part'.length + 'sort'.length + 2 + 2);
});

test('units are whole, at least one', () => {
  assert.deepEqual([0, 1, 1024, 1025].map(writeUnits), [1, 1, 1, 2]);
  assert.deepEqual([0, 1, 4096, 4097].map(readUnits), [1, 1, 1, 2]);
});
