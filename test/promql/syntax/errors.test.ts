import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExpr } from '#shared/promql/syntax/parser.ts';

interface Case {
  readonly input: string;
  readonly expected: string;
}

function assertErrors(cases: readonly Case[]): void {
  for (const { input, expected } of cases) {
    assert.throws(() => parseExpr(input), { name: 'PromqlSyntaxError', message: expected }, input);
  }
}

test('the lexer names what it cannot read', () => {
  assertErrors([
    { input: '', expected: 'unknown position: parse error: no expression found in input' },
    { input: ' # nothing', expected: '1:1: parse error: no expression found in input' },
    { input: 'up;', expected: `1:3: parse error: unexpected character: ';'` },
    { input: 'ü', expected: `1:1: parse error: unexpected character: 'ü'` },
    { input: 'a ! b', expected: `1:3: parse error: unexpected character after '!': ' '` },
    { input: 'a =~ "b"', expected: `1:3: parse error: unexpected character after '=': '~'` },
    { input: '(a', expected: '1:3: parse error: unclosed left parenthesis' },
    { input: 'a)', expected: `1:3: parse error: unexpected right parenthesis ')'` },
    { input: 'a]', expected: `1:2: parse error: unexpected right bracket ']'` },
    { input: 'a[5m', expected: '1:5: parse error: unclosed left bracket' },
    { input: 'a[[5m]]', expected: `1:3: parse error: unexpected character in duration expression: '['` },
    { input: 'a[', expected: '1:3: parse error: unexpected end of input in duration expression' },
    { input: 'a[:5m]', expected: '1:4: parse error: unexpected colon before duration in duration expression' },
    { input: 'a[5m:1m:2m]', expected: `1:8: parse error: unexpected colon ':'` },
    { input: 'a[5m::]', expected: `1:6: parse error: unexpected colon ':'` },
    { input: 'a[b]', expected: `1:3: parse error: unexpected character in duration expression: 'b'` },
    { input: 'a[5m b]', expected: `1:6: parse error: unexpected character: 'b', expected ':'` },
    { input: 'a[$interval]', expected: `1:3: parse error: unexpected character in duration expression: '$'` },
    { input: '{a', expected: '1:3: parse error: unexpected end of input inside braces' },
    { input: '{{', expected: `1:2: parse error: unexpected left brace '{'` },
    { input: '{a!b}', expected: `1:3: parse error: unexpected character after '!' inside braces: 'b'` },
    { input: '{a+b}', expected: `1:3: parse error: unexpected character inside braces: '+'` },
    { input: '"a', expected: '1:1: parse error: unterminated quoted string' },
    { input: `'a\nb'`, expected: '1:1: parse error: unterminated quoted string' },
    { input: '`a', expected: '1:1: parse error: unterminated raw string' },
    { input: '"\\q"', expected: `1:1: parse error: unknown escape sequence U+0071 'q'` },
    { input: '"\\xg0"', expected: `1:1: parse error: illegal character U+0067 'g' in escape sequence` },
    { input: '"\\u12', expected: '1:1: parse error: escape sequence not terminated' },
    { input: '"\\ud800"', expected: '1:1: parse error: escape sequence is an invalid Unicode code point' },
    { input: '"\\400"', expected: '1:1: parse error: escape sequence is an invalid Unicode code point' },
    { input: '1a', expected: '1:1: parse error: bad number or duration syntax: "1"' },
    { input: '5mm', expected: '1:1: parse error: bad number or duration syntax: "5mm"' },
    { input: '1..2', expected: '1:1: parse error: bad number or duration syntax: "1.."' },
    { input: '0b11', expected: '1:1: parse error: bad number or duration syntax: "0"' },
    { input: '5m30', expected: '1:1: parse error: bad number or duration syntax: "5m30"' },
    { input: '\n\n  a\n  @@', expected: '4:4: parse error: unexpected <op:@> in @, expected timestamp' },
    { input: '"é" ü', expected: `1:6: parse error: unexpected character: 'ü'` },
  ]);
});

