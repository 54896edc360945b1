import { METRIC_NAME } from '#shared/model/labels.ts';
import type { BinaryExpr, Call, Expr, Span, ValueType, VectorMatching, VectorSelector } from './ast.ts';
import { foldExpr } from './fold.ts';
import { FUNCTIONS, type FunctionSignature } from './functions-table.ts';
import { quoteText } from './quote.ts';
import { PromqlSyntaxError } from './syntax-error.ts';
import { documentedType, valueType } from './value-type.ts';
import { children } from './visit.ts';

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** Checks the types and the rules that the grammar leaves open, in upstream's order, so that the first error is the same.
 *  It also finishes the tree, which its parser alone holds yet: set operators become many-to-many,
 *  and a vector matching stays only between two vectors.
 *  @throws {PromqlSyntaxError}
 *  @see prometheus/promql/parser/parse.go checkAST */
export function checkTypes(expr: Expr, query: string): void {
  foldExpr<ValueType>(expr, {
    enter: (node) => enter(node, query),
    between: (node, index, type) => checkPart(node, index, { type, query }),
    leave: (node, types) => leave(node, types, query),
  });
}

/** @returns What is to be checked inside. */
function enter(expr: Expr, query: string): readonly Expr[] {
  if (expr.kind === 'matrixSelector') return [];
  if (expr.kind !== 'call') return children(expr);
  const { func, args } = expr;
  checkArgumentCount(expr, FUNCTIONS.get(func)!, query);
  if (func !== 'info' || args.length < 2) return args;
  checkInfoSelector(expr, query);
  return args.slice(0, 1);
}

/** Checks the type of a part before the next part is looked at. */
function checkPart(expr: Expr, index: number, part: { readonly type: ValueType; readonly query: string }): void {
  if (expr.kind === 'call') {
    const { argTypes } = FUNCTIONS.get(expr.func)!;
    const wanted = argTypes[Math.min(index, argTypes.length - 1)];
    expectType(expr.args[index], { ...part, wanted, context: `call to function "${expr.func}"` });
  } else if (expr.kind === 'aggregate' && index === 0) {
    expectType(expr.expr, { ...part, wanted: 'vector', context: 'aggregation expression' });
  } else if (expr.kind === 'aggregate') {
    const wanted = expr.op === 'count_values' ? 'string' : 'scalar';
    expectType(expr.param!, { ...part, wanted, context: 'aggregation parameter' });
  }
}

function expectType(
  expr: Expr,
  { type, wanted, context, query }: { type: ValueType; wanted: ValueType; context: string; query: string },
): void {
  if (type === wanted) return;
  fail(query, expr.span, `expected type ${documentedType(wanted)} in ${context}, got ${documentedType(type)}`);
}

/** @param types Of what is inside. @returns The type of the whole, so that no subtree is asked twice. */
function leave(expr: Expr, types: readonly ValueType[], query: string): ValueType {
  switch (expr.kind) {
    case 'aggregate':
      return 'vector';
    case 'binary':
      return checkBinary(expr, types, query);
    case 'call':
      return FUNCTIONS.get(expr.func)!.returnType;
    case 'unary': {
      if (isScalarOrVector(types[0])) return types[0];
      const allowed = 'unary expression only allowed on expressions of type scalar or instant vector';
      return fail(query, expr.span, `${allowed}, got "${documentedType(types[0])}"`);
    }
    case 'subquery':
      if (types[0] === 'vector') return 'matrix';
      return fail(query, expr.span, `subquery is only allowed on instant vector, got ${types[0]} instead`);
    case 'matrixSelector':
      checkSelector(expr.vectorSelector, query);
      return 'matrix';
    case 'vectorSelector':
      checkSelector(expr, query);
      return 'vector';
    case 'paren':
    case 'stepInvariant':
      return types[0];
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
  }
}

function checkBinary(expr: BinaryExpr, [left, right]: readonly ValueType[], query: string): ValueType {
  checkBool(expr, left === 'scalar' && right === 'scalar', query);
  checkMatchingLabels(expr, query);
  for (const [side, type] of [
    [expr.lhs, left],
    [expr.rhs, right],
  ] as const) {
    if (isScalarOrVector(type)) continue;
    fail(query, side.span, 'binary expression must contain only scalar and instant vector types');
  }
  if (left === 'vector' && right === 'vector') finishVectorMatching(expr, query);
  else dropVectorMatching(expr, query);
  return left === 'scalar' && right === 'scalar' ? 'scalar' : 'vector';
}

