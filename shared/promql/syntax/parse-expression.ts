import type {
  AggregateExpr,
  AggregateOperator,
  BinaryExpr,
  BinaryOperator,
  Call,
  Expr,
  Span,
  StringLiteral,
} from './ast.ts';
import { FUNCTIONS } from './functions-table.ts';
import { isNumeric, parseNumeric } from './parse-literal.ts';
import { type BinaryModifiers, parseBinaryModifiers, parseGroupingLabels } from './parse-matching.ts';
import { parseModifiers } from './parse-modifiers.ts';
import { parseVectorSelector, unquoteToken } from './parse-selector.ts';
import {
  AGGREGATORS,
  FUNCTION_WORDS,
  IDENTIFIER,
  isMetricName,
  STRING,
  startsExpression,
  type Token,
  type TokenKind,
} from './token.ts';
import type { Context, TokenStream } from './token-stream.ts';

/** All bind to the left but `^`. */
const PRECEDENCE: ReadonlyMap<TokenKind, number> = new Map([
  ...rank(1, ['or']),
  ...rank(2, ['and', 'unless']),
  ...rank(3, ['==', '!=', '>=', '>', '<=', '<', '</', '>/']),
  ...rank(4, ['+', '-']),
  ...rank(5, ['*', '/', '%', 'atan2']),
  ...rank(6, ['^']),
]);

/** A sign binds like `*`, so `-2 ^ 2` is `-(2 ^ 2)`. */
const SIGN_PRECEDENCE = 5;

const PARAMETER_AGGREGATORS: ReadonlySet<TokenKind> = new Set([
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

const EXPERIMENTAL_AGGREGATORS: ReadonlySet<TokenKind> = new Set(['limitk', 'limit_ratio']);

function rank(precedence: number, operators: readonly BinaryOperator[]): (readonly [TokenKind, number])[] {
  return operators.map((operator) => [operator, precedence]);
}

/** A construct that has begun and is not complete. */
type Open =
  | { readonly kind: 'paren'; readonly start: number }
  | { readonly kind: 'sign'; readonly start: number; readonly op: '+' | '-' }
  | ({
      readonly kind: 'binary';
      readonly op: BinaryOperator;
      readonly precedence: number;
      readonly lhs: Expr;
    } & BinaryModifiers)
  | { readonly kind: 'call'; readonly name: Token; readonly args: Expr[] }
  | OpenAggregate;

interface OpenAggregate {
  readonly kind: 'aggregate';
  readonly name: Token;
  readonly args: Expr[];
  readonly grouping: Grouping | undefined;
  /** Around it. */
  readonly context: Context;
}

/** Parses an expression by precedence; ends before the first token that cannot go on with it. What is open lies in a list
 *  and not on the stack, so that an expression may be of any depth.
 *  @see prometheus/promql/parser/generated_parser.y expr */
export function parseExpression(tokens: TokenStream): Expr {
  const open: Open[] = [];
  for (;;) {
    const operand = beginOperand(tokens, open);
    const whole = operand && goOn(tokens, open, operand);
    if (whole !== undefined) return whole;
  }
}

/** @returns `undefined` when something was opened that an operand follows. */
function beginOperand(tokens: TokenStream, open: Open[]): Expr | undefined {
  const { kind } = tokens.peek();
  if (kind === '+' || kind === '-') {
    open.push({ kind: 'sign', start: tokens.next().span.start, op: kind });
    return undefined;
  }
  if (kind === '(') {
    open.push({ kind: 'paren', start: tokens.next().span.start });
    return undefined;
  }
  const primary = beginPrimary(tokens, open);
  return primary && parseModifiers(tokens, primary);
}

function beginPrimary(tokens: TokenStream, open: Open[]): Expr | undefined {
  const { kind } = tokens.peek();
  if (isNumeric(kind)) return parseNumeric(tokens);
  if (kind === STRING) return parseString(tokens);
  if (kind === '{') return parseVectorSelector(tokens);
  if (!isMetricName(kind)) return tokens.unexpected();
  return beginNamed(tokens, open);
}

/** Completes all that ends with the operand, up to an operator or comma that another operand follows.
 *  @returns The expression when nothing is open any more. */
function goOn(tokens: TokenStream, open: Open[], operand: Expr): Expr | undefined {
  let expr = operand;
  for (;;) {
    const op = tokens.peek().kind as BinaryOperator;
    const precedence = PRECEDENCE.get(op) ?? -1;
    expr = closeOperators(tokens, open, { expr, precedence });
    if (precedence >= 0) {
      tokens.next();
      open.push({ kind: 'binary', op, precedence, lhs: expr, ...parseBinaryModifiers(tokens) });
      return undefined;
    }
    if (open.length === 0) return expr;
    const closed = closeBrackets(tokens, open, expr);
    if (closed === undefined) return undefined;
    expr = parseModifiers(tokens, closed);
  }
}

/** Completes the signs and operators that bind more tightly than an operator of `precedence` behind them. */
function closeOperators(tokens: TokenStream, open: Open[], next: { expr: Expr; precedence: number }): Expr {
  let { expr } = next;
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.kind === 'sign' && next.precedence <= SIGN_PRECEDENCE) expr = signed(top, expr);
    else if (top.kind === 'binary' && bindsBefore(top, next.precedence)) expr = binary(tokens, top, expr);
    else return expr;
    open.pop();
  }
  return expr;
}

function bindsBefore({ op, precedence }: Extract<Open, { kind: 'binary' }>, next: number): boolean {
  return op === '^' ? next < precedence : next <= precedence;
}

