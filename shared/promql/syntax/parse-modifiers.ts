import type { AtModifier, DurationValue, Expr, MatrixSelector, SubqueryExpr, VectorSelector } from './ast.ts';
import { parseOffsetDuration, parsePositiveDuration } from './parse-duration-expr.ts';
import { isNumeric, parseNumeric } from './parse-literal.ts';
import type { Token } from './token.ts';
import type { TokenStream } from './token-stream.ts';

/** What may carry `offset` and `@`. */
type Selector = VectorSelector | MatrixSelector | SubqueryExpr;

const MAX_INT64 = 2 ** 63;

/** Parses what may follow any expression: ranges, subqueries, `offset`, `@`, `anchored`, `smoothed`. They bind tightest.
 *  @see prometheus/promql/parser/generated_parser.y offset_expr, step_invariant_expr, matrix_selector, subquery_expr */
export function parseModifiers(tokens: TokenStream, operand: Expr): Expr {
  let expr = operand;
  for (;;) {
    switch (tokens.peek().kind) {
      case '[':
        expr = parseBrackets(tokens, expr);
        break;
      case 'offset':
        expr = parseOffset(tokens, expr);
        break;
      case '@':
        expr = parseAt(tokens, expr);
        break;
      case 'anchored':
      case 'smoothed':
        expr = withExtension(tokens, expr, tokens.next().kind as 'anchored' | 'smoothed');
        break;
      default:
        return expr;
    }
  }
}

function parseBrackets(tokens: TokenStream, expr: Expr): MatrixSelector | SubqueryExpr {
  const open = tokens.next();
  const range = tokens.within(
    { construct: 'subquery or range selector', expected: 'number, duration, step(), or range()' },
    () => parsePositiveDuration(tokens),
  );
  if (tokens.eat(':') !== undefined) return parseSubquery(tokens, expr, range);
  tokens.expect(']', { construct: 'subquery or range', expected: '":" or "]"' });
  return matrixSelector(tokens, expr, range, open);
}

function parseSubquery(tokens: TokenStream, expr: Expr, range: DurationValue): SubqueryExpr {
  let step: DurationValue = { kind: 'fixed', ms: 0 };
  if (tokens.eat(']') === undefined) {
    step = tokens.within(
      { construct: 'subquery selector', expected: 'number, duration, step(), range(), or "]"' },
      () => parsePositiveDuration(tokens),
    );
    tokens.expect(']', { construct: 'subquery selector', expected: '"]"' });
  }
  const span = { start: expr.span.start, end: tokens.lastEnd };
  return { kind: 'subquery', span, expr, range, step, offset: { kind: 'fixed', ms: 0 } };
}

function matrixSelector(tokens: TokenStream, expr: Expr, range: DurationValue, open: Token): MatrixSelector {
  const brackets = { start: open.span.start, end: tokens.lastEnd };
  if (expr.kind !== 'vectorSelector') return tokens.fail(brackets, 'ranges only allowed for vector selectors');
  if (isOffsetSet(expr.offset)) tokens.fail(brackets, 'no offset modifiers allowed before range');
  if (expr.at !== undefined) tokens.fail(brackets, 'no @ modifiers allowed before range');
  return { kind: 'matrixSelector', span: { start: expr.span.start, end: tokens.lastEnd }, vectorSelector: expr, range };
}

function isOffsetSet(offset: DurationValue): boolean {
  return offset.kind === 'expr' || offset.ms !== 0;
}

function isSelector(expr: Expr): expr is Selector {
  return expr.kind === 'vectorSelector' || expr.kind === 'matrixSelector' || expr.kind === 'subquery';
}

/** What a modifier is stored in: a range vector's modifiers are its instant vector's. */
function bearer(selector: Selector): VectorSelector | SubqueryExpr {
  return selector.kind === 'matrixSelector' ? selector.vectorSelector : selector;
}

function parseOffset(tokens: TokenStream, expr: Expr): Selector {
  tokens.next();
  const offset = tokens.within({ construct: 'offset', expected: 'number, duration, step(), or range()' }, () =>
    parseOffsetDuration(tokens),
  );
  if (!isSelector(expr)) return failWithoutSelector(tokens, expr, 'offset');
  if (isOffsetSet(bearer(expr).offset)) tokens.fail(expr.span, 'offset may not be set multiple times');
  return withChange(tokens, expr, { offset });
}

function parseAt(tokens: TokenStream, expr: Expr): Selector {
  tokens.next();
  const at = tokens.within({ construct: '@', expected: 'timestamp' }, () => parseTimestamp(tokens, expr));
  if (!isSelector(expr)) return failWithoutSelector(tokens, expr, '@');
  if (bearer(expr).at !== undefined) tokens.fail(expr.span, '@ <timestamp> may not be set multiple times');
  return withChange(tokens, expr, { at });
}

/** @param expr What the error of a timestamp out of bounds points at. */
function parseTimestamp(tokens: TokenStream, expr: Expr): AtModifier {
  const { kind } = tokens.peek();
  if (kind === 'start' || kind === 'end') {
    tokens.next();
    tokens.expect('(');
    tokens.expect(')');
    return { startOrEnd: kind };
  }
  const sign = tokens.eat('+') ?? tokens.eat('-');
  if (!isNumeric(tokens.peek().kind)) tokens.unexpected();
  const size = parseNumeric(tokens).value;
  const seconds = sign?.kind === '-' ? -size : size;
  if (!(Math.abs(seconds) < MAX_INT64)) {
    tokens.fail(expr.span, `timestamp out of bounds for @ modifier: ${formatSixDecimals(seconds)}`);
  }
  return { timestampMs: wholeMs(seconds) };
}

/** Go's int64 of what is beyond it is its least. */
function wholeMs(seconds: number): number {
  const ms = Math.sign(seconds) * Math.round(Math.abs(seconds) * 1000) + 0;
  return Math.abs(ms) < MAX_INT64 ? ms : -MAX_INT64;
}

/** As Go's `%f`. @param seconds Not finite, or a whole number beyond 2^63. */
function formatSixDecimals(seconds: number): string {
  if (Number.isNaN(seconds)) return 'NaN';
  if (!Number.isFinite(seconds)) return seconds > 0 ? '+Inf' : '-Inf';
  return `${BigInt(seconds)}.000000`;
}

function failWithoutSelector(tokens: TokenStream, expr: Expr, modifier: string): never {
  const selectors = 'an instant vector selector or range vector selector or a subquery';
  return tokens.fail(expr.span, `${modifier} modifier must be preceded by ${selectors}`);
}

function withChange(
  tokens: TokenStream,
  selector: Selector,
  change: { offset?: DurationValue; at?: AtModifier },
): Selector {
  const span = { start: selector.span.start, end: tokens.lastEnd };
  if (selector.kind !== 'matrixSelector') return { ...selector, ...change, span };
  return { ...selector, span, vectorSelector: { ...selector.vectorSelector, ...change } };
}

/** As upstream, the words are not in the span. */
function withExtension(tokens: TokenStream, expr: Expr, word: 'anchored' | 'smoothed'): Expr {
  if (expr.kind === 'subquery') return tokens.fail(expr.span, `${word} modifier is not supported for subqueries`);
  if (!isSelector(expr)) return tokens.fail(expr.span, `${word} modifier not implemented`);
  const vectorSelector = { ...(bearer(expr) as VectorSelector), [word]: true };
  if (vectorSelector.anchored && vectorSelector.smoothed) {
    tokens.fail(expr.span, 'anchored and smoothed modifiers cannot be used together');
  }
  return expr.kind === 'matrixSelector' ? { ...expr, vectorSelector } : vectorSelector;
}
