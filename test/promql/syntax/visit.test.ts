import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { printExpr } from '#shared/promql/syntax/printer.ts';
import { walk } from '#shared/promql/syntax/visit.ts';

test('walk() visits parents before children, with their path', () => {
  const visited: string[] = [];
  walk(parseExpr('topk(1, a) + rate(b[5m])'), (expr, path) => {
    visited.push(`${path.map(({ kind }) => kind).join('/')} ${printExpr(expr)}`);
    return true;
  });
  assert.deepEqual(visited, [
    ' topk(1, a) + rate(b[5m])',
    'binary topk(1, a)',
    'binary/aggregate a',
    'binary/aggregate 1',
    'binary rate(b[5m])',
    'binary/call b[5m]',
    'binary/call/matrixSelector b',
  ]);
});

test('walk() leaves out what is inside a node that the visitor refuses', () => {
  const visited: string[] = [];
  walk(parseExpr('abs(a) + ceil(b)'), (expr) => {
    visited.push(printExpr(expr));
    return printExpr(expr) !== 'abs(a)';
  });
  assert.deepEqual(visited, ['abs(a) + ceil(b)', 'abs(a)', 'ceil(b)', 'b']);
});