test('the parser names the token, the place and what it expected', () => {
  assertErrors([
    { input: 'a b', expected: '1:3: parse error: unexpected identifier "b"' },
    { input: 'a 1', expected: '1:3: parse error: unexpected number "1"' },
    { input: '1 "some long string"', expected: '1:3: parse error: unexpected string "\\"some long"...' },
    { input: 'a +', expected: '1:4: parse error: unexpected end of input' },
    { input: 'a on b', expected: '1:3: parse error: unexpected <on>' },
    { input: 'a bool', expected: '1:3: parse error: unexpected <bool>' },
    { input: 'sum a', expected: '1:5: parse error: unexpected identifier "a"' },
    { input: 'sum(a b)', expected: '1:7: parse error: unexpected identifier "b" in aggregation' },
    { input: 'sum by a (b)', expected: '1:8: parse error: unexpected identifier "a" in grouping opts, expected "("' },
    {
      input: 'sum by (a b) (c)',
      expected: '1:11: parse error: unexpected identifier "b" in grouping opts, expected "," or ")"',
    },
    {
      input: 'sum by (a, 1) (b)',
      expected: '1:12: parse error: unexpected number "1" in grouping opts, expected label',
    },
    {
      input: 'sum by (without) (b)',
      expected: '1:9: parse error: unexpected <without> in grouping opts, expected label',
    },
    { input: 'sum(a) by', expected: '1:10: parse error: unexpected end of input in grouping opts, expected "("' },
    { input: 'a + on b', expected: '1:8: parse error: unexpected identifier "b" in grouping opts, expected "("' },
    { input: 'a + on (x) group_left )', expected: `1:24: parse error: unexpected right parenthesis ')'` },
    {
      input: 'a + on (x) group_left',
      expected: '1:22: parse error: unexpected end of input in grouping opts, expected "("',
    },
    { input: 'rate(a[5m]', expected: '1:11: parse error: unclosed left parenthesis' },
    { input: 'rate(,a)', expected: '1:6: parse error: unexpected ","' },
    { input: 'abs(a,)', expected: '1:6: parse error: trailing commas not allowed in function call args' },
    { input: 'a{b}', expected: '1:4: parse error: unexpected "}" in label matching, expected label matching operator' },
    { input: 'a{b=}', expected: '1:5: parse error: unexpected "}" in label matching, expected string' },
    { input: 'a{b=c}', expected: '1:5: parse error: unexpected identifier "c" in label matching, expected string' },
    { input: 'a{,}', expected: '1:3: parse error: unexpected "," in label matching, expected identifier or "}"' },
    {
      input: 'a{b="c" d="e"}',
      expected: '1:9: parse error: unexpected identifier "d" in label matching, expected "," or "}"',
    },
    {
      input: 'a{"b" c}',
      expected: '1:7: parse error: unexpected identifier "c" in label matching, expected "," or "}"',
    },
    { input: 'a:b(c)', expected: '1:4: parse error: unexpected "("' },
    { input: 'a @ b', expected: '1:5: parse error: unexpected identifier "b" in @, expected timestamp' },
    { input: 'a @ start', expected: '1:10: parse error: unexpected end of input in @, expected timestamp' },
    {
      input: 'a offset',
      expected: '1:9: parse error: unexpected end of input in offset, expected number, duration, step(), or range()',
    },
    {
      input: 'a offset b',
      expected: '1:10: parse error: unexpected identifier "b" in offset, expected number, duration, step(), or range()',
    },
    { input: 'a offset (5m', expected: '1:13: parse error: unclosed left parenthesis' },
    { input: 'a[5m 3]', expected: '1:6: parse error: unexpected number "3" in subquery or range, expected ":" or "]"' },
    { input: 'a[5m:2 3]', expected: '1:8: parse error: unexpected number "3" in subquery selector, expected "]"' },
    {
      input: 'a[5m + ]',
      expected:
        '1:8: parse error: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
    },
    {
      input: 'a[5m: - ]',
      expected:
        '1:9: parse error: unexpected "]" in subquery selector, expected number, duration, step(), range(), or "]"',
    },
    { input: 'a + fill(b) c', expected: '1:10: parse error: unexpected identifier "b"' },
    { input: '(a, b)', expected: '1:3: parse error: unexpected ","' },
    { input: 'fill(a)', expected: '1:5: parse error: unexpected "("' },
  ]);
});

