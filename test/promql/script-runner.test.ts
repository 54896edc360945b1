import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript } from '#test/support/promql-script-runner.ts';

const LOAD = `
load 1m
  up{job="a"} 1 2 3
  up{job="b"} 4 _ 6
  h {{schema:1 count:3 sum:5 buckets:[1 2]}}+{{schema:1 count:1 sum:1 buckets:[1]}}x2
`;

/** Eval commands on what `LOAD` has, and what is wrong with them; `undefined` when they pass. */
const CASES: readonly { readonly input: string; readonly expected: RegExp | undefined }[] = [
  { input: 'eval instant at 2m up\n  up{job="a"} 3\n  up{job="b"} 6', expected: undefined },
  { input: 'eval instant at 2m up\n  up{job="a"} 3.000001\n  up{job="b"} 6', expected: undefined },
  { input: 'eval instant at 2m up\n  up{job="a"} 3.1\n  up{job="b"} 6', expected: /expected 3\.1, got 3/ },
  { input: 'eval instant at 2m up\n  up{job="a"} 3', expected: /unexpected up\{job="b"\} 6/ },
  { input: 'eval instant at 2m up{job="a"}\n  up{job="a"} 3\n  up{job="c"} 1', expected: /job="c"\} 1, got none/ },
  { input: 'eval instant at 2m up{job="a"}\n  3', expected: /expected the scalar 3, got a vector/ },
  { input: 'eval instant at 2m 1 + 1\n  2', expected: undefined },
  { input: 'eval instant at 2m 1 + 1\n  {} 2', expected: /expected a vector or matrix, got the scalar 2/ },
  { input: 'eval instant at 0 "x"\n  expect string "x"', expected: undefined },
  { input: 'eval instant at 0 "x"\n  expect string "y"', expected: /expected "y", got "x"/ },
  { input: 'eval instant at 2m sort(up)\n  expect ordered\n  up{job="a"} 3\n  up{job="b"} 6', expected: undefined },
  {
    input: 'eval instant at 2m sort(up)\n  expect ordered\n  up{job="b"} 6\n  up{job="a"} 3',
    expected: /at position 1, got it at 0/,
  },
  { input: 'eval range from 0 to 2m step 1m up{job="a"}\n  up{job="a"} 1 2 3', expected: undefined },
  { input: 'eval range from 0 to 2m step 1m up{job="a"}\n  up{job="a"} 1 2', expected: /got 1@0s 2@60s 3@120s/ },
  { input: 'eval range from 0 to 2m step 1m up{job="a"}\n  up{job="a"} 1 _ 3', expected: /expected 1 _ 3/ },
  {
    input: 'eval instant at 2m up{job="b"}[3m]\n  expect range vector from 0 to 2m step 1m\n  up{job="b"} 4 _ 6',
    expected: undefined,
  },
  {
    input: 'eval instant at 2m h\n  h {{schema:1 count:5 sum:7 buckets:[3 2]}}',
    expected: undefined,
  },
  {
    input: 'eval instant at 2m h\n  h {{schema:1 count:5 sum:7 buckets:[3 3]}}',
    expected: /expected \{\{schema:1 count:5 sum:7 buckets:\[3 3\]\}\}, got \{\{.*buckets:\[3 2\]\}\}/,
  },
  {
    input: 'eval instant at 2m h\n  h {{schema:1 count:5 sum:7 buckets:[3 2] counter_reset_hint:not_reset}}',
    expected: undefined,
  },
  {
    input: 'eval instant at 2m h\n  h {{schema:1 count:5 sum:7 buckets:[3 2] counter_reset_hint:gauge}}',
    expected: /counter_reset_hint:gauge.* got .*counter_reset_hint:not_reset/,
  },
  { input: 'eval instant at 2m h\n  h 5', expected: /expected 5, got \{\{/ },
  { input: 'eval instant at 2m nothing_such(up)\n  up 1', expected: /unknown function with name "nothing_such"/ },
  { input: 'eval instant at 2m up + on() up\n  expect fail', expected: undefined },
  { input: 'eval instant at 2m up\n  expect fail', expected: /expected the error any, got a result/ },
  { input: 'eval instant at 2m up + on() up\n  expect fail msg: no', expected: /expected the error "no", got "found/ },
  { input: 'eval instant at 2m up + on() up\n  expect fail regex: ^found dup', expected: undefined },
  {
    input: 'eval_fail instant at 2m up + on() up\n  expect fail regex: zzz',
    expected: /expected the error \/zzz\/, got "found/,
  },
  { input: 'eval_fail instant at 2m up + on() up\n  expected_fail_regexp duplicate', expected: undefined },
  { input: 'eval instant at 2m rate(up[2m])\n  expect info regex: counter', expected: /got none|expected|unexpected/ },
  { input: 'eval instant at 2m rate(up[9m]) > 9\n  expect info regex: counter', expected: undefined },
  { input: 'eval instant at 2m rate(up[9m]) > 9\n  expect no_info', expected: /unexpected info/ },
  { input: 'eval instant at 2m rate(up[9m]) > 9\n  expect info msg: x', expected: /expected info "x", got PromQL/ },
  { input: 'eval instant at 2m quantile(2, up) < 0\n  expect warn', expected: undefined },
  { input: 'eval instant at 2m up > 9\n  expect warn', expected: /expected warn any, got none/ },
  { input: 'eval_warn instant at 2m up > 9', expected: /expected warn any, got none/ },
];

test('runScript() tells which eval commands do not give what they expect', async () => {
  for (const { input, expected } of CASES) {
    const { passed, failures } = await runScript(`${LOAD}\n${input}\n`);
    assert.equal(passed + failures.length, 1, input);
    if (expected === undefined) assert.deepEqual(failures, [], input);
    else assert.match(failures[0]?.problem ?? 'passed', expected, input);
  }
});

test('runScript() names the line, and goes on with the next command', async () => {
  const { passed, failures } = await runScript(`${LOAD}\n\neval instant at 0 1\n  2\n\neval instant at 0 2\n  2\n`);
  assert.deepEqual([passed, failures.map(({ line, query }) => [line, query])], [1, [[8, '1']]]);
});

test('runScript() fails where the value changes with a time that is fixed', async () => {
  const { failures } = await runScript('load 1m\n  a 1 2 3\n\neval instant at 1m a @ end()\n  a 2\n');
  assert.match(failures[0].problem, /^as a @ end\(\) at |^as part of a range: /);
});

test('runScript() reads start timestamps', async () => {
  const script = 'load 1m\n  a_total@st -1m -2mx1\n  a_total 3 5 6\n\n';
  const passing = `${script}eval instant at 2m start_timestamp(a_total)\n  {} 0\n`;
  assert.deepEqual((await runScript(passing)).failures, []);
  const wrong = 'load 1m\n  a_total@st -1m\n  a_total 3 5\n';
  assert.match((await runScript(wrong)).failures[0].problem, /@st line has 1 values but sample line has 2/);
});

test('runScript() fails once where a script cannot be read or loaded', async () => {
  const cases: readonly { input: string; expected: RegExp; line: number }[] = [
    { input: '\nfoo bar', expected: /invalid command "foo bar"/, line: 2 },
    { input: 'load x\n  a 1', expected: /not a valid duration|unknown unit/, line: 1 },
    { input: 'load 1m\n  a 1 two', expected: /not a value: "two"/, line: 2 },
    { input: 'load 1m\n  a {{nothing:1}}', expected: /bad histogram descriptor found: "nothing"/, line: 2 },
    { input: 'load 1m\n  a{b="c"}1', expected: /unexpected "1" behind the labels/, line: 2 },
    { input: 'eval instant at 1m a\n  expect nonsense', expected: /invalid expect statement/, line: 2 },
    { input: 'eval range from 2m to 1m step 1m a', expected: /is before start timestamp/, line: 1 },
    { input: 'eval instant at 1m a\n  a 1 2', expected: /multiple values in instant evaluation/, line: 2 },
    { input: 'load 1m\n  a 1 2\n\nload 30s\n  a 7 8 9', expected: /Cannot load a sample at 0/, line: 4 },
  ];
  for (const { input, expected, line } of cases) {
    const { passed, failures } = await runScript(input);
    assert.equal(passed, 0);
    assert.equal(failures.length, 1, input);
    assert.match(failures[0].problem, expected);
    assert.equal(failures[0].line, line, input);
  }
});
