import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { goSort } from '#shared/model/go-sort.ts';

/** The value of item `i` of `length`. */
const VALUES: Readonly<Record<string, (length: number, i: number) => number>> = {
  ties: (_length, i) => (i * i * 31 + i * 7) % 11,
  rising: (_length, i) => Math.floor(i / 3),
  falling: (length, i) => Math.floor((length - i) / 2),
  sawtooth: (_length, i) => i % 20,
  'organ pipe': (length, i) => (i < length / 2 ? i : length - i),
  nearly: (_length, i) => (i % 37 === 5 ? i + 9 : i),
};

/** A number for an order. */
function checksum(order: readonly number[]): number {
  return order.reduce((hash, i) => (hash * 31 + i) % 1000003, 0);
}

test('goSort() leaves equal items in the order that sort.Sort does', () => {
  // Checksums of the orders that Go 1.26 made.
  const cases: readonly { readonly values: string; readonly length: number; readonly expected: number }[] = [
    { values: 'ties', length: 12, expected: 664555 },
    { values: 'ties', length: 13, expected: 793287 },
    { values: 'ties', length: 49, expected: 975434 },
    { values: 'ties', length: 50, expected: 91008 },
    { values: 'ties', length: 200, expected: 516185 },
    { values: 'ties', length: 1000, expected: 580210 },
    { values: 'rising', length: 13, expected: 584343 },
    { values: 'rising', length: 1000, expected: 729977 },
    { values: 'falling', length: 49, expected: 698254 },
    { values: 'falling', length: 50, expected: 867556 },
    { values: 'falling', length: 1000, expected: 506912 },
    { values: 'sawtooth', length: 49, expected: 353916 },
    { values: 'sawtooth', length: 50, expected: 497309 },
    { values: 'sawtooth', length: 1000, expected: 779056 },
    { values: 'organ pipe', length: 50, expected: 543459 },
    { values: 'organ pipe', length: 200, expected: 294235 },
    { values: 'organ pipe', length: 1000, expected: 638280 },
    { values: 'nearly', length: 50, expected: 715180 },
    { values: 'nearly', length: 200, expected: 269337 },
    { values: 'nearly', length: 1000, expected: 792559 },
  ];
  for (const { values, length, expected } of cases) {
    const order = Array.from({ length }, (_, i) => i);
    goSort(order, (a, b) => VALUES[values](length, a) < VALUES[values](length, b));
    assert.equal(checksum(order), expected, `${length} ${values}`);
  }
});

test('goSort() sorts anything', () => {
  const property = fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 300 }), (items) => {
    const sorted = [...items];
    goSort(sorted, (a, b) => a < b);
    assert.deepEqual(
      sorted,
      items.toSorted((a, b) => a - b),
    );
  });
  fc.assert(property, { seed: 7, numRuns: 200 });
});
