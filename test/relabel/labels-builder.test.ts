import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelsFromPairs, labelsFromRecord } from '#shared/model/labels.ts';
import { LabelsBuilder } from '#shared/relabel/labels-builder.ts';

test('a builder is a map that sorts', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'é', '😀');
  const value = fc.constantFrom('', '1', '2', '3');
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 12 });
  fc.assert(
    fc.property(pairs, pairs, (base, changes) => {
      const labels = labelsFromPairs(base);
      const builder = new LabelsBuilder(labels);
      const map = new Map(base);
      for (const [key, to] of changes) {
        builder.set(key, to);
        map.set(key, to);
        assert.equal(builder.get(key), to);
      }
      for (const [key, to] of map) assert.equal(builder.get(key), to);
      assert.deepEqual(builder.labels(), labelsFromPairs(map));
      assert.deepEqual(labelsFromRecord(Object.fromEntries(pairsOf(builder.snapshot()))), builder.labels());
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('snapshot() lists untouched labels first, then those that were set, in the order of the first set', () => {
  const builder = new LabelsBuilder(['a', '1', 'b', '2', 'c', '3']);
  builder.set('b', '4');
  builder.set('0', '5');
  builder.set('b', '6');
  builder.delete('c');
  assert.deepEqual(builder.snapshot(), ['a', '1', 'b', '6', '0', '5']);
  assert.deepEqual(builder.labels(), ['0', '5', 'a', '1', 'b', '6']);
});

function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}
