import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoteText } from '#shared/promql/syntax/quote.ts';
import { unquote } from '#shared/promql/syntax/unquote.ts';

test('unquote() decodes Go escapes in quotes and none in backticks', () => {
  const cases = [
    { input: '""', expected: '' },
    { input: `'it"s'`, expected: 'it"s' },
    { input: `'it\\'s'`, expected: "it's" },
    { input: '"\\a\\b\\f\\n\\r\\t\\v\\\\\\""', expected: '\u0007\b\f\n\r\t\v\\"' },
    { input: '"\\x41\\101\\u00e9\\U0001F600"', expected: 'AAé😀' },
    { input: '"\\xe2\\x82\\xac"', expected: '€' },
    { input: '"\\ufeff"', expected: '\ufeff' },
    { input: '`\\n\n"`', expected: '\\n\n"' },
  ];
  for (const { input, expected } of cases) assert.equal(unquote(input), expected, input);
});

test('unquote() keeps bytes that are not UTF-8 apart, and quoteText() writes them again', () => {
  const text = unquote('"a\\xff\\xe2\\x82b"');
  assert.equal(text.isWellFormed(), false);
  assert.equal(quoteText(text), '"a\\xff\\xe2\\x82b"');
});

test('unquote() refuses what is not a string literal', () => {
  const inputs = ['', '"', 'a', '"a', `"a'`, '"a"b"', '"a\nb"', '"\\q"', `"\\'"`, '"\\x4"', '"\\400"', '"\\U00110000"'];
  for (const input of [...inputs, '"\\"', '"\\07"', '"\\u00g0"', '`a`b`']) {
    assert.throws(() => unquote(input), { name: 'SyntaxError', message: 'invalid syntax' }, input);
  }
});

test('unquote(quoteText(text)) is text', () => {
  const property = fc.property(fc.string({ unit: 'binary' }), (text) => {
    assert.equal(unquote(quoteText(text)), text);
  });
  fc.assert(property, { seed: 20260101, numRuns: 500 });
});
