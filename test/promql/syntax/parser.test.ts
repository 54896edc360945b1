import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getLabel } from '#shared/model/labels.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';
import { exprToJson } from '#shared/promql/syntax/ast-json.ts';
import { MAX_DEPTH } from '#shared/promql/syntax/depth.ts';
import { parseExpr, parseMetric, parseMetricSelector } from '#shared/promql/syntax/parser.ts';
import { prettifyExpr } from '#shared/promql/syntax/prettifier.ts';
import { printExpr } from '#shared/promql/syntax/printer.ts';
import { PromqlSyntaxError } from '#shared/promql/syntax/syntax-error.ts';
import { MAX_DURATION_DEPTH } from '#shared/promql/syntax/token-stream.ts';
import { walk } from '#shared/promql/syntax/visit.ts';

/** An expression with every binary and unary operation in brackets, to show how it was read. */
function shape(expr: Expr): string {
  switch (expr.kind) {
    case 'binary':
      return `[${shape(expr.lhs)} ${expr.op} ${shape(expr.rhs)}]`;
    case 'unary':
      return `[${expr.op}${shape(expr.expr)}]`;
    case 'paren':
      return `(${shape(expr.expr)})`;
    case 'number':
      return String(expr.value);
    case 'vectorSelector':
      return expr.name;
    default:
      return expr.kind;
  }
}

test('parseExpr() binds operators by precedence and side', () => {
  const cases = [
    { input: 'a + b * c', expected: '[a + [b * c]]' },
    { input: 'a - b - c', expected: '[[a - b] - c]' },
    { input: 'a ^ b ^ c', expected: '[a ^ [b ^ c]]' },
    { input: 'a or b and c unless d', expected: '[a or [[b and c] unless d]]' },
    { input: 'a == b + c', expected: '[a == [b + c]]' },
    { input: 'a * b atan2 c % d', expected: '[[[a * b] atan2 c] % d]' },
    { input: '-a ^ b', expected: '[-[a ^ b]]' },
    { input: '-a * b', expected: '[[-a] * b]' },
    { input: 'a ^ -b * c', expected: '[[a ^ [-b]] * c]' },
    { input: '--1', expected: '1' },
    { input: '-1 ^ 2', expected: '[-[1 ^ 2]]' },
    { input: '-(1)', expected: '[-(1)]' },
    { input: 'a offset 5m + b', expected: '[a + b]' },
    { input: 'a @ 1 ^ b', expected: '[a ^ b]' },
    { input: 'sum by (x) (a) / b', expected: '[aggregate / b]' },
  ];
  for (const { input, expected } of cases) {
    assert.equal(shape(parseExpr(input)), expected, input);
  }
});

test('parseExpr() reads numbers as Go does', () => {
  const cases = [
    { input: '0x1F', expected: 31 },
    { input: '0X_1F', expected: 31 },
    { input: '1_000', expected: 1000 },
    { input: '017', expected: 15 },
    { input: '08', expected: 8 },
    { input: '.5', expected: 0.5 },
    { input: '5.', expected: 5 },
    { input: '1e-3', expected: 0.001 },
    { input: '9223372036854775808', expected: 2 ** 63 },
    { input: 'INF', expected: Number.POSITIVE_INFINITY },
    { input: '-inf', expected: Number.NEGATIVE_INFINITY },
    { input: 'NaN', expected: Number.NaN },
    { input: '-0', expected: -0 },
    { input: '1h30m', expected: 5400 },
    { input: '1y', expected: 31_536_000 },
    { input: '1ms', expected: 0.001 },
    { input: '-5m', expected: -300 },
  ];
  for (const { input, expected } of cases) {
    const expr = parseExpr(input);
    assert.ok(expr.kind === 'number' && Object.is(expr.value, expected), input);
  }
});