test('the type check names what does not fit', () => {
  assertErrors([
    { input: 'nofunc(a)', expected: '1:1: parse error: unknown function with name "nofunc"' },
    { input: 'info(a)', expected: '1:1: parse error: function "info" is not enabled' },
    {
      input: 'limit_ratio(0.1, a)',
      expected:
        '1:1: parse error: limit_ratio() is experimental and must be enabled with --enable-feature=promql-experimental-functions',
    },
    { input: 'a + fill(1) b', expected: '1:1: parse error: binop fill modifiers are experimental and not enabled' },
    { input: 'sum()', expected: '1:1: parse error: no arguments for aggregate expression provided' },
    {
      input: 'sum(a, b)',
      expected: '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 1, got 2',
    },
    {
      input: 'topk(a)',
      expected: '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1',
    },
    {
      input: 'sum("s")',
      expected: '1:5: parse error: expected type instant vector in aggregation expression, got string',
    },
    { input: 'topk("s", a)', expected: '1:6: parse error: expected type scalar in aggregation parameter, got string' },
    {
      input: 'count_values(1, a)',
      expected: '1:14: parse error: expected type string in aggregation parameter, got scalar',
    },
    {
      input: 'rate(a)',
      expected: '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
    },
    { input: 'rate(a[5m], 1)', expected: '1:1: parse error: expected 1 argument(s) in call to "rate", got 2' },
    { input: 'round()', expected: '1:1: parse error: expected at least 1 argument(s) in call to "round", got 0' },
    { input: 'round(a, 1, 2)', expected: '1:1: parse error: expected at most 2 argument(s) in call to "round", got 3' },
    {
      input: 'label_join(a)',
      expected: '1:1: parse error: expected at least 3 argument(s) in call to "label_join", got 1',
    },
    {
      input: 'label_join(a, 1, "b")',
      expected: '1:15: parse error: expected type string in call to function "label_join", got scalar',
    },
    {
      input: 'abs(1)',
      expected: '1:5: parse error: expected type instant vector in call to function "abs", got scalar',
    },
    {
      input: '-"s"',
      expected:
        '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
    },
    {
      input: '-a[5m]',
      expected:
        '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "range vector"',
    },
    {
      input: 'a[5m] + 1',
      expected: '1:1: parse error: binary expression must contain only scalar and instant vector types',
    },
    {
      input: '1 + "s"',
      expected: '1:5: parse error: binary expression must contain only scalar and instant vector types',
    },
    { input: '1 == 1', expected: '1:3: parse error: comparisons between scalars must use BOOL modifier' },
    { input: 'a + bool b', expected: '1:3: parse error: bool modifier can only be used on comparison operators' },
    {
      input: 'a + on (x) group_left (x) b',
      expected: '1:3: parse error: label "x" must not occur in ON and GROUP clause at once',
    },
    { input: '1 + on (x) a', expected: '1:1: parse error: vector matching only allowed between instant vectors' },
    { input: 'a and 1', expected: '1:1: parse error: set operator "and" not allowed in binary scalar expression' },
    { input: 'a and on (x) group_left b', expected: '1:1: parse error: no grouping allowed for "and" operation' },
    { input: 'sum(a)[5m]', expected: '1:7: parse error: ranges only allowed for vector selectors' },
    { input: 'a offset 1m [5m]', expected: '1:13: parse error: no offset modifiers allowed before range' },
    { input: 'a @ 1 [5m]', expected: '1:7: parse error: no @ modifiers allowed before range' },
    { input: '1[5m:1m]', expected: '1:1: parse error: subquery is only allowed on instant vector, got scalar instead' },
    { input: 'a offset 1m offset 2m', expected: '1:1: parse error: offset may not be set multiple times' },
    { input: 'a @ 1 @ 2', expected: '1:1: parse error: @ <timestamp> may not be set multiple times' },
    {
      input: '1 offset 1m',
      expected:
        '1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    },
    {
      input: '1 @ 1',
      expected:
        '1:1: parse error: @ modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    },
    { input: 'a @ NaN', expected: '1:1: parse error: timestamp out of bounds for @ modifier: NaN' },
    {
      input: 'a @ 1e20',
      expected: '1:1: parse error: timestamp out of bounds for @ modifier: 100000000000000000000.000000',
    },
    {
      input: 'a anchored smoothed',
      expected: '1:1: parse error: anchored and smoothed modifiers cannot be used together',
    },
    { input: 'a[5m:] anchored', expected: '1:1: parse error: anchored modifier is not supported for subqueries' },
    { input: '1 smoothed', expected: '1:1: parse error: smoothed modifier not implemented' },
    { input: 'a[0]', expected: '1:3: parse error: duration must be greater than 0' },
    { input: 'a[-5m]', expected: '1:3: parse error: duration must be greater than 0' },
    { input: 'a[5m / 0]', expected: '1:6: parse error: division by zero' },
    { input: 'a[5m % 0]', expected: '1:6: parse error: modulo by zero' },
    { input: 'a offset 300y', expected: '1:10: parse error: duration out of range' },
    { input: 'a offset -9223372037', expected: '1:10: parse error: duration out of range' },
    { input: '{}', expected: '1:1: parse error: vector selector must contain at least one non-empty matcher' },
    { input: '{a=""}', expected: '1:1: parse error: vector selector must contain at least one non-empty matcher' },
    { input: '{a=~".*"}', expected: '1:1: parse error: vector selector must contain at least one non-empty matcher' },
    { input: 'a{__name__="b"}', expected: '1:1: parse error: metric name must not be set twice: "a" or "b"' },
    { input: 'a{b=~"("}', expected: '1:3: parse error: error parsing regexp: missing closing ): `(`' },
    { input: 'sum by ("") (a)', expected: '1:9: parse error: invalid label name for grouping: ""' },
    {
      input: '1e400',
      expected: '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e400": value out of range',
    },
    {
      input: '0x',
      expected: '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "0x": invalid syntax',
    },
    { input: '5m1h', expected: '1:1: parse error: not a valid duration string: "5m1h"' },
    { input: '1.5h', expected: '1:1: parse error: unknown unit "." in duration "1.5h"' },
  ]);
});
