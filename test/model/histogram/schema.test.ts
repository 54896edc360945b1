import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bucketBound,
  exponentialBound,
  isExponentialSchema,
  isKnownSchema,
  reduceResolution,
  targetIndex,
} from '#shared/model/histogram/schema.ts';
import { plain, sample } from './sample.ts';

test('exponentialBound() has the floats of Prometheus', () => {
  const cases = [
    { index: -1, schema: -1, bound: 0.25 },
    { index: 0, schema: -1, bound: 1 },
    { index: 1, schema: -1, bound: 4 },
    { index: 512, schema: -1, bound: Number.MAX_VALUE },
    { index: 513, schema: -1, bound: Number.POSITIVE_INFINITY },
    { index: -33, schema: -4, bound: 2 ** -528 },
    { index: 64, schema: -4, bound: Number.MAX_VALUE },
    { index: 65, schema: -4, bound: Number.POSITIVE_INFINITY },
    { index: -1, schema: 0, bound: 0.5 },
    { index: 1, schema: 0, bound: 2 },
    { index: 1024, schema: 0, bound: Number.MAX_VALUE },
    { index: 1025, schema: 0, bound: Number.POSITIVE_INFINITY },
    { index: -1074, schema: 0, bound: Number.MIN_VALUE },
    { index: -1075, schema: 0, bound: 0 },
    { index: -1, schema: 2, bound: 0.8408964152537144 },
    { index: 1, schema: 2, bound: 1.189207115002721 },
    { index: 4096, schema: 2, bound: Number.MAX_VALUE },
    { index: 4097, schema: 2, bound: Number.POSITIVE_INFINITY },
    // Not Math.SQRT1_2: the nearest float is one up.
    { index: -1, schema: 1, bound: 0.7071067811865475 },
    { index: -255, schema: 8, bound: 0.5013556375251013 },
    { index: -1, schema: 8, bound: 0.9972960560854698 },
    { index: 255, schema: 8, bound: 1.9945921121709396 },
  ];
  for (const { index, schema, bound } of cases) {
    assert.equal(exponentialBound(index, schema), bound, `index ${index}, schema ${schema}`);
  }
});

test('exponentialBound() rises with the index, and is that of every second bucket of the next schema', () => {
  for (let schema = -4; schema < 8; schema++) {
    for (let index = -50; index < 50; index++) {
      assert.ok(exponentialBound(index, schema) < exponentialBound(index + 1, schema));
      assert.equal(exponentialBound(index, schema), exponentialBound(2 * index, schema + 1));
    }
  }
});

test('bucketBound() of custom buckets ends at infinity on both sides', () => {
  const histogram = sample({ bounds: [1, 2.5] });
  assert.deepEqual(
    [-1, 0, 1, 2].map((index) => bucketBound(histogram, index)),
    [Number.NEGATIVE_INFINITY, 1, 2.5, Number.POSITIVE_INFINITY],
  );
  for (const index of [-2, 3]) {
    const message = `index ${index} out of bounds for custom bounds of length 2`;
    assert.throws(() => bucketBound(histogram, index), new RangeError(message));
  }
});

test('targetIndex() rounds towards the end of the wider bucket', () => {
  const cases = [
    { from: 1, to: 0, indexes: [-2, -1, 0, 1, 2, 3, 4], expected: [-1, 0, 0, 1, 1, 2, 2] },
    { from: 4, to: 0, indexes: [-16, -15, 0, 1, 16, 17], expected: [-1, 0, 0, 1, 1, 2] },
    { from: 52, to: 8, indexes: [0, 1, 2 ** 30], expected: [0, 1, 1] },
  ];
  for (const { from, to, indexes, expected } of cases) {
    assert.deepEqual(
      indexes.map((index) => targetIndex(index, from, to)),
      expected,
    );
  }
});

test('reduceResolution() merges buckets, also empty ones', () => {
  const totals = { count: 30, sum: 9, zero: [0.001, 2] as const, hint: 'gauge' as const };
  const fine = sample({
    ...totals,
    schema: 2,
    positive: [
      [-3, 1, 2, 3, 4, 5],
      [6, 0],
    ],
    negative: [
      [1, 6],
      [4, 7],
    ],
  });
  const coarse = sample({ ...totals, schema: 0, positive: [[0, 10, 5, 0]], negative: [[1, 13]] });
  assert.deepEqual(plain(reduceResolution(fine, 0)), plain(coarse));
  assert.equal(reduceResolution(fine, 2), fine);
});

test('reduceResolution() refuses what cannot be', () => {
  const cases = [
    { of: sample({ schema: 1 }), to: 2, message: 'cannot copy from schema 1 to 2' },
    { of: sample({ schema: 1 }), to: -53, message: 'cannot reduce resolution to custom buckets schema' },
    { of: sample({ bounds: [1] }), to: 0, message: 'cannot reduce resolution to 0 when there are custom buckets' },
  ];
  for (const { of, to, message } of cases) assert.throws(() => reduceResolution(of, to), new RangeError(message));
});

test('schemas are told apart', () => {
  const cases = [
    { schema: -53, exponential: false, known: true },
    { schema: -10, exponential: false, known: false },
    { schema: -9, exponential: false, known: true },
    { schema: -4, exponential: true, known: true },
    { schema: 8, exponential: true, known: true },
    { schema: 52, exponential: false, known: true },
    { schema: 53, exponential: false, known: false },
  ];
  for (const { schema, exponential, known } of cases) {
    assert.deepEqual([isExponentialSchema(schema), isKnownSchema(schema)], [exponential, known], `schema ${schema}`);
  }
});
