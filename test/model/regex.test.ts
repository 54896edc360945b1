// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of Go's regexp.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRegex, compileUnanchoredRegex, compileWrappedRegex } from '#shared/model/regex.ts';

test('compileRegex() matches whole values, line breaks included', () => {
  const table: { pattern: string; yes: string[]; no: string[] }[] = [
    { pattern: '', yes: [''], no: ['a', '\n'] },
    { pattern: 'foo', yes: ['foo'], no: ['', 'foobar', 'xfoo', 'Foo'] },
    { pattern: 'a|ab', yes: ['a', 'ab'], no: ['abb', 'b'] },
    { pattern: 'a|', yes: ['a', ''], no: ['b'] },
    { pattern: '.*', yes: ['', 'a', 'a\nb', '😀'], no: [] },
    { pattern: '.+', yes: ['a', '\n'], no: [''] },
    { pattern: 'foo.*', yes: ['foo', 'foo\nbar'], no: ['xfoo', ''] },
    { pattern: 'foo.+', yes: ['foo\n'], no: ['foo'] },
    { pattern: '.*foo', yes: ['foo', 'a\nfoo'], no: ['foox'] },
    { pattern: '.+foo', yes: ['xfoo', 'foofoo'], no: ['foo'] },
    { pattern: '.*foo.*', yes: ['foo', 'xfooy'], no: ['fo', 'fo\no'] },
    { pattern: '.*a.*a.*', yes: ['aa', 'xaxax'], no: ['a', 'xax'] },
    { pattern: 'a.*a', yes: ['aa', 'aba'], no: ['a', 'ab'] },
    { pattern: '.+a.+', yes: ['xax', 'aab'], no: ['ax', 'xa', 'aa'] },
    { pattern: 'x(a|b)(c|d)', yes: ['xac', 'xbd'], no: ['xab', 'ac'] },
    { pattern: 'go_.*|node_.*|up', yes: ['go_', 'node_x', 'up'], no: ['upx', 'gox'] },
    { pattern: '[a-c_]d', yes: ['ad', 'cd', '_d'], no: ['dd', 'd'] },
    { pattern: '[-a]', yes: ['-', 'a'], no: [''] },
    { pattern: 'https?', yes: ['http', 'https'], no: ['httpss'] },
    { pattern: '(foo)?bar', yes: ['bar', 'foobar'], no: ['foo'] },
    { pattern: '^foo$', yes: ['foo'], no: ['foo\n'] },
    { pattern: '^a|b$', yes: ['a', 'b'], no: ['ab'] },
    { pattern: 'a^b', yes: [], no: ['ab', 'a^b'] },
    { pattern: '10\\.0\\.0\\.1', yes: ['10.0.0.1'], no: ['10x0.0.1'] },
    { pattern: '10.0.0.1', yes: ['10.0.0.1', '10x0y0z1', '10\n0.0.1'], no: ['1000.1'] },
    { pattern: '(?i)foo', yes: ['foo', 'FOO', 'fOo'], no: ['fo'] },
    { pattern: '(?i)task', yes: ['TASK', 'ta\u017fk', 'tas\u212a'], no: ['tasks'] },
    { pattern: '(?i)K.*', yes: ['k', '\u212ax'], no: ['x'] },
    { pattern: '(?-s).*', yes: ['', 'ab'], no: ['a\nb'] },
    { pattern: '(?-s:a.*)b', yes: ['axb'], no: ['a\nb'] },
    { pattern: '\\d+', yes: ['12'], no: ['', 'x', '1x'] },
    { pattern: '\\pL', yes: ['é', 'a'], no: ['1'] },
    { pattern: '😀.', yes: ['😀😀', '😀a'], no: ['😀'] },
    { pattern: '\\Qa.b', yes: ['a.b'], no: ['axb'] },
    { pattern: '(?P<x>a)(?<y>b)', yes: ['ab'], no: [] },
    { pattern: 'x*', yes: ['', 'xxx'], no: ['xy'] },
    { pattern: 'a{2,3}', yes: ['aa', 'aaa'], no: ['a', 'aaaa'] },
    { pattern: 'a{,2}', yes: ['a{,2}'], no: ['aa'] },
  ];
  for (const { pattern, yes, no } of table) {
    const regex = compileRegex(pattern);
    for (const value of yes) assert.equal(regex.matches(value), true, `${pattern} matches ${JSON.stringify(value)}`);
    for (const value of no) assert.equal(regex.matches(value), false, `${pattern} refuses ${JSON.stringify(value)}`);
  }
});

