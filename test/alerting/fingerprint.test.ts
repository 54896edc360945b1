import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fingerprint } from '#shared/alerting/fingerprint.ts';
import type { Labels } from '#shared/model/labels.ts';

const CASES: readonly { readonly input: Labels; readonly expected: string }[] = [
  { input: [], expected: 'cbf29ce484222325' },
  { input: ['alertname', 'A'], expected: byDefinition(['alertname', 'A']) },
  { input: ['a', 'ü€😀'], expected: byDefinition(['a', 'ü€😀']) },
];

for (const { input, expected } of CASES) {
  test(`fingerprint() of ${JSON.stringify(input)}`, () => assert.equal(fingerprint(input), expected));
}

test('fingerprint() is FNV-1a of the names and values, each ended by 0xff', () => {
  const text = fc.string({ unit: 'grapheme' });
  const labels = fc.array(text, { maxLength: 6 });
  fc.assert(
    fc.property(labels, (input) => assert.equal(fingerprint(input), byDefinition(input))),
    { seed: 1, numRuns: 200 },
  );
});

function byDefinition(labels: Labels): string {
  let hash = 0xcbf29ce484222325n;
  for (const text of labels) {
    for (const byte of [...new TextEncoder().encode(text), 0xff]) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    }
  }
  return hash.toString(16).padStart(16, '0');
}
