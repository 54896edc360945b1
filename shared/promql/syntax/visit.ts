import type { Expr } from './ast.ts';

/** The expressions directly inside `expr`, in upstream's order: an aggregation's expression comes before its parameter.
 *  @see prometheus/promql/parser/ast.go ChildrenIter */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'aggregate':
      return expr.param === undefined ? [expr.expr] : [expr.expr, expr.param];
    case 'binary':
      return [expr.lhs, expr.rhs];
    case 'call':
      return expr.args;
    case 'matrixSelector':
      return [expr.vectorSelector];
    case 'paren':
    case 'stepInvariant':
    case 'subquery':
    case 'unary':
      return [expr.expr];
    case 'number':
    case 'string':
    case 'vectorSelector':
      return [];
  }
}

/** Visits `expr` and all in it, parents before children, in the order of `children()`.
 *  @param visit Gets the ancestors too, the root first, in an array that it must not keep;
 *  returns false to leave out what is inside the node. */
export function walk(expr: Expr, visit: Visitor): void {
  const path: Expr[] = [];
  const pending: { readonly expr: Expr; readonly depth: number }[] = [{ expr, depth: 0 }];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    path.length = item.depth;
    if (visit(item.expr, path) === false) continue;
    path.push(item.expr);
    const depth = path.length;
    for (const child of children(item.expr).toReversed()) pending.push({ expr: child, depth });
  }
}

/** What `walk()` calls at each node. */
export type Visitor = (expr: Expr, path: readonly Expr[]) => boolean | undefined;