test('setMatches holds all values of a pattern that has few', () => {
  const table: { pattern: string; expected: string[] | undefined }[] = [
    { pattern: '', expected: [''] },
    { pattern: 'foo', expected: ['foo'] },
    { pattern: 'foo|bar|foo', expected: ['foo', 'bar'] },
    { pattern: '(api|rpc)_(v1|v2)', expected: ['api_v1', 'api_v2', 'rpc_v1', 'rpc_v2'] },
    { pattern: 'fo\\.o|bar\\?|^baz', expected: ['fo.o', 'bar?', 'baz'] },
    { pattern: '[-1-2][a-c]', expected: ['-a', '-b', '-c', '1a', '1b', '1c', '2a', '2b', '2c'] },
    { pattern: 'x?', expected: ['x', ''] },
    { pattern: 'foo.*', expected: undefined },
    { pattern: '(?i)foo', expected: undefined },
    { pattern: '(?i)42', expected: ['42'] },
    { pattern: 'foo|.+', expected: undefined },
    { pattern: '(a|b)(?i:c)', expected: undefined },
    { pattern: '[a-z][a-z]', expected: undefined },
    { pattern: 'a*', expected: undefined },
  ];
  for (const { pattern, expected } of table) {
    assert.deepEqual(compileRegex(pattern).setMatches, expected, pattern);
  }
});

test('expand() follows Go', () => {
  const table: { pattern: string; value: string; template: string; expected: string | undefined }[] = [
    { pattern: '(.*)', value: 'foo', template: '$1', expected: 'foo' },
    { pattern: '(.*)', value: '', template: '$1', expected: '' },
    { pattern: '(.*)', value: 'foo', template: '', expected: '' },
    { pattern: 'bar', value: 'foo', template: 'x', expected: undefined },
    { pattern: 'bar', value: 'foo', template: '$0', expected: undefined },
    { pattern: 'f(.*)', value: 'foo', template: 'ch${1}-ch${1}', expected: 'choo-choo' },
    { pattern: 'f(.*)', value: 'foo', template: '$1x', expected: '' },
    { pattern: 'f(.*)', value: 'foo', template: '$1-x', expected: 'oo-x' },
    { pattern: 'f(.*)', value: 'foo', template: '$0', expected: 'foo' },
    { pattern: 'f(.*)', value: 'foo', template: '$2', expected: '' },
    { pattern: 'f(.*)', value: 'foo', template: '$$1', expected: '$1' },
    { pattern: 'f(.*)', value: 'foo', template: '$', expected: '$' },
    { pattern: 'f(.*)', value: 'foo', template: '${1', expected: '${1' },
    { pattern: '(.+):(\\d+)', value: 'a:b:80', template: '$2 $1', expected: '80 a:b' },
    { pattern: '(?P<host>.+):(?P<port>.+)', value: 'a:80', template: '${port}@$host', expected: '80@a' },
    { pattern: '__meta_(?<name>.+)', value: '__meta_x', template: '$name', expected: 'x' },
    { pattern: '(a)|(b)', value: 'b', template: '[$1][$2]', expected: '[][b]' },
    { pattern: '(a?)(b?)', value: 'b', template: '[$1][$2]', expected: '[][b]' },
    { pattern: '((a)(.*)(b))', value: 'axxb', template: '$1,$2,$3,$4', expected: 'axxb,a,xx,b' },
    { pattern: '(?i)(FOO)(.*)', value: 'fOo1', template: '$1$2', expected: 'fOo1' },
    { pattern: '(a|ab)(c|bcd)', value: 'abcd', template: '$1,$2', expected: 'a,bcd' },
    { pattern: '(.*?)(b*)', value: 'abb', template: '$1,$2', expected: 'a,bb' },
    { pattern: '(😀)(.*)', value: '😀é', template: '$2$1', expected: 'é😀' },
  ];
  for (const { pattern, value, template, expected } of table) {
    assert.equal(compileRegex(pattern).expand(value, template), expected, `${pattern} ${value} ${template}`);
  }
});