test('parseExpr() keeps names, matchers, times and ranges', () => {
  const expr = parseExpr('rate(http:req{code=~"5..", "a.b"!="c"}[5m] @ -1.5 offset -1h)');
  assert.ok(expr.kind === 'call' && expr.args[0].kind === 'matrixSelector');
  const { vectorSelector, range } = expr.args[0];
  assert.deepEqual(
    vectorSelector.matchers.map(({ name, operator, value }) => `${name} ${operator} ${value}`),
    ['code =~ 5..', 'a.b != c', '__name__ = http:req'],
  );
  assert.deepEqual(range, { kind: 'fixed', ms: 300_000 });
  assert.deepEqual(vectorSelector.offset, { kind: 'fixed', ms: -3_600_000 });
  assert.deepEqual(vectorSelector.at, { timestampMs: -1500 });
});

test('parseExpr() gives spans in UTF-16 units', () => {
  const query = '  "😀" + rate(up[5m] offset 1m)';
  const problem = 'binary expression must contain only scalar and instant vector types';
  assert.throws(() => parseExpr(query), {
    name: 'PromqlSyntaxError',
    problem,
    span: { start: 2, end: 6 },
    line: 1,
    column: 3,
  });
  const expr = parseExpr('label_join(a, "😀", ",") + rate(up[5m] offset 1m)');
  assert.ok(expr.kind === 'binary' && expr.rhs.kind === 'call');
  assert.deepEqual(expr.rhs.span, { start: 27, end: 49 });
  assert.deepEqual(expr.rhs.args[0].span, { start: 32, end: 48 });
});

test('parseExpr() keeps a vector matching only between vectors, many-to-many for sets', () => {
  const matchingOf = (query: string) => {
    const expr = parseExpr(query, { binopFillModifiers: true });
    return expr.kind === 'binary' ? expr.vectorMatching : assert.fail(query);
  };
  assert.equal(matchingOf('a + 1'), undefined);
  assert.equal(matchingOf('a and b')?.card, 'many-to-many');
  assert.deepEqual(matchingOf('a * on (x, sum) group_left ("y z",) b'), {
    card: 'many-to-one',
    matchingLabels: ['x', 'sum'],
    on: true,
    include: ['y z'],
  });
  assert.deepEqual(matchingOf('a + fill_right(-1) fill_left(2) b'), {
    card: 'one-to-one',
    matchingLabels: [],
    on: false,
    include: [],
    fillLeft: 2,
    fillRight: -1,
  });
});

test('parseExpr() reads keywords as metric names where nothing else fits', () => {
  for (const name of ['sum', 'by', 'offset', 'and', 'start', 'step', 'max_of', 'fill', 'anchored', 'BY']) {
    const expr = parseExpr(`${name} + ${name}{a="b"}`);
    assert.ok(expr.kind === 'binary' && expr.lhs.kind === 'vectorSelector', name);
    assert.equal(expr.lhs.name, name);
  }
  for (const name of ['on', 'bool', 'ignoring', 'group_left', 'atan2']) {
    assert.throws(() => parseExpr(name), PromqlSyntaxError, name);
  }
});

test('parseExpr() takes optional syntax only when it is on', () => {
  const cases = [
    { input: 'limitk(1, up)', options: { experimentalFunctions: true } },
    { input: 'info(up)', options: { experimentalFunctions: true } },
    { input: 'step()', options: { experimentalFunctions: true } },
    { input: 'a + fill(0) b', options: { binopFillModifiers: true } },
    { input: 'sum by (größe.mm) (höhe.mm{größe.mm="1"})', options: { unquotedUtf8Names: true } },
  ];
  for (const { input, options } of cases) {
    assert.throws(() => parseExpr(input), PromqlSyntaxError, input);
    assert.doesNotThrow(() => parseExpr(input, options), input);
  }
});

test('parseMetricSelector() gives the matchers, the name last', () => {
  const matchers = parseMetricSelector('up{job!~"a|b", "x.y"="z"}');
  assert.deepEqual(
    matchers.map(({ name, operator, value }) => [name, operator, value]),
    [
      ['job', '!~', 'a|b'],
      ['x.y', '=', 'z'],
      ['__name__', '=', 'up'],
    ],
  );
  assert.deepEqual(parseMetricSelector('{}'), []);
});

