// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of Go's regexp.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expandRegexTemplate, parseRegexTemplate } from '#shared/model/regex-template.ts';

test('parseRegexTemplate() reads the longest name', () => {
  const table: { input: string; expected: unknown[] }[] = [
    { input: '', expected: [] },
    { input: 'plain', expected: ['plain'] },
    { input: '$1', expected: [1] },
    { input: '$12', expected: [12] },
    { input: 'a${1}b', expected: ['a', 1, 'b'] },
    { input: '$1b', expected: [{ name: '1b' }] },
    { input: '$1-b', expected: [1, '-b'] },
    { input: '$é1', expected: [{ name: 'é1' }] },
    { input: '$01', expected: [{ name: '01' }] },
    { input: '$0', expected: [0] },
    { input: '$999999999', expected: [999_999_999] },
    { input: '$1000000000', expected: [{ name: '1000000000' }] },
    { input: '$$1', expected: ['$', '1'] },
    { input: '$', expected: ['$'] },
    { input: 'a$', expected: ['a', '$'] },
    { input: '${}', expected: ['$', '{}'] },
    { input: '${1', expected: ['$', '{1'] },
    { input: '${a b}', expected: ['$', '{a b}'] },
    { input: '$-$1', expected: ['$', '-', 1] },
  ];
  for (const { input, expected } of table) assert.deepEqual(parseRegexTemplate(input), expected, input);
});

test('a template expands to itself where it has no dollar', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const template = parseRegexTemplate(text.replaceAll('$', '$$$$'));
      assert.equal(expandRegexTemplate(template, { text: '', groups: [0, 0], groupNumbers: new Map() }), text);
    }),
    { seed: 1, numRuns: 500 },
  );
});
