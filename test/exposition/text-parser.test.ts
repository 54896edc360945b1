import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePage } from '#shared/exposition/parse.ts';
import { bytesOf, parseError, parseLines } from './page-lines.ts';

const TEXT = 'PrometheusText0.0.4';

const ACCEPTED: readonly { input: string; expected: readonly string[] }[] = [
  { input: '', expected: [] },
  { input: '\n\n', expected: [] },
  { input: 'up 1', expected: ['up 1'] },
  { input: 'up 1\n', expected: ['up 1'] },
  { input: 'up\t 1 \t 1700000000123 \n', expected: ['up 1 @1700000000123'] },
  { input: 'up 1 0\n', expected: ['up 1 @0'] },
  { input: 'a:b_1 1\n', expected: ['a:b_1 1'] },
  { input: 'up{} 1\n', expected: ['up 1'] },
  { input: 'up {a="1"} 1\n', expected: ['up{a="1"} 1'] },
  { input: 'up{b="2",a="1",} 1\n', expected: ['up{a="1", b="2"} 1'] },
  { input: 'up{ a = "1" , b = "2" } 1\n', expected: ['up{a="1", b="2"} 1'] },
  { input: 'up{a="1"b="2"} 1\n', expected: ['up{a="1", b="2"} 1'] },
  { input: 'up{Z="1",__a="2"} 1\n', expected: ['up{Z="1", __a="2"} 1'] },
  { input: 'up{a="",b="1"} 1\n', expected: ['up{b="1"} 1'] },
  { input: 'up{a="1",a=""} 1\n', expected: ['up 1'] },
  { input: 'up{a="\\"\\\\\\n\\t"} 1\n', expected: ['up{a="\\"\\\\\\n\\\\t"} 1'] },
  { input: 'up{a="two\nlines"} 1\n', expected: ['up{a="two\\nlines"} 1'] },
  { input: 'up{a="\0"} 1\n', expected: ['up{a="\\x00"} 1'] },
  { input: 'up{a="é😀"} 1\n', expected: ['up{a="é😀"} 1'] },
  { input: 'up{a="}, {#"} 1\n', expected: ['up{a="}, {#"} 1'] },
  { input: '{"my.name"} 1\n', expected: ['{"my.name"} 1'] },
  { input: '{"my.name","a.b"="c",d="e"} 1 5\n', expected: ['{"my.name", "a.b"="c", d="e"} 1 @5'] },
  { input: '{d="e","my.name"} 1\n', expected: ['{"my.name", d="e"} 1'] },
  { input: '{"a\\"b"} 1\n', expected: ['{"a\\"b"} 1'] },
  { input: '{"up","a"="b"} 1\n', expected: ['up{a="b"} 1'] },
  // Upstream takes the blanks before a name for a part of it.
  { input: '  up 1\n', expected: ['{"  up"} 1'] },
  { input: '  {"up"} 1\n', expected: ['up 1'] },
  // Series may repeat.
  { input: 'up 1\nup 2\n', expected: ['up 1', 'up 2'] },
  { input: '# comment\n#comment\n#\n# HELPING x\n# UNIT x y\n# EOF\nup 1\n', expected: ['up 1'] },
  // A NUL byte at the start of a token ends the page.
  { input: 'up 1\n\0down 1\n', expected: ['up 1'] },
  { input: 'a 0\na -0\na .5\na 5.\na +1.5e3\na 1e-400\n', expected: ['a 0', 'a -0', 'a 0.5', 'a 5', 'a 1500', 'a 0'] },
  { input: 'a NaN\na nan\na Inf\na +inf\na -INFINITY\n', expected: ['a NaN', 'a NaN', 'a +Inf', 'a +Inf', 'a -Inf'] },
  {
    input: 'a 0.1\na 123456789012345\na 1234567890123456789\na 0.30000000000000004\na 1.7976931348623157e+308\n',
    expected: [
      'a 0.1',
      'a 123456789012345',
      'a 1234567890123456800',
      'a 0.30000000000000004',
      `a 17976931348623157${'0'.repeat(292)}`,
    ],
  },
  {
    input: 'a 1e22\na 1e23\na 123e-7\n',
    expected: ['a 10000000000000000000000', 'a 100000000000000000000000', 'a 0.0000123'],
  },
  {
    input: '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_bucket{le="1e6"} 2\nh_bucket{le="x"} 3\n',
    expected: ['h_bucket{le="1.0"} 1', 'h_bucket{le="+Inf"} 2', 'h_bucket{le="1e+06"} 2', 'h_bucket{le="x"} 3'],
  },
  {
    input: '# TYPE h histogram\nh_bucket{le="0x1p4"} 1\nh_bucket{le="1_0"} 1\nh_bucket{le="-0"} 1\nh{quantile="1"} 1\n',
    expected: ['h_bucket{le="16.0"} 1', 'h_bucket{le="10.0"} 1', 'h_bucket{le="0.0"} 1', 'h{quantile="1"} 1'],
  },
  {
    input: '# TYPE s summary\ns{quantile="0.50"} 1\ns{le="1"} 1\n# TYPE g gauge\ng{quantile="1",le="1"} 1\n',
    expected: ['s{quantile="0.5"} 1', 's{le="1"} 1', 'g{le="1", quantile="1"} 1'],
  },
];

