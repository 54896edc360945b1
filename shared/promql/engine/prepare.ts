import type {
  AggregateExpr,
  AtModifier,
  BinaryExpr,
  Call,
  Expr,
  NumberLiteral,
  SubqueryExpr,
  VectorSelector,
} from '#shared/promql/syntax/ast.ts';
import { Depth } from './depth.ts';
import { type DurationContext, resolveDuration } from './durations.ts';
import { infoReference } from './info-reference.ts';

/** The times of a query. Of an instant query `startMs` and `endMs` are equal and `stepMs` is 0. */
export interface QueryTimes {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** Functions that give another value at another time even when their arguments do not change.
 *  @see prometheus/promql/functions.go AtModifierUnsafeFunctions */
const TIME_DEPENDENT = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'time',
  'timestamp',
]);

/** An expression made ready, and whether it has the same value at every step. */
interface Prepared {
  readonly expr: Expr;
  readonly invariant: boolean;
  /** Not for literals and range vectors: evaluating them once gains nothing. */
  readonly wrap: boolean;
}

interface Context {
  readonly times: QueryTimes;
  readonly durations: DurationContext;
  readonly depth: Depth;
}

/** Makes an expression ready to be evaluated: `start()`, `end()`, `step()` and `range()` become numbers, duration
 *  expressions and `@ start()` become fixed, and what does not depend on the step is wrapped to be evaluated once.
 *  @param query What positions in errors refer to.
 *  @throws {QueryError} When a duration is not a usable one.
 *  @see prometheus/promql/engine.go PreprocessExpr */
export async function prepare(expr: Expr, times: QueryTimes, query?: string): Promise<Expr> {
  const rangeSeconds = (times.endMs - times.startMs) / 1000;
  const durations = { stepSeconds: times.stepMs / 1000, rangeSeconds, query };
  return wrapped(await visit(expr, { times, durations, depth: new Depth() }));
}

function wrapped(prepared: Prepared): Expr {
  if (!prepared.wrap) return prepared.expr;
  return { kind: 'stepInvariant', span: prepared.expr.span, expr: prepared.expr };
}

function varying(expr: Expr): Prepared {
  return { expr, invariant: false, wrap: false };
}

function visit(expr: Expr, context: Context): Promise<Prepared> {
  return context.depth.within(() => visitNode(expr, context));
}

async function visitNode(expr: Expr, context: Context): Promise<Prepared> {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return { expr, invariant: true, wrap: false };
    case 'vectorSelector': {
      const fixed = fixSelector(expr, context);
      const invariant = fixed.at !== undefined;
      return { expr: fixed, invariant, wrap: invariant };
    }
    case 'matrixSelector': {
      const range = { kind: 'fixed' as const, ms: resolveDuration(expr.range, context.durations) };
      const vectorSelector = fixSelector(expr.vectorSelector, context);
      return { expr: { ...expr, vectorSelector, range }, invariant: vectorSelector.at !== undefined, wrap: false };
    }
    case 'subquery':
      return visitSubquery(expr, context);
    case 'aggregate':
      return visitAggregate(expr, context);
    case 'binary':
      return visitBinary(expr, context);
    case 'call':
      return visitCall(expr, context);
    case 'paren':
    case 'unary': {
      const inner = await visit(expr.expr, context);
      return { ...inner, expr: { ...expr, expr: inner.expr } };
    }
    case 'stepInvariant':
      return visit(expr.expr, context);
  }
}

function fixSelector(selector: VectorSelector, { times, durations }: Context): VectorSelector {
  const offset = { kind: 'fixed' as const, ms: resolveDuration(selector.offset, durations, true) };
  return { ...selector, offset, at: fixTime(selector.at, times) };
}

function fixTime(at: AtModifier | undefined, times: QueryTimes): AtModifier | undefined {
  if (at === undefined || 'timestampMs' in at) return at;
  return { timestampMs: at.startOrEnd === 'start' ? times.startMs : times.endMs };
}

