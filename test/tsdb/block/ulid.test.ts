import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUlid, isUlid, ulidTimeMs } from '#shared/tsdb/block/ulid.ts';

const randomOf = (uuid: string) => ({ next: () => 0, uuid: () => uuid });

test('createUlid() writes time and random bits as the specification does', () => {
  const cases = [
    { nowMs: 0, uuid: '00000000-0000-4000-8000-000000000000', expected: '00000000000000000000000000' },
    { nowMs: 1469918176385, uuid: 'ffffffff-ffff-4fff-bfff-ffffffffffff', expected: '01ARYZ6S41ZZZZZZZZZZZZZZZZ' },
    { nowMs: 2 ** 48 - 1, uuid: '00000000-0000-4001-8000-100000000000', expected: '7ZZZZZZZZZ000000000001000G' },
  ];
  for (const { nowMs, uuid, expected } of cases) {
    const ulid = createUlid(nowMs, randomOf(uuid));
    assert.equal(ulid, expected);
    assert.ok(isUlid(ulid));
    assert.equal(ulidTimeMs(ulid), nowMs);
  }
});

test('createUlid() refuses times that it cannot hold', () => {
  for (const nowMs of [-1, 0.5, 2 ** 48, Number.NaN]) {
    assert.throws(() => createUlid(nowMs, randomOf('')), /^RangeError: Cannot create ULID: time is/);
  }
});

test('isUlid() takes only what blocks are named by', () => {
  for (const text of [
    '',
    '01M827Y2FRD4TKPEPZEF84GBZ',
    '01m827y2frd4tkpepzef84gbz0',
    '81M827Y2FRD4TKPEPZEF84GBZ0',
    '01M827Y2FRD4TKPEPZEF84GBZI',
  ]) {
    assert.equal(isUlid(text), false, text);
    assert.throws(() => ulidTimeMs(text), TypeError);
  }
});
