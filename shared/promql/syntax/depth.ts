import type { DurationExpr, DurationValue, Expr } from './ast.ts';
import { MAX_DEPTH, type TokenStream } from './token-stream.ts';
import { children } from './visit.ts';

type Node = Expr | DurationExpr;

/** Refuses an expression higher than `MAX_DEPTH`: the parser nests at most so deep, but chains such as `a + b + c` grow
 *  to the left without nesting it. Needs no stack itself.
 *  @throws {PromqlSyntaxError} */
export function checkDepth(expr: Expr, tokens: TokenStream): void {
  const pending: { node: Node; depth: number }[] = [{ node: expr, depth: 1 }];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const { node, depth } = item;
    if (depth > MAX_DEPTH) tokens.failDepth(node.span);
    for (const child of nodesIn(node)) pending.push({ node: child, depth: depth + 1 });
  }
}

function nodesIn(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'step':
    case 'range':
      return [];
    case 'unary':
      return 'operand' in node ? [node.operand] : [node.expr];
    case 'paren':
      return 'inner' in node ? [node.inner] : [node.expr];
    case 'vectorSelector':
      return durations(node.offset);
    case 'matrixSelector':
      return [node.vectorSelector, ...durations(node.range)];
    case 'subquery':
      return [node.expr, ...durations(node.range), ...durations(node.step), ...durations(node.offset)];
    case 'binary':
      return [node.lhs, node.rhs];
    default:
      return children(node as Expr);
  }
}

function durations(value: DurationValue): readonly DurationExpr[] {
  return value.kind === 'expr' ? [value.expr] : [];
}