/** What is inside is wrapped even when the subquery has no `@`: it is evaluated once for all steps of the subquery. */
async function visitSubquery(expr: SubqueryExpr, context: Context): Promise<Prepared> {
  const { durations, times } = context;
  const at = fixTime(expr.at, times);
  // Of several wrong durations upstream names the first in this order.
  const offset = { kind: 'fixed', ms: resolveDuration(expr.offset, durations, true) } as const;
  const step = { kind: 'fixed', ms: resolveDuration(expr.step, durations) } as const;
  const range = { kind: 'fixed', ms: resolveDuration(expr.range, durations) } as const;
  const inner = await visit(expr.expr, context);
  const fixed: SubqueryExpr = { ...expr, expr: wrapped({ ...inner, wrap: inner.invariant }), range, step, offset, at };
  return { expr: fixed, invariant: at !== undefined, wrap: false };
}

/** As upstream, the parameter does not count: an aggregation of a constant vector is constant. */
async function visitAggregate(expr: AggregateExpr, context: Context): Promise<Prepared> {
  const inner = await visit(unwrapParens(expr.expr), context);
  const param = expr.param === undefined ? undefined : (await visit(unwrapParens(expr.param), context)).expr;
  return { ...inner, expr: { ...expr, expr: inner.expr, param } };
}

async function visitBinary(expr: BinaryExpr, context: Context): Promise<Prepared> {
  const lhs = await visit(expr.lhs, context);
  const rhs = await visit(expr.rhs, context);
  if (lhs.invariant && rhs.invariant) {
    return { expr: { ...expr, lhs: lhs.expr, rhs: rhs.expr }, invariant: true, wrap: true };
  }
  return varying({ ...expr, lhs: wrapped(lhs), rhs: wrapped(rhs) });
}

async function visitCall(expr: Call, context: Context): Promise<Prepared> {
  const constant = queryConstant(expr, context);
  if (constant !== undefined) return { expr: constant, invariant: true, wrap: false };
  if (expr.func === 'info') return visitInfo(expr, context);
  const args: Prepared[] = [];
  for (const arg of expr.args) args.push(await visit(unwrapParens(arg), context));
  const allInvariant = args.every((arg) => arg.invariant);
  const timestampOfSelector =
    expr.func === 'timestamp' && args.length > 0 && args.every((arg) => arg.expr.kind === 'vectorSelector');
  if (allInvariant && (!TIME_DEPENDENT.has(expr.func) || timestampOfSelector)) {
    return { expr: { ...expr, args: args.map((arg) => arg.expr) }, invariant: true, wrap: true };
  }
  return varying({ ...expr, args: args.map(wrapped) });
}

/** The second argument is no selector, though it looks like one. The info series are looked for where the first argument
 *  looks; where that is at several times, they depend on the step. */
async function visitInfo(expr: Call, context: Context): Promise<Prepared> {
  const [first, ...rest] = expr.args;
  const base = await visit(unwrapParens(first), context);
  if (base.invariant && infoReference(base.expr) !== undefined) {
    return { expr: { ...expr, args: [base.expr, ...rest] }, invariant: true, wrap: true };
  }
  return varying({ ...expr, args: [wrapped(base), ...rest] });
}

/** @see prometheus/promql/engine.go foldQueryContextFunctions */
function queryConstant(call: Call, { times, durations }: Context): NumberLiteral | undefined {
  const number = (value: number): NumberLiteral => ({ kind: 'number', span: call.span, value, isDuration: false });
  switch (call.func) {
    case 'start':
      return number(times.startMs / 1000);
    case 'end':
      return number(times.endMs / 1000);
    case 'range':
      return number(durations.rangeSeconds);
    case 'step':
      return number(times.startMs === times.endMs ? 0 : durations.stepSeconds);
    default:
      return undefined;
  }
}

/** The expression inside superfluous parentheses. */
export function unwrapParens(expr: Expr): Expr {
  let inner = expr;
  while (inner.kind === 'paren') inner = inner.expr;
  return inner;
}
