import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compareLabels,
  compareStrings,
  formatLabels,
  getLabel,
  goQuote,
  type Labels,
  labelsEqual,
  labelsFromPairs,
  labelsFromRecord,
  labelsKey,
  labelsToRecord,
  withLabel,
  withoutLabels,
} from '#shared/model/labels.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 4 });
const labels = fc.array(fc.tuple(text, text), { maxLength: 6 }).map((pairs) => labelsFromPairs(pairs));

test('compareStrings() orders by UTF-8 bytes', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compareStrings(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { seed: 1, numRuns: 1000 },
  );
  assert.ok(compareStrings('\uffff', '😀') < 0);
  assert.ok(compareStrings('\ud7ff', '\ue000') < 0);
});

test('labelsFromPairs() sorts, drops empty values and keeps the last of a name', () => {
  const table: { input: [string, string][]; expected: Labels }[] = [
    { input: [], expected: [] },
    {
      input: [
        ['b', '1'],
        ['a', '2'],
      ],
      expected: ['a', '2', 'b', '1'],
    },
    {
      input: [
        ['a', '1'],
        ['a', '2'],
      ],
      expected: ['a', '2'],
    },
    {
      input: [
        ['a', '1'],
        ['a', ''],
      ],
      expected: [],
    },
    {
      input: [
        ['😀', '1'],
        ['\uffff', '2'],
      ],
      expected: ['\uffff', '2', '😀', '1'],
    },
    { input: [['__proto__', '1']], expected: ['__proto__', '1'] },
  ];
  for (const { input, expected } of table) assert.deepEqual(labelsFromPairs(input), expected);
});

test('labelsToRecord() and labelsFromRecord() are inverse', () => {
  fc.assert(
    fc.property(labels, (set) => assert.deepEqual(labelsFromRecord(labelsToRecord(set)), set)),
    { seed: 2, numRuns: 300 },
  );
});

test('labelsEqual(), compareLabels() and labelsKey() agree', () => {
  fc.assert(
    fc.property(labels, labels, (a, b) => {
      const equal = JSON.stringify(a) === JSON.stringify(b);
      assert.equal(labelsEqual(a, b), equal);
      assert.equal(compareLabels(a, b) === 0, equal);
      assert.equal(labelsKey(a) === labelsKey(b), equal);
      assert.equal(Math.sign(compareLabels(a, b)) + Math.sign(compareLabels(b, a)), 0);
    }),
    { seed: 3, numRuns: 500 },
  );
  assert.notEqual(labelsKey(['a', 'b', 'c', 'd']), labelsKey(['a', 'bc', 'd', '']));
});

test('compareLabels() puts a prefix first', () => {
  assert.ok(compareLabels(['a', '1'], ['a', '1', 'b', '1']) < 0);
  assert.ok(compareLabels(['a', '2'], ['a', '1', 'b', '1']) > 0);
  assert.ok(compareLabels(['b', '1'], ['a', '2']) > 0);
});

test('withLabel() and withoutLabels() leave the rest in order', () => {
  const set: Labels = ['b', '1', 'd', '2'];
  const table: { name: string; value: string; expected: Labels }[] = [
    { name: 'a', value: 'x', expected: ['a', 'x', 'b', '1', 'd', '2'] },
    { name: 'c', value: 'x', expected: ['b', '1', 'c', 'x', 'd', '2'] },
    { name: 'e', value: 'x', expected: ['b', '1', 'd', '2', 'e', 'x'] },
    { name: 'b', value: 'x', expected: ['b', 'x', 'd', '2'] },
    { name: 'b', value: '', expected: ['d', '2'] },
    { name: 'c', value: '', expected: ['b', '1', 'd', '2'] },
  ];
  for (const { name, value, expected } of table) assert.deepEqual(withLabel(set, name, value), expected);
  assert.deepEqual(
    withoutLabels(set, (name) => name === 'b'),
    ['d', '2'],
  );
  assert.equal(getLabel(set, 'd'), '2');
  assert.equal(getLabel(set, '2'), '');
});

test('formatLabels() writes PromQL', () => {
  const table: { input: Record<string, string>; expected: string }[] = [
    { input: {}, expected: '{}' },
    { input: { __name__: 'up' }, expected: 'up' },
    { input: { __name__: 'up', job: 'node' }, expected: 'up{job="node"}' },
    { input: { job: 'n"o\\de', 'a b': 'é\n' }, expected: '{"a b"="é\\n", job="n\\"o\\\\de"}' },
    { input: { __name__: 'my up', job: 'x' }, expected: '{"my up", job="x"}' },
  ];
  for (const { input, expected } of table) assert.equal(formatLabels(labelsFromRecord(input)), expected);
});

test('goQuote() escapes as Go does', () => {
  const table: { input: string; expected: string }[] = [
    { input: '', expected: '""' },
    { input: 'a"\\\n\t\r\x07\b\f\v', expected: '"a\\"\\\\\\n\\t\\r\\a\\b\\f\\v"' },
    { input: '\0\x1b\x7f', expected: '"\\x00\\x1b\\x7f"' },
    { input: '\x80\xa0\xad\u200b\ufeff', expected: '"\\u0080\\u00a0\\u00ad\\u200b\\ufeff"' },
    { input: 'é日😀 ', expected: '"é日😀 "' },
    { input: '\u{e0001}', expected: '"\\U000e0001"' },
  ];
  for (const { input, expected } of table) assert.equal(goQuote(input), expected);
});