function isScalarOrVector(type: ValueType): boolean {
  return type === 'scalar' || type === 'vector';
}

function checkBool(expr: BinaryExpr, areScalars: boolean, query: string): void {
  const isComparison = COMPARISONS.has(expr.op);
  if (expr.returnBool && !isComparison) {
    fail(query, operatorSpan(expr, query), 'bool modifier can only be used on comparison operators');
  }
  if (isComparison && !expr.returnBool && areScalars) {
    fail(query, operatorSpan(expr, query), 'comparisons between scalars must use BOOL modifier');
  }
}

function checkMatchingLabels(expr: BinaryExpr, query: string): void {
  const { matchingLabels, include, on } = expr.vectorMatching!;
  const both = on ? matchingLabels.find((label) => include.includes(label)) : undefined;
  if (both === undefined) return;
  fail(query, operatorSpan(expr, query), `label ${quoteText(both)} must not occur in ON and GROUP clause at once`);
}

/** From the operator to before the right side: its modifiers are in it. */
function operatorSpan({ lhs, rhs }: BinaryExpr, query: string): Span {
  let start = lhs.span.end;
  while (' \t\r\n'.includes(query[start])) start++;
  return { start, end: rhs.span.start };
}

function finishVectorMatching(expr: BinaryExpr, query: string): void {
  if (!SET_OPERATORS.has(expr.op)) return;
  const matching = expr.vectorMatching!;
  if (matching.card !== 'one-to-one') fail(query, expr.span, `no grouping allowed for "${expr.op}" operation`);
  if (hasFill(matching)) fail(query, expr.span, 'filling in missing series not allowed for set operators');
  (expr as Draft<BinaryExpr>).vectorMatching = { ...matching, card: 'many-to-many' };
}

function dropVectorMatching(expr: BinaryExpr, query: string): void {
  const matching = expr.vectorMatching!;
  if (matching.matchingLabels.length > 0) {
    fail(query, expr.span, 'vector matching only allowed between instant vectors');
  }
  if (hasFill(matching)) fail(query, expr.span, 'filling in missing series only allowed between instant vectors');
  if (SET_OPERATORS.has(expr.op)) {
    fail(query, expr.span, `set operator "${expr.op}" not allowed in binary scalar expression`);
  }
  (expr as Draft<BinaryExpr>).vectorMatching = undefined;
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };

function hasFill(matching: VectorMatching): boolean {
  return matching.fillLeft !== undefined || matching.fillRight !== undefined;
}

function checkArgumentCount(
  { args, func, span }: Call,
  { argTypes, variadic }: FunctionSignature,
  query: string,
): void {
  const got = `argument(s) in call to "${func}", got ${args.length}`;
  const least = variadic === 0 ? argTypes.length : argTypes.length - 1;
  if (variadic === 0 && args.length !== least) fail(query, span, `expected ${least} ${got}`);
  if (args.length < least) fail(query, span, `expected at least ${least} ${got}`);
  const most = least + variadic;
  if (variadic > 0 && args.length > most) fail(query, span, `expected at most ${most} ${got}`);
}

/** The second argument of info() selects labels; unlike other selectors it may match everything. */
function checkInfoSelector(call: Call, query: string): void {
  const selector = call.args[1];
  const type = valueType(selector);
  if (type !== 'vector') {
    const wanted = 'expected type instant vector in call to function "info"';
    fail(query, call.span, `${wanted}, got ${documentedType(type)}`);
  }
  if (selector.kind !== 'vectorSelector') fail(query, selector.span, 'expected label selectors only');
  else if (selector.name !== '') {
    fail(query, selector.span, 'expected label selectors only, got vector selector instead');
  }
}

function checkSelector({ name, matchers, span }: VectorSelector, query: string): void {
  if (name === '') {
    if (matchers.some((matcher) => !matcher.matches(''))) return;
    fail(query, span, 'vector selector must contain at least one non-empty matcher');
  }
  const second = matchers.slice(0, -1).find((matcher) => matcher.name === METRIC_NAME);
  if (second === undefined) return;
  fail(query, span, `metric name must not be set twice: ${quoteText(name)} or ${quoteText(second.value)}`);
}

function fail(query: string, span: Span, problem: string): never {
  throw new PromqlSyntaxError(query, span, problem);
}