test('parsePage() reads the Prometheus text format as upstream does', () => {
  for (const { input, expected } of ACCEPTED) {
    assert.deepEqual(parseLines(input, TEXT), expected, JSON.stringify(input));
    assert.deepEqual(parseLines(input, 'PrometheusText1.0.0'), expected, JSON.stringify(input));
  }
});

const REFUSED: readonly { input: string; expected: string; line?: number }[] = [
  { input: 'a\n', expected: 'expected value after metric, got "\\n" ("INVALID") while parsing: "a\\n"' },
  {
    input: 'a{b="c"}\n',
    expected: 'expected value after metric, got "\\n" ("INVALID") while parsing: "a{b=\\"c\\"}\\n"',
  },
  { input: 'a{b="c}\n', expected: 'expected label value, got "\\"c}\\n" ("INVALID") while parsing: "a{b=\\"c}\\n"' },
  { input: 'a{b=c} 1\n', expected: 'expected label value, got "c" ("INVALID") while parsing: "a{b=c"' },
  { input: 'a{b} 1\n', expected: 'expected equal, got "} " ("BCLOSE") while parsing: "a{b} "' },
  { input: 'a{,} 1\n', expected: 'expected label name, got ",}" ("COMMA") while parsing: "a{,}"' },
  { input: 'a{1="x"} 1\n', expected: 'expected label name, got "1" ("INVALID") while parsing: "a{1"' },
  { input: 'a b\n', expected: 'strconv.ParseFloat: parsing "b": invalid syntax while parsing: "a b"' },
  { input: 'a 1e400\n', expected: 'strconv.ParseFloat: parsing "1e400": value out of range while parsing: "a 1e400"' },
  { input: 'a 0x1p4\n', expected: 'unsupported character in float while parsing: "a 0x1p4"' },
  { input: 'a 1_0\n', expected: 'unsupported character in float while parsing: "a 1_0"' },
  { input: 'a 0x10\n', expected: 'strconv.ParseFloat: parsing "0x10": invalid syntax while parsing: "a 0x10"' },
  { input: 'a 1 -5\n', expected: 'expected timestamp or new record, got "-" ("INVALID") while parsing: "a 1 -"' },
  { input: 'a 1 1.5\n', expected: 'expected next entry after timestamp, got "." ("INVALID") while parsing: "a 1 1."' },
  {
    input: 'a 1 99999999999999999999\n',
    expected:
      'strconv.ParseInt: parsing "99999999999999999999": value out of range while parsing: "a 1 99999999999999999999"',
  },
  {
    input: 'a 1 2 3\n',
    expected: 'expected next entry after timestamp, got "3\\n" ("TIMESTAMP") while parsing: "a 1 2 3\\n"',
  },
  { input: '{b="c"} 1\n', expected: 'metric name not set while parsing: "{b=\\"c\\"} 1"' },
  { input: 'a{"b"} 1\n', expected: 'metric name already set while parsing: "a{\\"b\\"}"' },
  { input: '{"a","b"} 1\n', expected: 'metric name already set while parsing: "{\\"a\\",\\"b\\"}"' },
  { input: '9 1\n', expected: 'expected a valid start token, got "9" ("INVALID") while parsing: "9"' },
  { input: '# TYPE a float\n', expected: 'invalid metric type "float"' },
  { input: '# TYPE a\n', expected: 'invalid metric type ""' },
  {
    input: '# TYPE 1 gauge\n',
    expected: 'expected metric name after TYPE, got "1" ("INVALID") while parsing: "# TYPE 1"',
  },
  { input: '# HELP a \uf7ff\n', expected: 'help text "\\xff" is not a valid utf8 string' },
  { input: 'a{b="\uf7ff"} 1\n', expected: 'invalid UTF-8 label value: "\\"\\xff\\""' },
  { input: '{"\uf7ff"} 1\n', expected: 'invalid metric name or label names: {"\\xff"}' },
  { input: 'a{""="b"} 1\n', expected: 'invalid metric name or label names: {"a", ""="b"}' },
  { input: 'a{b="1",b="1"} 1\n', expected: 'label name "b" is not unique: invalid sample' },
  { input: 'a{__name__="b"} 1\n', expected: 'label name "__name__" is not unique: invalid sample' },
  {
    input: 'ok 1\n\n# HELP ok x\nok{ 1\n',
    expected: 'expected label name, got "1" ("INVALID") while parsing: "ok{ 1"',
    line: 4,
  },
];

