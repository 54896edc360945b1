import type { Expr, SubqueryExpr, VectorSelector } from '#shared/promql/syntax/ast.ts';
import { valueType } from '#shared/promql/syntax/value-type.ts';
import { atTime, ms } from './fetch.ts';

/** When selectors look, relative to a step or, with `atMs`, at a fixed time. */
export interface InfoReference {
  readonly atMs: number | undefined;
  readonly offsetMs: number;
}

/** Where all selectors of a prepared vector look; `undefined` when they look at several times or some part of the vector
 *  has no selector.
 *  @see prometheus/promql/info.go infoSelectTimestampAndOffset */
export function infoReference(expr: Expr): InfoReference | undefined {
  const found: InfoReference[] = [];
  const open: { readonly expr: Expr; readonly around: readonly SubqueryExpr[] }[] = [{ expr, around: [] }];
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { expr, around } = visit;
    if (expr.kind === 'vectorSelector') {
      found.push(referenceOf(expr, around));
      continue;
    }
    const vectors = vectorsOf(expr);
    if (vectors.length === 0) return undefined;
    const inside = expr.kind === 'subquery' ? [expr, ...around] : around;
    for (const child of vectors.toReversed()) open.push({ expr: child, around: inside });
  }
  const [first, ...others] = found;
  return others.every((other) => isSameReference(first, other)) ? first : undefined;
}

/** Offsets of subqueries add up until an `@` fixes the time. */
function referenceOf({ at, offset }: VectorSelector, around: readonly SubqueryExpr[]): InfoReference {
  let atMs = at && atTime(at);
  let offsetMs = ms(offset);
  for (const subquery of around) {
    if (atMs !== undefined) break;
    offsetMs += ms(subquery.offset);
    atMs = subquery.at && atTime(subquery.at);
  }
  return { atMs, offsetMs };
}

function isSameReference(a: InfoReference, b: InfoReference): boolean {
  if (a.atMs === undefined || b.atMs === undefined) return a.atMs === b.atMs && a.offsetMs === b.offsetMs;
  return a.atMs - a.offsetMs === b.atMs - b.offsetMs;
}

/** The parts of a node that are vectors themselves. */
function vectorsOf(expr: Expr): readonly Expr[] {
  return partsOf(expr).filter((part) => ['vector', 'matrix'].includes(valueType(part)));
}

function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'matrixSelector':
      return [expr.vectorSelector];
    case 'call':
      return expr.func === 'info' ? expr.args.slice(0, 1) : expr.args;
    case 'aggregate':
    case 'subquery':
    case 'paren':
    case 'unary':
    case 'stepInvariant':
      return [expr.expr];
    case 'binary':
      return [expr.lhs, expr.rhs];
    case 'vectorSelector':
    case 'number':
    case 'string':
      return [];
  }
}
