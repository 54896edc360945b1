import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyValue, isStaleAt, setStaleAt, wordsOf } from '#shared/model/stale.ts';

test('a stale marker is one NaN and no other', () => {
  const values = new Float64Array([1, Number.NaN, Number.POSITIVE_INFINITY, 0, 5]);
  const words = wordsOf(values);
  setStaleAt(words, 3);
  assert.deepEqual(
    Array.from(values, (_, i) => isStaleAt(words, i)),
    [false, false, false, true, false],
  );
  assert.ok(Number.isNaN(values[3]));
  assert.equal(values[4], 5);
});

test('a stale marker has the bits of Prometheus', () => {
  const values = new Float64Array(1);
  setStaleAt(wordsOf(values), 0);
  assert.equal(new DataView(values.buffer).getBigUint64(0, true), 0x7ff0000000000002n);
});

test('copyValue() keeps the bits, also within a part of a buffer', () => {
  const from = new Float64Array(new ArrayBuffer(32), 8, 2);
  const to = new Float64Array(3);
  setStaleAt(wordsOf(from), 1);
  copyValue(wordsOf(from), 1, wordsOf(to), 2);
  assert.equal(isStaleAt(wordsOf(to), 2), true);
  assert.equal(isStaleAt(wordsOf(to), 1), false);
});
