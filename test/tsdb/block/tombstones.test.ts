import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addInterval,
  countTombstones,
  decodeTombstones,
  encodeTombstones,
  type Interval,
} from '#shared/tsdb/block/tombstones.ts';

const interval = (minMs: number, maxMs: number): Interval => ({ minMs, maxMs });

test('addInterval() joins intervals that overlap or follow each other at once', () => {
  const cases = [
    {
      input: [
        [1, 2],
        [4, 5],
      ],
      expected: [
        [1, 2],
        [4, 5],
      ],
    },
    {
      input: [
        [4, 5],
        [1, 2],
      ],
      expected: [
        [1, 2],
        [4, 5],
      ],
    },
    {
      input: [
        [1, 2],
        [3, 5],
      ],
      expected: [[1, 5]],
    },
    {
      input: [
        [3, 5],
        [1, 2],
      ],
      expected: [[1, 5]],
    },
    {
      input: [
        [1, 9],
        [3, 5],
      ],
      expected: [[1, 9]],
    },
    {
      input: [
        [1, 2],
        [5, 6],
        [9, 10],
        [2, 9],
      ],
      expected: [[1, 10]],
    },
    {
      input: [
        [1, 2],
        [5, 6],
        [9, 10],
        [4, 7],
      ],
      expected: [
        [1, 2],
        [4, 7],
        [9, 10],
      ],
    },
  ];
  for (const { input, expected } of cases) {
    const joined = input.reduce<readonly Interval[]>((all, [min, max]) => addInterval(all, interval(min, max)), []);
    assert.deepEqual(
      joined,
      expected.map(([min, max]) => interval(min, max)),
      JSON.stringify(input),
    );
  }
});

test('encodeTombstones() writes what Prometheus writes', () => {
  const intervals = addInterval([interval(-2000, 3000)], interval(3001, 4000));
  const file = encodeTombstones(new Map([[5, intervals]]));
  assert.equal(Buffer.from(file).toString('hex'), '0130ba3001059f1fc03e6deae94a');
});

test('decodeTombstones() reads what encodeTombstones() wrote', () => {
  const intervals = fc
    .array(fc.tuple(fc.integer(), fc.nat()), { minLength: 1 })
    .map((list) =>
      list.reduce<readonly Interval[]>((all, [min, length]) => addInterval(all, interval(min, min + length)), []),
    );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.maxSafeNat(), intervals)), (entries) => {
      const tombstones = new Map(entries);
      const decoded = decodeTombstones(encodeTombstones(tombstones));
      assert.deepEqual(decoded, tombstones);
      assert.equal(countTombstones(decoded), countTombstones(tombstones));
    }),
    { seed: 3, numRuns: 100 },
  );
});

test('decodeTombstones() refuses a file with any byte changed', () => {
  const file = encodeTombstones(new Map([[5, [interval(-2000, 4000)]]]));
  for (let i = 0; i < file.length; i++) {
    const damaged = file.slice();
    damaged[i] ^= 1 << (i % 8);
    assert.throws(() => decodeTombstones(damaged), RangeError);
  }
  for (let length = 0; length < file.length; length++) {
    assert.throws(() => decodeTombstones(file.subarray(0, length)), RangeError);
  }
});
