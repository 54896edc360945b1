import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '#shared/config/config-error.ts';
import { loadRuleFile, type RuleFileOptions } from '#shared/config/load-rules.ts';

const OPTIONS: RuleFileOptions = { evaluationIntervalMs: 60_000, queryOffsetMs: 5000 };

function problemsOf(text: string, options = OPTIONS): readonly string[] {
  try {
    loadRuleFile('r.yml', text, options);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map((problem) => problem.message.replace('r.yml:', ''));
  }
}

const rule = (lines: string) => `groups:\n- name: g\n  rules:\n  - ${lines.replaceAll('\n', '\n    ')}\n`;

test('loadRuleFile() reads groups and rules', () => {
  const text = `
groups:
  - name: a
    interval: 30s
    query_offset: 0s
    limit: 5
    labels: {team: x, severity: low}
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
        labels: {pod: ''}
      - alert: Down
        expr: up == 0
        for: 5m
        keep_firing_for: 1m
        labels: {severity: page}
        annotations: {summary: '{{ $labels.instance }} is down'}
  - name: b
`;
  const [a, b] = loadRuleFile('r.yml', text, OPTIONS);
  assert.deepEqual([a.intervalMs, a.queryOffsetMs, a.limit], [30_000, 0, 5]);
  assert.deepEqual([b.intervalMs, b.queryOffsetMs, b.limit, b.rules], [60_000, 5000, 0, []]);
  const [record, alert] = a.rules.map(({ expr, ...rest }) => ({ ...rest, expr: expr.kind }));
  assert.deepEqual(record, {
    kind: 'recording',
    record: 'job:up:sum',
    exprText: 'sum by (job) (up)',
    expr: a.rules[0].expr.kind,
    labels: ['pod', '', 'severity', 'low', 'team', 'x'],
  });
  assert.deepEqual(alert, {
    kind: 'alerting',
    alert: 'Down',
    exprText: 'up == 0',
    expr: a.rules[1].expr.kind,
    labels: ['severity', 'page', 'team', 'x'],
    forMs: 300_000,
    keepFiringForMs: 60_000,
    annotations: ['summary', '{{ $labels.instance }} is down'],
  });
});

test('loadRuleFile() refuses what promtool refuses, with its words and the place', () => {
  const inG = (number: number, name: string) => `group "g", rule ${number}, "${name}": `;
  const table = [
    {
      input: 'group: []\n',
      expected: ['1:1: field group not found in type rulefmt.RuleGroups, did you mean "groups"?'],
    },
    { input: 'groups: [{name: ""}]\n', expected: ['1:17: Groupname must not be empty'] },
    { input: 'groups: [{name: a}, {name: a}]\n', expected: ['1:21: groupname: "a" is repeated in the same file'] },
    {
      input: 'groups: [{name: a, interval: 100ms}]\n',
      expected: ['1:30: interval is 100 ms, expected whole seconds, at least 1s'],
    },
    { input: 'groups: [{name: a, labels: {__name__: b}}]\n', expected: ['1:29: invalid label name: __name__'] },
    { input: rule('expr: up'), expected: [`4:5: ${inG(1, '')}one of 'record' or 'alert' must be set`] },
    {
      input: rule('record: a\nalert: b\nexpr: up'),
      expected: [`4:13: ${inG(1, 'b')}only one of 'record' and 'alert' must be set`],
    },
    { input: rule('record: a'), expected: [`4:5: ${inG(1, 'a')}field 'expr' must be set in rule`] },
    {
      input: rule('record: a{b="c"}\nexpr: up'),
      expected: [
        `4:13: ${inG(1, 'a{b=\\"c\\"}')}braces present in the recording rule name; should it be in expr?: a{b="c"}`,
      ],
    },
    {
      input: rule('record: a\nexpr: up\nfor: 1m'),
      expected: [`6:10: ${inG(1, 'a')}invalid field 'for' in recording rule`],
    },
    {
      input: rule('record: a\nexpr: up\nannotations: {a: b}'),
      expected: [`6:18: ${inG(1, 'a')}invalid field 'annotations' in recording rule`],
    },
    {
      input: rule('alert: a\nexpr: up\nlabels: {__name__: b}'),
      expected: [`6:14: ${inG(1, 'a')}invalid label name: __name__`],
    },
    { input: rule('alert: a\nexpr: up\nfor: x'), expected: ['6:10: not a valid duration string: "x"'] },
  ];
  for (const { input, expected } of table) assert.deepEqual(problemsOf(input), expected, input);
});

test('loadRuleFile() places errors of PromQL in the file', () => {
  const table = [
    {
      input: 'alert: a\nexpr: rate(up)',
      expected: /^5:16: group "g", rule 1, "a": could not parse expression: 1:6: parse error: /,
    },
    { input: 'alert: a\nexpr: |\n  sum(\n    rate(up)\n  )', expected: /^7:14: .*: 2:8: parse error: / },
    { input: 'alert: a\nexpr: >-\n  sum(\n  rate(up))', expected: /^7:12: .*: 1:11: parse error: / },
    { input: 'alert: a\nexpr: "rate(\\"up\\")"', expected: /^5:17: .*: 1:6: parse error: / },
  ];
  for (const { input, expected } of table) {
    const [problem] = problemsOf(rule(input));
    assert.match(problem, expected);
  }
});

test('loadRuleFile() reads expressions in the syntax that is turned on', () => {
  const text = rule('record: a\nexpr: limitk(1, up)');
  assert.match(problemsOf(text)[0], /limitk\(\) is experimental/);
  assert.deepEqual(problemsOf(text, { ...OPTIONS, parser: { experimentalFunctions: true } }), []);
});

test('loadRuleFile() checks the templates of alerting rules only', () => {
  const checkTemplate = (text: string) => {
    if (text.includes('{{ bad')) throw new Error('template: bad');
  };
  const text = `${rule("alert: a\nexpr: up\nlabels: {l: '{{ bad'}\nannotations: {b: fine, c: '{{ bad'}")}  - record: b\n    expr: up\n    labels: {l: '{{ bad'}\n`;
  assert.deepEqual(problemsOf(text, { ...OPTIONS, checkTemplate }), [
    '6:17: group "g", rule 1, "a": label "l": template: bad',
    '7:31: group "g", rule 1, "a": annotation "c": template: bad',
  ]);
});

test('loadRuleFile() collects every problem', () => {
  const text = 'groups:\n- name: a\n  rules: [{expr: up}, {record: b}]\n  x: 1\n- name: a\n';
  assert.equal(problemsOf(text).length, 4);
});

test('loadRuleFile() takes empty parts as none', () => {
  const table = ['', 'groups:\n', 'groups: [~]\n', 'groups: [{name: a, rules: [~]}]\n'];
  for (const input of table) assert.deepEqual(problemsOf(input), [], input);
  assert.deepEqual(problemsOf(rule('record: a\nexpr: up\nannotations: {}')), []);
});

test('loadRuleFile() warns of further documents', () => {
  const warnings: string[] = [];
  loadRuleFile('r.yml', 'groups: []\n---\ngroups: []\n', { ...OPTIONS, warn: (warning) => warnings.push(warning) });
  assert.deepEqual(warnings, ['r.yml:2:1: only the first document of the file is used, this one is not']);
});
