import type { DurationExpr, DurationValue, Expr, Span } from './ast.ts';
import { MAX_DURATION_DEPTH, type TokenStream } from './token-stream.ts';
import { children } from './visit.ts';

/** Higher expressions are refused. Upstream has no such limit but its memory; this one is far above what anybody writes,
 *  and a query of this height takes a few megabytes. */
export const MAX_DEPTH = 20_000;

/** What functions do that call themselves is refused above this height. */
const MAX_NESTING = 500;

interface Item<T> {
  readonly node: T;
  readonly depth: number;
}

/** Refuses an expression that is too high, or that has a duration that is. Needs no stack itself.
 *  @throws {PromqlSyntaxError} */
export function checkDepth(expr: Expr, tokens: TokenStream): void {
  checkHeight(expr, MAX_DEPTH, (span) => tokens.failDepth(span, MAX_DEPTH));
  forEachExpr(expr, (node) => {
    for (const duration of durationsOf(node)) checkDuration(duration, tokens);
  });
}

/** Refuses to do something to an expression that is too high for it: to `format` it.
 *  @throws {RangeError} */
export function checkNesting(expr: Expr, verb: string): void {
  checkHeight(expr, MAX_NESTING, () => {
    throw new RangeError(`cannot ${verb} an expression that is nested deeper than ${MAX_NESTING} levels`);
  });
}

/** @param fail Called with the place of the first node that is too deep. */
function checkHeight(expr: Expr, max: number, fail: (span: Span) => never): void {
  const pending: Item<Expr>[] = [{ node: expr, depth: 1 }];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const { node, depth } = item;
    if (depth > max) fail(node.span);
    for (const child of children(node)) pending.push({ node: child, depth: depth + 1 });
  }
}

function forEachExpr(expr: Expr, visit: (node: Expr) => void): void {
  const pending: Expr[] = [expr];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    visit(node);
    for (const child of children(node)) pending.push(child);
  }
}

/** The parser nests durations at most so deep, but chains such as `1 + 2 + 3` grow to the left without nesting it. */
function checkDuration(expr: DurationExpr, tokens: TokenStream): void {
  const pending: Item<DurationExpr>[] = [{ node: expr, depth: 1 }];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const { node, depth } = item;
    if (depth > MAX_DURATION_DEPTH) tokens.failDepth(node.span, MAX_DURATION_DEPTH);
    for (const part of partsOf(node)) pending.push({ node: part, depth: depth + 1 });
  }
}

function durationsOf(node: Expr): readonly DurationExpr[] {
  switch (node.kind) {
    case 'vectorSelector':
      return computed(node.offset);
    case 'matrixSelector':
      return computed(node.range);
    case 'subquery':
      return [...computed(node.range), ...computed(node.step), ...computed(node.offset)];
    default:
      return [];
  }
}

function computed(value: DurationValue): readonly DurationExpr[] {
  return value.kind === 'expr' ? [value.expr] : [];
}

function partsOf(node: DurationExpr): readonly DurationExpr[] {
  switch (node.kind) {
    case 'number':
    case 'step':
    case 'range':
      return [];
    case 'unary':
      return [node.operand];
    case 'paren':
      return [node.inner];
    case 'binary':
      return [node.lhs, node.rhs];
  }
}