/** A number takes its sign in. */
function signed({ start, op }: Extract<Open, { kind: 'sign' }>, expr: Expr): Expr {
  const span = { start, end: expr.span.end };
  if (expr.kind !== 'number') return { kind: 'unary', span, op, expr };
  return { ...expr, span, value: op === '-' ? -expr.value : expr.value };
}

function binary(tokens: TokenStream, open: Extract<Open, { kind: 'binary' }>, rhs: Expr): BinaryExpr {
  const { op, lhs, returnBool, vectorMatching } = open;
  const span = { start: lhs.span.start, end: rhs.span.end };
  const { fillLeft, fillRight } = vectorMatching;
  if (!tokens.options.binopFillModifiers && (fillLeft !== undefined || fillRight !== undefined)) {
    tokens.fail(span, 'binop fill modifiers are experimental and not enabled');
  }
  return { kind: 'binary', span, op, lhs, rhs, returnBool, vectorMatching };
}

/** Ends parentheses, or an argument. @returns `undefined` when another argument follows. */
function closeBrackets(tokens: TokenStream, open: Open[], expr: Expr): Expr | undefined {
  const top = open.at(-1) as Extract<Open, { kind: 'paren' | 'call' | 'aggregate' }>;
  if (top.kind !== 'paren') {
    top.args.push(expr);
    if (eatComma(tokens)) return undefined;
  }
  tokens.expect(')');
  open.pop();
  switch (top.kind) {
    case 'paren':
      return { kind: 'paren', span: { start: top.start, end: tokens.lastEnd }, expr };
    case 'call':
      return call(tokens, top.name, top.args);
    case 'aggregate':
      return aggregate(tokens, top);
  }
}

function eatComma(tokens: TokenStream): boolean {
  const comma = tokens.eat(',');
  if (comma === undefined) return false;
  if (!startsExpression(tokens.peek().kind)) {
    tokens.fail(comma.span, 'trailing commas not allowed in function call args');
  }
  return true;
}

function parseString(tokens: TokenStream): StringLiteral {
  const token = tokens.next();
  return { kind: 'string', span: token.span, value: unquoteToken(tokens, token) };
}

/** A name is a function, an aggregation or a metric, depending on what follows it. */
function beginNamed(tokens: TokenStream, open: Open[]): Expr | undefined {
  const name = tokens.next();
  const after = tokens.peek().kind;
  if (AGGREGATORS.has(name.kind)) {
    if (after === '(' || after === 'by' || after === 'without') return beginAggregate(tokens, open, name);
  } else if (after === '(' && (name.kind === IDENTIFIER || FUNCTION_WORDS.has(name.kind))) {
    return beginCall(tokens, open, name);
  }
  return parseVectorSelector(tokens, name);
}

function beginCall(tokens: TokenStream, open: Open[], name: Token): Expr | undefined {
  tokens.next();
  if (tokens.eat(')') !== undefined) return call(tokens, name, []);
  open.push({ kind: 'call', name, args: [] });
  return undefined;
}

function call(tokens: TokenStream, name: Token, args: readonly Expr[]): Call {
  const func = name.text;
  const signature = FUNCTIONS.get(func);
  if (signature === undefined) return tokens.fail(name.span, `unknown function with name "${func}"`);
  if (signature.experimental && !tokens.options.experimentalFunctions) {
    tokens.fail(name.span, `function "${func}" is not enabled`);
  }
  return { kind: 'call', span: { start: name.span.start, end: tokens.lastEnd }, func, args };
}

interface Grouping {
  readonly grouping: readonly string[];
  readonly without: boolean;
}

/** The grouping stands before or behind the arguments. */
function beginAggregate(tokens: TokenStream, open: Open[], name: Token): Expr | undefined {
  const context = tokens.enter({ construct: 'aggregation', expected: '' });
  const started: OpenAggregate = { kind: 'aggregate', name, args: [], grouping: parseGrouping(tokens), context };
  tokens.expect('(');
  if (tokens.eat(')') !== undefined) return aggregate(tokens, started);
  open.push(started);
  return undefined;
}

function aggregate(tokens: TokenStream, { name, args, grouping, context }: OpenAggregate): AggregateExpr {
  tokens.enter(context);
  // Upstream looks for a grouping behind before it looks at the arguments.
  const { grouping: labels, without } = grouping ?? parseGrouping(tokens) ?? { grouping: [], without: false };
  const span = { start: name.span.start, end: tokens.lastEnd };
  const op = name.kind as AggregateOperator;
  const { expr, param } = splitArguments(tokens, op, args, span);
  return { kind: 'aggregate', span, op, expr, ...(param && { param }), grouping: labels, without };
}

function parseGrouping(tokens: TokenStream): Grouping | undefined {
  const keyword = tokens.eat('by') ?? tokens.eat('without');
  if (keyword === undefined) return undefined;
  return { grouping: parseGroupingLabels(tokens), without: keyword.kind === 'without' };
}

function splitArguments(
  tokens: TokenStream,
  op: AggregateOperator,
  args: readonly Expr[],
  span: Span,
): { expr: Expr; param?: Expr } {
  if (args.length === 0) tokens.fail(span, 'no arguments for aggregate expression provided');
  if (EXPERIMENTAL_AGGREGATORS.has(op) && !tokens.options.experimentalFunctions) {
    const flag = '--enable-feature=promql-experimental-functions';
    tokens.fail(span, `${op}() is experimental and must be enabled with ${flag}`);
  }
  const wanted = PARAMETER_AGGREGATORS.has(op) ? 2 : 1;
  if (args.length !== wanted) {
    const counts = `expected ${wanted}, got ${args.length}`;
    tokens.fail(span, `wrong number of arguments for aggregate expression provided, ${counts}`);
  }
  return wanted === 1 ? { expr: args[0] } : { param: args[0], expr: args[1] };
}
