import { goPow } from '#shared/promql/functions/go-math.ts';
import type { DurationExpr, DurationValue } from '#shared/promql/syntax/ast.ts';
import { utf8Length } from '#shared/promql/syntax/syntax-error.ts';
import { QueryError } from './query-error.ts';

/** What `step()` and `range()` stand for, in seconds. */
export interface DurationContext {
  readonly stepSeconds: number;
  readonly rangeSeconds: number;
  /** What positions in errors refer to. */
  readonly query?: string;
}

/** Seconds that fit into Go's duration of nanoseconds. */
const MAX_SECONDS = 2 ** 63 / 1e9;

/** The milliseconds a duration stands for, fractions cut off.
 *  @throws {QueryError} For NaN, infinite, too large and, without `allowNegative`, non-positive durations.
 *  @see prometheus/promql/durations.go */
export function resolveDuration(duration: DurationValue, context: DurationContext, allowNegative = false): number {
  if (duration.kind === 'fixed') return duration.ms;
  const { expr } = duration;
  const seconds = evaluate(expr, context);
  if (!Number.isFinite(seconds)) throw at(expr, 'duration is NaN or infinite', context);
  if (seconds <= 0 && !allowNegative) throw at(expr, 'duration must be greater than 0', context);
  if (seconds > MAX_SECONDS || seconds < -MAX_SECONDS) throw at(expr, 'duration is out of range', context);
  return Math.trunc(seconds * 1000);
}

function at(expr: DurationExpr, problem: string, { query }: DurationContext): Error {
  // Upstream counts bytes of UTF-8.
  const place = (offset: number) => (query === undefined ? offset : utf8Length(query.slice(0, offset)));
  return new QueryError('bad_data', `${place(startOf(expr))}:${place(endOf(expr))}: ${problem}`);
}

/** Upstream forgets the parentheses: an expression reaches from its first operand to its last one. */
function startOf(expr: DurationExpr): number {
  switch (expr.kind) {
    case 'paren':
      return startOf(expr.inner);
    case 'binary':
      return expr.op === 'min_of' || expr.op === 'max_of' ? expr.span.start : startOf(expr.lhs);
    default:
      return expr.span.start;
  }
}

function endOf(expr: DurationExpr): number {
  switch (expr.kind) {
    case 'unary':
      return endOf(expr.operand);
    case 'paren':
      return endOf(expr.inner);
    case 'binary':
      return expr.op === 'min_of' || expr.op === 'max_of' ? expr.span.end : endOf(expr.rhs);
    default:
      return expr.span.end;
  }
}

function evaluate(expr: DurationExpr, context: DurationContext): number {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'step':
      return context.stepSeconds;
    case 'range':
      return context.rangeSeconds;
    case 'paren':
      return evaluate(expr.inner, context);
    case 'unary':
      return expr.op === '-' ? -evaluate(expr.operand, context) : evaluate(expr.operand, context);
    case 'binary':
      return binary(expr, [evaluate(expr.lhs, context), evaluate(expr.rhs, context)], context);
  }
}

function binary(
  expr: DurationExpr & { kind: 'binary' },
  [lhs, rhs]: readonly [number, number],
  context: DurationContext,
): number {
  switch (expr.op) {
    case '+':
      return lhs + rhs;
    case '-':
      return lhs - rhs;
    case '*':
      return lhs * rhs;
    case '/':
      if (rhs === 0) throw at(expr, 'division by zero', context);
      return lhs / rhs;
    case '%':
      if (rhs === 0) throw at(expr, 'modulo by zero', context);
      return lhs % rhs;
    case '^':
      return goPow(lhs, rhs);
    case 'min_of':
      return Math.min(lhs, rhs);
    case 'max_of':
      return Math.max(lhs, rhs);
  }
}