test('parsePage() refuses a text page with upstream’s words and the line', () => {
  for (const { input, expected, line = 1 } of REFUSED) {
    const error = parseError(bytesOf(input), TEXT);
    assert.equal(error.reason, expected);
    assert.equal(error.line, line, JSON.stringify(input));
    assert.equal(error.message, `${expected} (line ${line})`);
  }
});

test('parsePage() hands over the samples before an error', () => {
  const { partial } = parseError('a 1\nb{c="d"} 2 3\nc x\nd 4\n', TEXT);
  assert.deepEqual(partial.labels, [
    ['__name__', 'a'],
    ['__name__', 'b', 'c', 'd'],
  ]);
  assert.deepEqual([...partial.values], [1, 2]);
  assert.deepEqual([...partial.timestampsMs], [Number.NaN, 3]);
});

test('parsePage() collects the metadata of text pages', () => {
  const page = parsePage(
    bytesOf(
      [
        '# HELP a_total Lines\\nand \\\\ and \\" é.',
        '# TYPE a_total counter',
        'a_total 1',
        '#  TYPE   b untyped',
        '# HELP c ',
        '# HELP a_total  The last one wins',
        '# TYPE "d.e" gauge',
        '',
      ].join('\n'),
    ),
    TEXT,
  );
  assert.deepEqual(page.metadata, [
    { metric: 'a_total', type: 'counter', help: ' The last one wins', unit: '' },
    { metric: 'b', type: 'unknown', help: '', unit: '' },
    { metric: 'c', type: 'unknown', help: '', unit: '' },
    { metric: 'd.e', type: 'gauge', help: '', unit: '' },
  ]);
  const [help] = parsePage(bytesOf('# HELP a Lines\\nand \\\\ and \\" é\n'), TEXT).metadata;
  assert.equal(help.help, 'Lines\nand \\ and \\" é');
});

test('parsePage() gives NaN the bits of Prometheus’s ordinary NaN', () => {
  const { values } = parsePage(bytesOf('a NaN\nb 1\nc nan\n'), TEXT);
  const bits = new BigUint64Array(values.buffer, values.byteOffset, values.length);
  assert.deepEqual([...bits], [0x7ff8000000000001n, 0x3ff0000000000000n, 0x7ff8000000000001n]);
});
