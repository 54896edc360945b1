import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeCounts } from '#shared/adapters/node/change-counts.ts';

test('a name has another number after each change of it, also when there are very many names', () => {
  const counts = new ChangeCounts();
  const seen = new Set([counts.of('a')]);
  counts.add('a');
  assert.ok(!seen.has(counts.of('a')));
  seen.add(counts.of('a'));
  for (let i = 0; i < 250_000; i++) counts.add(`name ${i}`);
  counts.add('a');
  assert.ok(!seen.has(counts.of('a')));
  const before = counts.of('a');
  counts.add('b');
  assert.equal(counts.of('a'), before);
});
