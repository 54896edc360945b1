import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMatcher, formatMatcher, type MatchOperator } from '#shared/model/matcher.ts';

test('a matcher holds for the values it says', () => {
  const table: { operator: MatchOperator; value: string; yes: string[]; no: string[] }[] = [
    { operator: '=', value: 'bar', yes: ['bar'], no: ['', 'foo-bar'] },
    { operator: '=', value: '', yes: [''], no: ['x'] },
    { operator: '!=', value: 'bar', yes: ['', 'foo-bar'], no: ['bar'] },
    { operator: '=~', value: 'bar', yes: ['bar'], no: ['foo-bar', ''] },
    { operator: '=~', value: '.*bar', yes: ['bar', 'foo-bar', '\nbar'], no: [''] },
    { operator: '=~', value: 'x|', yes: ['x', ''], no: ['y'] },
    { operator: '!~', value: 'bar', yes: ['foo-bar', ''], no: ['bar'] },
    { operator: '!~', value: '', yes: ['x'], no: [''] },
  ];
  for (const { operator, value, yes, no } of table) {
    const matcher = createMatcher('foo', operator, value);
    for (const candidate of yes) assert.equal(matcher.matches(candidate), true, `${operator}${value} ${candidate}`);
    for (const candidate of no) assert.equal(matcher.matches(candidate), false, `${operator}${value} ${candidate}`);
  }
});

test('createMatcher() refuses a regex that does not compile, and only a regex', () => {
  assert.throws(() => createMatcher('a', '=~', '('), {
    name: 'SyntaxError',
    message: 'error parsing regexp: missing closing ): `(`',
  });
  assert.throws(() => createMatcher('a', '!~', '*'), SyntaxError);
  assert.equal(createMatcher('a', '=', '(').matches('('), true);
});

test('formatMatcher() writes PromQL', () => {
  const table: { name: string; operator: MatchOperator; value: string; expected: string }[] = [
    { name: 'foo', operator: '=', value: 'bar', expected: 'foo="bar"' },
    { name: 'foo', operator: '=~', value: 'a|"b"\n', expected: 'foo=~"a|\\"b\\"\\n"' },
    { name: 'f o', operator: '!=', value: '', expected: '"f o"!=""' },
    { name: 'fó', operator: '!~', value: 'x', expected: '"fó"!~"x"' },
    { name: '0a', operator: '=', value: 'x', expected: '"0a"="x"' },
    { name: '', operator: '=', value: 'x', expected: '""="x"' },
  ];
  for (const { expected, ...matcher } of table) assert.equal(formatMatcher(matcher), expected);
});
