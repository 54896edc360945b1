import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exprToJson } from '#shared/promql/syntax/ast-json.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';

test('exprToJson() gives the tree as /api/v1/parse_query does', () => {
  const number = (val: string) => ({ type: 'numberLiteral', val });
  const selector = (name: string) => ({
    anchored: false,
    matchers: [{ name: '__name__', type: '=', value: name }],
    name,
    offset: 0,
    offsetExpr: null,
    smoothed: false,
    startOrEnd: null,
    timestamp: null,
    type: 'vectorSelector',
  });
  const cases = [
    { input: '-1.50', expected: number('-1.5') },
    { input: '"\\xff"', expected: { type: 'stringLiteral', val: '\ufffd' } },
    { input: '-(a)', expected: { expr: { expr: selector('a'), type: 'parenExpr' }, op: '-', type: 'unaryExpr' } },
    {
      input: 'topk by (x) (3, a)',
      expected: {
        expr: selector('a'),
        grouping: ['x'],
        op: 'topk',
        param: number('3'),
        type: 'aggregation',
        without: false,
      },
    },
    {
      input: 'a > bool on (x) group_left (y) b',
      expected: {
        bool: true,
        lhs: selector('a'),
        matching: {
          card: 'many-to-one',
          fillValues: { lhs: null, rhs: null },
          include: ['y'],
          labels: ['x'],
          on: true,
        },
        op: '>',
        rhs: selector('b'),
        type: 'binaryExpr',
      },
    },
    {
      input: 'round(a)',
      expected: {
        args: [selector('a')],
        func: { argTypes: ['vector', 'scalar'], name: 'round', returnType: 'vector', variadic: 1 },
        type: 'call',
      },
    },
    {
      input: 'a[(5m)] @ end() offset 1m',
      expected: {
        ...selector('a'),
        offset: 60_000,
        range: 0,
        rangeExpr: {
          lhs: null,
          op: '+',
          rhs: { duration: true, type: 'numberLiteral', val: '300' },
          type: 'durationExpr',
          wrapped: true,
        },
        startOrEnd: 'end',
        type: 'matrixSelector',
      },
    },
    {
      input: 'a[1h:] @ 2 offset -step()',
      expected: {
        expr: selector('a'),
        offset: 0,
        offsetExpr: {
          lhs: null,
          op: '-',
          rhs: { lhs: null, op: 'step', rhs: null, type: 'durationExpr', wrapped: false },
          type: 'durationExpr',
          wrapped: false,
        },
        range: 3_600_000,
        rangeExpr: null,
        startOrEnd: null,
        step: 0,
        stepExpr: null,
        timestamp: 2000,
        type: 'subquery',
      },
    },
  ];
  for (const { input, expected } of cases) {
    assert.deepEqual(JSON.parse(JSON.stringify(exprToJson(parseExpr(input)))), expected, input);
  }
});

test('exprToJson() orders keys by name, as Go writes maps', () => {
  const query = 'sum(rate(a[5m]) + max_over_time(b[1h:1m] @ start()) > bool (1))';
  const json = JSON.stringify(exprToJson(parseExpr(query)));
  assert.equal(json, JSON.stringify(sorted(JSON.parse(json))));
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}