test('parseMetricSelector() takes nothing but a selector', () => {
  const cases = [
    { input: '', expected: 'unknown position: parse error: unexpected end of input' },
    { input: 'up[5m]', expected: '1:3: parse error: unexpected "["' },
    { input: 'up + 1', expected: '1:4: parse error: unexpected <op:+>' },
    { input: '1', expected: '1:1: parse error: unexpected number "1"' },
    { input: 'up{a=}', expected: '1:6: parse error: unexpected "}" in label matching, expected string' },
  ];
  for (const { input, expected } of cases) {
    assert.throws(() => parseMetricSelector(input), { name: 'PromqlSyntaxError', message: expected }, input);
  }
});

test('parseMetric() reads a series in its notation', () => {
  const cases = [
    { input: 'up{b="2", a="1",}', expected: ['__name__', 'up', 'a', '1', 'b', '2'] },
    { input: 'up', expected: ['__name__', 'up'] },
    { input: '{"my.name", "a b"=\'c\'}', expected: ['__name__', 'my.name', 'a b', 'c'] },
    { input: 'up{__name__="down"}', expected: ['__name__', 'up'] },
    { input: '', expected: [] },
  ];
  for (const { input, expected } of cases) assert.deepEqual(parseMetric(input), expected, input);
  assert.equal(getLabel(parseMetric('a{x="\\u00e9"}'), 'x'), 'é');
  assert.throws(() => parseMetric('up{a!="b"}'), {
    message: '1:5: parse error: unexpected <op:!=> in label set, expected "="',
  });
});

test('parseExpr() refuses what is nested too deeply, whatever the nesting, and without a stack overflow', () => {
  const expressions: readonly ((depth: number) => string)[] = [
    (depth) => `${'('.repeat(depth)}a${')'.repeat(depth)}`,
    (depth) => `${'abs('.repeat(depth)}a${')'.repeat(depth)}`,
    (depth) => `${'sum by (x) ('.repeat(depth)}a${')'.repeat(depth)}`,
    (depth) => `${'-'.repeat(depth)}a`,
    (depth) => `a${' ^ a'.repeat(depth)}`,
    (depth) => `a${' or a'.repeat(depth)}`,
    (depth) => `1${' + 1'.repeat(depth)}`,
  ];
  for (const expression of expressions) {
    assert.doesNotThrow(() => parseExpr(expression(MAX_DEPTH - 1)));
    assertTooDeep(expression(MAX_DEPTH + 1), MAX_DEPTH);
  }
  assertTooDeep(`a${'[5m:]'.repeat(MAX_DEPTH + 1)}`, MAX_DEPTH);
});

test('parseExpr() refuses durations that are nested too deeply', () => {
  const durations: readonly ((depth: number) => string)[] = [
    (depth) => `${'('.repeat(depth)}5m${')'.repeat(depth)}`,
    (depth) => `${'-'.repeat(depth)}step()`,
    (depth) => `1${' + 1'.repeat(depth)}`,
    (depth) => `1${' ^ 1'.repeat(depth)}`,
  ];
  for (const duration of durations) {
    assert.doesNotThrow(() => parseExpr(`a[${duration(MAX_DURATION_DEPTH - 2)}]`));
    assertTooDeep(`a[${duration(MAX_DURATION_DEPTH + 1)}]`, MAX_DURATION_DEPTH);
    assertTooDeep(`a offset (${duration(20_000)})`, MAX_DURATION_DEPTH);
  }
});

function assertTooDeep(query: string, max: number): void {
  const problem = `expression is nested too deeply, more than ${max} levels`;
  assert.throws(() => parseExpr(query), { name: 'PromqlSyntaxError', problem });
}

test('expressions of any height that is allowed are printed, and visited without a stack overflow', () => {
  const sum = `1${' + 1'.repeat(MAX_DEPTH - 1)}`;
  assert.equal(printExpr(parseExpr(sum)), sum);
  const nested = `${'('.repeat(10_000)}a${')'.repeat(10_000)}`;
  const expr = parseExpr(nested);
  assert.equal(printExpr(expr), nested);
  let visited = 0;
  walk(expr, (_, path) => {
    assert.equal(path.length, visited);
    visited++;
    return true;
  });
  assert.equal(visited, 10_001);
  for (const write of [prettifyExpr, exprToJson]) assert.throws(() => write(expr), RangeError);
});