test('compileRegex() refuses with the words of Go', () => {
  const table: { pattern: string; expected: string }[] = [
    { pattern: '(a', expected: 'missing closing ): `(a`' },
    { pattern: 'a)', expected: 'unexpected ): `a)`' },
    { pattern: 'a)|(b', expected: 'unexpected ): `a)|(b`' },
    { pattern: '[a', expected: 'missing closing ]: `[a`' },
    { pattern: 'x[z-a]', expected: 'invalid character class range: `z-a`' },
    { pattern: '*a', expected: 'missing argument to repetition operator: `*`' },
    { pattern: 'a**', expected: 'invalid nested repetition operator: `**`' },
    { pattern: 'a{1001}', expected: 'invalid repeat count: `{1001}`' },
    { pattern: '(?=a)', expected: 'invalid or unsupported Perl syntax: `(?=`' },
    { pattern: '(?<=a)', expected: 'invalid named capture: `(?<=a)`' },
    { pattern: '\\8', expected: 'invalid escape sequence: `\\8`' },
    { pattern: 'a\\', expected: 'trailing backslash at end of expression: ``' },
    { pattern: '\\p{Klingon}', expected: 'invalid character class range: `\\p{Klingon}`' },
    { pattern: '(?P<a b>x)', expected: 'invalid named capture: `(?P<a b>`' },
    { pattern: `${'('.repeat(1001)}\\d${')'.repeat(1001)}`, expected: 'expression nests too deeply: `((((' },
  ];
  for (const { pattern, expected } of table) {
    assert.throws(
      () => compileRegex(pattern),
      (error: Error) => error instanceof SyntaxError && error.message.startsWith(`error parsing regexp: ${expected}`),
      pattern,
    );
  }
});

test('compileWrappedRegex() quotes the wrapper, and lets no pattern out of it', () => {
  const message = (pattern: string, wrapper?: '^(?:') => {
    try {
      compileWrappedRegex(pattern, wrapper);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(message('abc(def'), 'error parsing regexp: missing closing ): `^(?s:abc(def)$`');
  assert.equal(message('abc(def', '^(?:'), 'error parsing regexp: missing closing ): `^(?:abc(def)$`');
  assert.equal(message('\\Qfoo'), 'error parsing regexp: missing closing ): `^(?s:\\Qfoo)$`');
  assert.equal(message('a)|(b'), 'error parsing regexp: unexpected ): `a)|(b`');
  assert.equal(message('\\Qfoo\\E.*'), undefined);
});

test('compileWrappedRegex() matches line breaks with a dot only where Prometheus does', () => {
  assert.equal(compileWrappedRegex('a.*').matches('a\nb'), true);
  assert.equal(compileWrappedRegex('a.*', '^(?:').matches('a\nb'), false);
  assert.equal(compileWrappedRegex('a.*', '^(?:').matches('ab'), true);
  assert.equal(compileWrappedRegex('(?s)a.*', '^(?:').matches('a\nb'), true);
});

test('compileUnanchoredRegex() finds a match anywhere', () => {
  assert.equal(compileUnanchoredRegex('o+').matches('foobar'), true);
  assert.equal(compileUnanchoredRegex('^o').matches('foobar'), false);
  assert.equal(compileUnanchoredRegex('a.b').matches('a\nb'), false);
  assert.throws(() => compileUnanchoredRegex('('), { message: 'error parsing regexp: missing closing ): `(`' });
});

test('replaceAll() follows Go', () => {
  const table: { pattern: string; text: string; template: string; expected: string }[] = [
    { pattern: '(.*):\\d+', text: 'localhost:80', template: '$1', expected: 'localhost' },
    { pattern: 'a', text: 'banana', template: 'o', expected: 'bonono' },
    { pattern: '', text: 'ab', template: '-', expected: '-a-b-' },
    { pattern: 'x*', text: 'axxb', template: '-', expected: '-a-b-' },
    { pattern: '', text: '😀', template: '-', expected: '-😀-' },
    { pattern: '(a)(b)?', text: 'abac', template: '[$1$2]', expected: '[ab][a]c' },
    { pattern: '(?P<n>\\d)', text: 'a1b2', template: '<${n}>', expected: 'a<1>b<2>' },
    { pattern: '^a', text: 'aaa', template: 'b', expected: 'baa' },
    { pattern: '\\b', text: 'ab cd', template: '|', expected: '|ab| |cd|' },
    { pattern: 'q', text: 'abc', template: 'x', expected: 'abc' },
    { pattern: '.*', text: '', template: 'x', expected: 'x' },
  ];
  for (const { pattern, text, template, expected } of table) {
    assert.equal(compileUnanchoredRegex(pattern).replaceAll(text, template), expected, `${pattern} ${text}`);
  }
});

test('a compiled pattern is kept', () => {
  assert.equal(compileRegex('kept.*'), compileRegex('kept.*'));
  assert.notEqual(compileRegex('kept.*'), compileWrappedRegex('kept.*'));
});

test('no pattern takes more than linear time', () => {
  const value = 'x'.repeat(50_000);
  for (const pattern of [
    '(x+x+)+y',
    '(x|x)*y',
    '(.*)(.*)(.*)(.*)y',
    `[${'a-z'.repeat(20_000)}]y`,
    `(x?){500}x{500}y`,
  ]) {
    assert.equal(compileRegex(pattern).matches(value), false);
  }
  assert.throws(() => compileRegex(`[${'a-z'.repeat(50_000)}`), SyntaxError);
});
