import type {
  AggregateExpr,
  AggregateOperator,
  BinaryExpr,
  BinaryOperator,
  Call,
  Expr,
  ParenExpr,
  Span,
  StringLiteral,
} from './ast.ts';
import { FUNCTIONS } from './functions-table.ts';
import { isNumeric, parseNumeric } from './parse-literal.ts';
import { parseBinaryModifiers, parseGroupingLabels } from './parse-matching.ts';
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
import type { TokenStream } from './token-stream.ts';

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

/** Parses an expression by precedence climbing; ends before the first token that cannot go on with it.
 *  @see prometheus/promql/parser/generated_parser.y expr */
export function parseExpression(tokens: TokenStream, minPrecedence = 0): Expr {
  return tokens.nested(() => {
    let lhs = parseOperand(tokens);
    for (;;) {
      const precedence = PRECEDENCE.get(tokens.peek().kind) ?? -1;
      if (precedence < minPrecedence) return lhs;
      lhs = parseBinary(tokens, lhs, precedence);
    }
  });
}

function parseBinary(tokens: TokenStream, lhs: Expr, precedence: number): BinaryExpr {
  const op = tokens.next().kind as BinaryOperator;
  const modifiers = parseBinaryModifiers(tokens);
  const rhs = parseExpression(tokens, op === '^' ? precedence : precedence + 1);
  const span = { start: lhs.span.start, end: rhs.span.end };
  const { fillLeft, fillRight } = modifiers.vectorMatching;
  if (!tokens.options.binopFillModifiers && (fillLeft !== undefined || fillRight !== undefined)) {
    tokens.fail(span, 'binop fill modifiers are experimental and not enabled');
  }
  return { kind: 'binary', span, op, lhs, rhs, ...modifiers };
}

function parseOperand(tokens: TokenStream): Expr {
  const { kind } = tokens.peek();
  if (kind === '+' || kind === '-') return parseSigned(tokens, kind);
  return parseModifiers(tokens, parsePrimary(tokens));
}

/** A number takes its sign in. */
function parseSigned(tokens: TokenStream, op: '+' | '-'): Expr {
  const start = tokens.next().span.start;
  const expr = parseExpression(tokens, SIGN_PRECEDENCE + 1);
  const span = { start, end: expr.span.end };
  if (expr.kind !== 'number') return { kind: 'unary', span, op, expr };
  return { ...expr, span, value: op === '-' ? -expr.value : expr.value };
}

function parsePrimary(tokens: TokenStream): Expr {
  const { kind } = tokens.peek();
  if (isNumeric(kind)) return parseNumeric(tokens);
  if (kind === STRING) return parseString(tokens);
  if (kind === '(') return parseParen(tokens);
  if (kind === '{') return parseVectorSelector(tokens);
  if (!isMetricName(kind)) return tokens.unexpected();
  return parseNamed(tokens);
}

function parseString(tokens: TokenStream): StringLiteral {
  const token = tokens.next();
  return { kind: 'string', span: token.span, value: unquoteToken(tokens, token) };
}

function parseParen(tokens: TokenStream): ParenExpr {
  const start = tokens.next().span.start;
  const expr = parseExpression(tokens);
  tokens.expect(')');
  return { kind: 'paren', span: { start, end: tokens.lastEnd }, expr };
}

/** A name is a function, an aggregation or a metric, depending on what follows it. */
function parseNamed(tokens: TokenStream): Expr {
  const name = tokens.next();
  const after = tokens.peek().kind;
  if (AGGREGATORS.has(name.kind)) {
    if (after === '(' || after === 'by' || after === 'without') return parseAggregate(tokens, name);
  } else if (after === '(' && (name.kind === IDENTIFIER || FUNCTION_WORDS.has(name.kind))) {
    return parseCall(tokens, name);
  }
  return parseVectorSelector(tokens, name);
}

function parseCall(tokens: TokenStream, name: Token): Call {
  const args = parseArguments(tokens);
  const func = name.text;
  const signature = FUNCTIONS.get(func);
  if (signature === undefined) return tokens.fail(name.span, `unknown function with name "${func}"`);
  if (signature.experimental && !tokens.options.experimentalFunctions) {
    tokens.fail(name.span, `function "${func}" is not enabled`);
  }
  return { kind: 'call', span: { start: name.span.start, end: tokens.lastEnd }, func, args };
}

/** `(a, b)`; the next token is `(` or an error. */
function parseArguments(tokens: TokenStream): readonly Expr[] {
  tokens.expect('(');
  const args: Expr[] = [];
  if (tokens.eat(')') !== undefined) return args;
  for (;;) {
    args.push(parseExpression(tokens));
    const comma = tokens.eat(',');
    if (comma === undefined) break;
    if (!startsExpression(tokens.peek().kind)) {
      tokens.fail(comma.span, 'trailing commas not allowed in function call args');
    }
  }
  tokens.expect(')');
  return args;
}

interface Grouping {
  readonly grouping: readonly string[];
  readonly without: boolean;
}

/** The grouping stands before or behind the arguments. */
function parseAggregate(tokens: TokenStream, name: Token): AggregateExpr {
  const { args, grouping } = tokens.within({ construct: 'aggregation', expected: '' }, () => {
    const before = parseGrouping(tokens);
    return { args: parseArguments(tokens), grouping: before };
  });
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
