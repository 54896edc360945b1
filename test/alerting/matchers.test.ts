import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareMatchers, createAlertMatcher, parseMatcher, parseMatchers } from '#shared/alerting/matchers.ts';
import { goQuote } from '#shared/model/labels.ts';
import type { Matcher, MatchOperator } from '#shared/model/matcher.ts';

const shown = ({ name, operator, value }: Matcher) => [name, operator, value];

test('parseMatchers() reads both grammars', () => {
  const table = [
    { input: '', expected: [] },
    { input: '{}', expected: [] },
    {
      input: '  { a = b , c!="d" , } ',
      expected: [
        ['a', '=', 'b'],
        ['c', '!=', 'd'],
      ],
    },
    {
      input: 'a=~"b|c",d!~e.*',
      expected: [
        ['a', '=~', 'b|c'],
        ['d', '!~', 'e.*'],
      ],
    },
    {
      input: '{"my label"="ü", ß=🙂}',
      expected: [
        ['my label', '=', 'ü'],
        ['ß', '=', '🙂'],
      ],
    },
    { input: 'a="x\\ty\\u00fc"', expected: [['a', '=', 'x\\ty\\u00fc']] },
    { input: 'ä="x\\ty\\u00fc"', expected: [['ä', '=', 'x\tyü']] },
    { input: 'a="\\d"', expected: [['a', '=', '\\d']] },
    { input: 'a="x\\n\\"\\\\"', expected: [['a', '=', 'x\n"\\']] },
    { input: 'a=', expected: [['a', '=', '']] },
    { input: 'a="b,c"', expected: [['a', '=', 'b,c']] },
  ];
  for (const { input, expected } of table) assert.deepEqual(parseMatchers(input).map(shown), expected, input);
});

test('parseMatchers() and parseMatcher() refuse with the words of Alertmanager', () => {
  const table = [
    { input: 'a', expected: 'bad matcher format: a' },
    { input: 'a="b', expected: 'matcher value contains unescaped double quote: "b' },
    { input: 'a=~"(b"', expected: 'error parsing regexp: missing closing ): `^(?:(b)$`' },
  ];
  for (const { input, expected } of table) {
    assert.throws(() => parseMatchers(input), { name: 'SyntaxError', message: expected });
    assert.throws(() => parseMatcher(input), { name: 'SyntaxError', message: expected });
  }
  assert.throws(() => parseMatcher('{a=b}'), { message: 'unexpected open or close brace: {a=b}' });
  assert.deepEqual(shown(parseMatcher(' a = "b" ')), ['a', '=', 'b']);
});

test('createAlertMatcher() matches whole values, and lines by line', () => {
  const table: { operator: MatchOperator; value: string; input: string; expected: boolean }[] = [
    { operator: '=', value: 'a', input: 'a', expected: true },
    { operator: '!=', value: 'a', input: '', expected: true },
    { operator: '=~', value: 'a|b', input: 'b', expected: true },
    { operator: '=~', value: 'a', input: 'ab', expected: false },
    { operator: '=~', value: 'a.b', input: 'a\nb', expected: false },
    { operator: '!~', value: 'a.b', input: 'a\nb', expected: true },
  ];
  for (const { operator, value, input, expected } of table) {
    assert.equal(createAlertMatcher('n', operator, value).matches(input), expected, `${operator}${value} ${input}`);
  }
});

test('compareMatchers() orders by name, value, operator', () => {
  const matchers = parseMatchers('b=a,a!=b,a=b,a=a');
  assert.deepEqual(
    [...matchers].sort(compareMatchers).map((m) => shown(m).join('')),
    ['a=a', 'a=b', 'a!=b', 'b=a'],
  );
});

test('parseMatchers() reads any quoted text back, and throws nothing but SyntaxError', () => {
  const name = fc.constantFrom('a', 'B_1', 'x:y');
  const value = fc.string({ unit: fc.constantFrom('a', 'ü', '🙂', '"', '\\', '\n', ',', '{', '}', ' ', '=') });
  fc.assert(
    fc.property(name, value, (label, text) => {
      assert.deepEqual(parseMatchers(`{${label}=${goQuote(text)}}`).map(shown), [[label, '=', text]]);
    }),
    { seed: 1, numRuns: 500 },
  );
  fc.assert(
    fc.property(value, (text) => {
      try {
        parseMatchers(text);
      } catch (error) {
        assert.ok(error instanceof SyntaxError, String(error));
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
});
