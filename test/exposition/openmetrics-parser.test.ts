import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePage } from '#shared/exposition/parse.ts';
import { bytesOf, parseError, parseLines } from './page-lines.ts';

const OPENMETRICS = 'OpenMetricsText1.0.0';

const ACCEPTED: readonly { input: string; expected: readonly string[] }[] = [
  { input: '', expected: [] },
  { input: '# EOF', expected: [] },
  { input: '# EOF\n', expected: [] },
  { input: 'a 1\n# EOF\n', expected: ['a 1'] },
  { input: 'a 1 1700000000.5\n# EOF\n', expected: ['a 1 @1700000000500'] },
  { input: 'a 1 -1.0015\na 1 1e3\n# EOF', expected: ['a 1 @-1001', 'a 1 @1000000'] },
  { input: 'a 1 1e300\n# EOF', expected: ['a 1 @-9223372036854776000'] },
  { input: 'a{b="c",d="",} 1\n# EOF', expected: ['a{b="c"} 1'] },
  { input: '{"a.b",c="d"} 1\n# EOF', expected: ['{"a.b", c="d"} 1'] },
  { input: '# TYPE a counter\na_total 1\na_created 1.5\n# EOF', expected: ['a_total 1', 'a_created 1.5'] },
  { input: '# TYPE h histogram\nh_bucket{le="1"} 1\n# EOF', expected: ['h_bucket{le="1.0"} 1'] },
  { input: '# TYPE g gaugehistogram\ng_bucket{le="1"} 1\n# EOF', expected: ['g_bucket{le="1"} 1'] },
  { input: 'a_total 1 # {id="x"} 2\n# EOF', expected: ['a_total 1'] },
  { input: 'a_total 1 5 # {id="x",} 2 3.5\n# EOF', expected: ['a_total 1 @5000'] },
  { input: 'a_total 1 # {} 2\nb 1 # {"a.b"="c"} 3\n# EOF', expected: ['a_total 1', 'b 1'] },
  { input: 'a{b="# {c"} 1\n# EOF', expected: ['a{b="# {c"} 1'] },
];

test('parsePage() reads OpenMetrics as upstream does', () => {
  for (const { input, expected } of ACCEPTED) {
    assert.deepEqual(parseLines(input, OPENMETRICS), expected, JSON.stringify(input));
    assert.deepEqual(parseLines(input, 'OpenMetricsText0.0.1'), expected, JSON.stringify(input));
  }
});

const REFUSED: readonly { input: string; expected: string; line?: number; samples?: number }[] = [
  { input: 'a 1\n', expected: 'data does not end with # EOF', line: 2, samples: 1 },
  { input: 'a 1', expected: 'data does not end with # EOF' },
  { input: 'a 1 # {b="c"} 1', expected: 'data does not end with # EOF' },
  { input: '# EOF\na 1\n', expected: 'unexpected data after # EOF' },
  { input: '\n# EOF\n', expected: 'expected a valid start token, got "\\n" ("INVALID") while parsing: "\\n"' },
  { input: '# comment\n# EOF\n', expected: 'expected a valid start token, got "# c" ("INVALID") while parsing: "# c"' },
  { input: ' a 1\n# EOF', expected: 'expected a valid start token, got " " ("INVALID") while parsing: " "' },
  { input: 'a  1\n# EOF', expected: 'expected value after metric, got "  " ("INVALID") while parsing: "a  "' },
  { input: 'a {} 1\n# EOF', expected: 'strconv.ParseFloat: parsing "{}": invalid syntax while parsing: "a {}"' },
  {
    input: 'a{b="c"d="e"} 1\n# EOF',
    expected: 'expected comma or brace close, got "d=" ("LNAME") while parsing: "a{b=\\"c\\"d="',
  },
  { input: 'a{ b="c"} 1\n# EOF', expected: 'expected label name, got " " ("INVALID") while parsing: "a{ "' },
  {
    input: 'a{b="c\nd"} 1\n# EOF',
    expected: 'expected label value, got "\\"c\\n" ("INVALID") while parsing: "a{b=\\"c\\n"',
  },
  { input: 'a 1 NaN\n# EOF', expected: 'invalid timestamp NaN' },
  { input: 'a 1 +Inf\n# EOF', expected: 'invalid timestamp +Inf' },
  { input: 'a 1 x\n# EOF', expected: 'strconv.ParseFloat: parsing "x": invalid syntax while parsing: "a 1 x"' },
  {
    input: 'a 1 2 3\n# EOF',
    expected: 'expected next entry after timestamp, got " 3\\n" ("TIMESTAMP") while parsing: "a 1 2 3\\n"',
  },
  {
    input: 'a 1 \n# EOF',
    expected: 'expected a valid start token, got "\\n#" ("LINEBREAK") while parsing: "\\n#"',
    samples: 1,
  },
  {
    input: 'a 1 # {"b"} 1\n# EOF',
    expected: 'expected label name, got "} " ("BCLOSE") while parsing: "a 1 # {\\"b\\"} "',
  },
  {
    input: 'a 1 # {b="c"}1\n# EOF',
    expected: 'expected value after exemplar labels, got "1" ("INVALID") while parsing: "a 1 # {b=\\"c\\"}1"',
  },
  { input: 'a 1 # {b="c"} 1 NaN\n# EOF', expected: 'invalid exemplar timestamp NaN' },
  { input: 'a 1 # {b="\uf7ff"} 1\n# EOF', expected: 'invalid UTF-8 label value: "\\"\\xff\\""' },
  { input: '# TYPE a untyped\n# EOF', expected: 'invalid metric type "untyped"' },
  { input: '# TYPE a\n# EOF', expected: 'expected text in TYPE' },
  { input: '# UNIT a_bytes seconds\n# EOF', expected: 'unit "seconds" not a suffix of metric "a_bytes"' },
  { input: '# UNIT seconds seconds\n# EOF', expected: 'unit "seconds" not a suffix of metric "seconds"' },
  { input: '# HELP a b', expected: 'expected text in HELP' },
  { input: 'a{b="1",b="2"} 1\n# EOF', expected: 'label name "b" is not unique: invalid sample' },
  {
    input: 'a 1\nb 1\nc\n# EOF',
    expected: 'expected value after metric, got "\\n" ("INVALID") while parsing: "c\\n"',
    line: 3,
    samples: 2,
  },
];

test('parsePage() refuses an OpenMetrics page with upstream’s words and the line', () => {
  for (const { input, expected, line = 1, samples = 0 } of REFUSED) {
    const error = parseError(bytesOf(input), OPENMETRICS);
    assert.equal(error.reason, expected);
    assert.equal(error.line, line, JSON.stringify(input));
    assert.equal(error.partial.labels.length, samples, JSON.stringify(input));
  }
});

test('parsePage() collects the metadata of OpenMetrics pages', () => {
  const page = parsePage(
    bytesOf(
      [
        '# HELP a_seconds Quoted \\"é\\",\\nbroken',
        '# UNIT a_seconds seconds',
        '# TYPE a_seconds counter',
        '# TYPE b info',
        '# HELP c ',
        '# TYPE d stateset',
        '# EOF',
      ].join('\n'),
    ),
    OPENMETRICS,
  );
  assert.deepEqual(page.metadata, [
    { metric: 'a_seconds', type: 'counter', help: 'Quoted "é",\nbroken', unit: 'seconds' },
    { metric: 'b', type: 'info', help: '', unit: '' },
    { metric: 'c', type: 'unknown', help: '', unit: '' },
    { metric: 'd', type: 'stateset', help: '', unit: '' },
  ]);
});
