import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderStructure } from '#shared/alerting/receivers/structured-text.ts';

const CASES: readonly { readonly input: unknown; readonly expected: unknown }[] = [
  { input: 'plain', expected: 'plain' },
  { input: '', expected: null },
  { input: '3', expected: 3 },
  { input: '"3"', expected: '"3"' },
  { input: 'true', expected: true },
  { input: 'y', expected: true },
  { input: '12345678901234567890', expected: '12345678901234567890' },
  { input: '2024-05-01', expected: '2024-05-01' },
  { input: '12:30:45', expected: '12:30:45' },
  { input: '{"b":[1,"x: y"],"a":null}', expected: { a: null, b: [1, 'x: y'] } },
  { input: 'a: 1\n2: dropped', expected: { a: 1 } },
  { input: '[unclosed', expected: '[unclosed' },
  { input: { k: ['1', { x: 'u' }], n: 5, t: true, z: null }, expected: { k: [1, { x: 'u' }], n: 5, t: true, z: null } },
];

for (const { input, expected } of CASES) {
  test(`renderStructure() of ${JSON.stringify(input)}`, () => {
    assert.deepEqual(
      renderStructure(input, (template) => template),
      expected,
    );
  });
}
