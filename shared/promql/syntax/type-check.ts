import { METRIC_NAME } from '#shared/model/labels.ts';
import type { AggregateExpr, BinaryExpr, Call, Expr, Span, ValueType, VectorMatching, VectorSelector } from './ast.ts';
import { FUNCTIONS, type FunctionSignature } from './functions-table.ts';
import { quoteText } from './quote.ts';
import { PromqlSyntaxError } from './syntax-error.ts';
import { documentedType, valueType } from './value-type.ts';

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** Checks the types and the rules that the grammar leaves open, in upstream's order, so that the first error is the same.
 *  It also finishes the tree, which its parser alone holds yet: set operators become many-to-many,
 *  and a vector matching stays only between two vectors.
 *  @throws {PromqlSyntaxError}
 *  @see prometheus/promql/parser/parse.go checkAST */
export function checkTypes(expr: Expr, query: string): void {
  check(expr, query);
}

/** @returns The type of `expr`, so that no subtree is asked twice. */
function check(expr: Expr, query: string): ValueType {
  switch (expr.kind) {
    case 'aggregate':
      return checkAggregate(expr, query);
    case 'binary':
      return checkBinary(expr, query);
    case 'call':
      return checkCall(expr, query);
    case 'unary': {
      const type = check(expr.expr, query);
      if (isScalarOrVector(type)) return type;
      const allowed = 'unary expression only allowed on expressions of type scalar or instant vector';
      return fail(query, expr.span, `${allowed}, got "${documentedType(type)}"`);
    }
    case 'subquery': {
      const type = check(expr.expr, query);
      if (type === 'vector') return 'matrix';
      return fail(query, expr.span, `subquery is only allowed on instant vector, got ${type} instead`);
    }
    case 'matrixSelector':
      checkSelector(expr.vectorSelector, query);
      return 'matrix';
    case 'vectorSelector':
      checkSelector(expr, query);
      return 'vector';
    case 'paren':
    case 'stepInvariant':
      return check(expr.expr, query);
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
  }
}

function checkAggregate({ expr, op, param }: AggregateExpr, query: string): ValueType {
  expectType(expr, 'vector', 'aggregation expression', query);
  if (param !== undefined) {
    expectType(param, op === 'count_values' ? 'string' : 'scalar', 'aggregation parameter', query);
  }
  return 'vector';
}

function expectType(expr: Expr, wanted: ValueType, context: string, query: string): void {
  const type = check(expr, query);
  if (type === wanted) return;
  fail(query, expr.span, `expected type ${documentedType(wanted)} in ${context}, got ${documentedType(type)}`);
}

function checkBinary(expr: BinaryExpr, query: string): ValueType {
  const left = check(expr.lhs, query);
  const right = check(expr.rhs, query);
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

function checkCall(call: Call, query: string): ValueType {
  const signature = FUNCTIONS.get(call.func)!;
  checkArgumentCount(call, signature, query);
  if (call.func === 'info' && call.args.length > 1) checkInfoSelector(call, query);
  call.args.forEach((arg, i) => {
    const wanted = signature.argTypes[Math.min(i, signature.argTypes.length - 1)];
    const type = call.func === 'info' && i === 1 ? valueType(arg) : check(arg, query);
    if (type === wanted) return;
    const context = `call to function "${call.func}"`;
    fail(query, arg.span, `expected type ${documentedType(wanted)} in ${context}, got ${documentedType(type)}`);
  });
  return signature.returnType;
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
