import type { DurationExpr, DurationValue, Span } from './ast.ts';
import { isNumeric, parseNumeric } from './parse-literal.ts';
import type { Token, TokenKind } from './token.ts';
import type { TokenStream } from './token-stream.ts';

type DurationBinary = Extract<DurationExpr, { kind: 'binary' }>;
type DurationNumber = Extract<DurationExpr, { kind: 'number' }>;

const PRECEDENCE: Readonly<Record<TokenKind, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 3 };

/** A sign binds like `*`: `-2^2` is `-(2^2)`. */
const SIGN_PRECEDENCE = 2;

/** Go's int64 nanoseconds end here. */
const MAX_SECONDS = 2 ** 63 / 1e9;

/** Parses a range or step: arithmetic of durations, numbers, `step()`, `range()`, `min_of()` and `max_of()`.
 *  A plain number must be positive; what is computed is checked when it is known.
 *  @see prometheus/promql/parser/generated_parser.y positive_duration_expr */
export function parsePositiveDuration(tokens: TokenStream): DurationValue {
  const expr = parseDurationExpr(tokens);
  if (expr.kind === 'number' && expr.value <= 0) {
    tokens.fail(expr.span, 'duration must be greater than 0');
  }
  return durationValue(expr);
}

/** Parses what follows `offset`. An unparenthesised sum ends at its operator, which belongs to the query:
 *  `foo offset 5m + 3` adds to `foo offset 5m`, but `foo offset (5m) + 3` adds to the offset, as upstream's grammar has it.
 *  @see prometheus/promql/parser/generated_parser.y offset_duration_expr */
export function parseOffsetDuration(tokens: TokenStream): DurationValue {
  const { kind } = tokens.peek();
  if (isClosedByItself(kind)) return durationValue(parseDurationOperand(tokens));
  if (kind !== '+' && kind !== '-') return durationValue(parseDurationExpr(tokens));
  const sign = tokens.next();
  const next = tokens.peek().kind;
  if (next === '(') return durationValue(applySign(tokens, sign, parseDurationOperand(tokens)));
  if (!isClosedByItself(next)) {
    const signed = applySign(tokens, sign, parseDurationExpr(tokens, SIGN_PRECEDENCE + 1));
    return durationValue(parseDurationTail(tokens, signed, 0));
  }
  if (isNumeric(next)) return durationValue(applySign(tokens, sign, parseNumeric(tokens)));
  const operand = parseDurationOperand(tokens);
  // Unlike elsewhere, upstream keeps a plus here.
  return durationValue(signed(sign, operand));
}

function isClosedByItself(kind: TokenKind): boolean {
  return isNumeric(kind) || kind === 'step' || kind === 'range' || kind === 'min_of' || kind === 'max_of';
}

function parseDurationExpr(tokens: TokenStream, minPrecedence = 0): DurationExpr {
  return tokens.nested(() => parseDurationTail(tokens, parseDurationOperand(tokens), minPrecedence));
}

function parseDurationTail(tokens: TokenStream, first: DurationExpr, minPrecedence: number): DurationExpr {
  let lhs = first;
  for (;;) {
    const precedence = PRECEDENCE[tokens.peek().kind] ?? -1;
    if (precedence < minPrecedence) return lhs;
    const operator = tokens.next();
    const rhs = parseDurationExpr(tokens, operator.kind === '^' ? precedence : precedence + 1);
    lhs = binary(tokens, operator, lhs, rhs);
  }
}

function binary(tokens: TokenStream, operator: Token, lhs: DurationExpr, rhs: DurationExpr): DurationBinary {
  const op = operator.kind as DurationBinary['op'];
  if (rhs.kind === 'number' && rhs.value === 0) {
    if (op === '/') tokens.fail(operator.span, 'division by zero');
    if (op === '%') tokens.fail(operator.span, 'modulo by zero');
  }
  return { kind: 'binary', span: { start: lhs.span.start, end: rhs.span.end }, op, lhs, rhs };
}

function parseDurationOperand(tokens: TokenStream): DurationExpr {
  const { kind } = tokens.peek();
  if (isNumeric(kind)) return parseDurationNumber(tokens);
  switch (kind) {
    case '+':
    case '-':
      return applySign(tokens, tokens.next(), parseDurationExpr(tokens, SIGN_PRECEDENCE + 1));
    case '(':
      return parseParenthesised(tokens);
    case 'step':
    case 'range':
      return parseQueryDuration(tokens, kind);
    case 'min_of':
    case 'max_of':
      return parseExtremum(tokens, kind);
    default:
      return tokens.unexpected();
  }
}

function parseDurationNumber(tokens: TokenStream): DurationNumber {
  return inRange(tokens, parseNumeric(tokens));
}

function inRange(tokens: TokenStream, number: DurationNumber, span: Span = number.span): DurationNumber {
  if (Math.abs(number.value) > MAX_SECONDS) tokens.fail(span, 'duration out of range');
  return number;
}

function parseParenthesised(tokens: TokenStream): DurationExpr {
  const start = tokens.next().span.start;
  const inner = parseDurationExpr(tokens);
  tokens.expect(')');
  // Upstream only marks an expression as parenthesised, so further parentheses add nothing.
  return inner.kind === 'paren' ? inner : { kind: 'paren', span: { start, end: tokens.lastEnd }, inner };
}

/** `step()`, `range()`. */
function parseQueryDuration(tokens: TokenStream, kind: 'step' | 'range'): DurationExpr {
  const start = tokens.next().span.start;
  tokens.expect('(');
  tokens.expect(')');
  return { kind, span: { start, end: tokens.lastEnd } };
}

function parseExtremum(tokens: TokenStream, op: 'min_of' | 'max_of'): DurationExpr {
  const start = tokens.next().span.start;
  tokens.expect('(');
  const lhs = parseDurationExpr(tokens);
  tokens.expect(',');
  const rhs = parseDurationExpr(tokens);
  tokens.expect(')');
  return { kind: 'binary', span: { start, end: tokens.lastEnd }, op, lhs, rhs };
}

/** A number takes its sign in; a plus before anything else is dropped. */
function applySign(tokens: TokenStream, sign: Token, operand: DurationExpr): DurationExpr {
  if (operand.kind !== 'number') return sign.kind === '-' ? signed(sign, operand) : operand;
  const value = sign.kind === '-' ? -operand.value : operand.value;
  return inRange(tokens, { ...operand, value, span: { start: sign.span.start, end: operand.span.end } }, sign.span);
}

function signed(sign: Token, operand: DurationExpr): DurationExpr {
  const op = sign.kind === '-' ? '-' : '+';
  return { kind: 'unary', span: { start: sign.span.start, end: operand.span.end }, op, operand };
}

function durationValue(expr: DurationExpr): DurationValue {
  return expr.kind === 'number' ? { kind: 'fixed', ms: wholeMs(expr.value) } : { kind: 'expr', expr };
}

/** Upstream rounds to nanoseconds and then cuts to milliseconds. It accepts `offset NaN`, and Go's int64 of NaN is its least. */
function wholeMs(seconds: number): number {
  if (Number.isNaN(seconds)) return Math.ceil(-MAX_SECONDS * 1000);
  const nanoseconds = Math.sign(seconds) * Math.round(Math.abs(seconds) * 1e9);
  return Math.trunc(nanoseconds / 1e6) + 0;
}
