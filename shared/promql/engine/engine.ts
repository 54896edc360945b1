import type { Querier } from '#shared/model/storage.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { PromqlSyntaxError } from '#shared/promql/syntax/syntax-error.ts';
import type { ParserOptions } from '#shared/promql/syntax/token-stream.ts';
import { documentedType, valueType } from '#shared/promql/syntax/value-type.ts';
import { Annotations } from './annotations.ts';
import { Evaluator } from './evaluate.ts';
import { fetchSeries } from './fetch.ts';
import { QueryLimits } from './limits.ts';
import { prepare, type QueryTimes } from './prepare.ts';
import { QueryError } from './query-error.ts';
import { type ResultValue, toInstantResult, toRangeResult } from './result.ts';
import { createScope, type Scope } from './scope.ts';

/** Prometheus's defaults of the flags with the same names. */
const DEFAULT_LOOKBACK_DELTA_MS = 300_000;
const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_MAX_SAMPLES = 50_000_000;
/** The default of `global.evaluation_interval`. */
const DEFAULT_SUBQUERY_STEP_MS = 60_000;

export interface EngineOptions {
  /** How long a sample is the current value of its series. @default 300_000 */
  readonly lookbackDeltaMs?: number;
  /** @default 120_000 */
  readonly timeoutMs?: number;
  /** Samples that one query may have in memory at once. @default 50_000_000 */
  readonly maxSamples?: number;
  /** The step of `[5m:]`. @default 60_000 */
  readonly defaultSubqueryStepMs?: number;
  /** Keep metric names until the result is complete: feature `promql-delayed-name-removal`. @default false */
  readonly delayedNameRemoval?: boolean;
  /** Of queries given as text. */
  readonly parser?: ParserOptions;
  /** A clock that only moves forward, for timeouts. */
  readonly monotonicMs: () => number;
}

export interface QueryContext {
  readonly querier: Querier;
  /** Ends the query; a signal of `AbortSignal.timeout` counts as a timeout. */
  readonly signal?: AbortSignal;
  readonly lookbackDeltaMs?: number;
  readonly timeoutMs?: number;
}

export interface QueryStats {
  /** Samples read, counted again for every step and window that they are in. */
  readonly totalQueryableSamples: number;
  /** The same by step. */
  readonly totalQueryableSamplesPerStep: Float64Array;
  /** The most samples in memory at once. */
  readonly peakSamples: number;
}

export interface QueryResult {
  readonly value: ResultValue;
  /** With positions where the query was given as text. */
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly stats: QueryStats;
}

export interface Engine {
  /** Evaluates at one time. A query of a range vector gives its raw samples.
   *  @throws {QueryError} With Prometheus's words. */
  instant(query: string | Expr, timeMs: number, context: QueryContext): Promise<QueryResult>;
  /** Evaluates at `startMs`, `startMs + stepMs`, … up to `endMs`, inclusive. Always gives a matrix.
   *  @param times `stepMs` at least 1, `endMs` not before `startMs`.
   *  @throws {QueryError} With Prometheus's words. */
  range(query: string | Expr, times: QueryTimes, context: QueryContext): Promise<QueryResult>;
}

/** Creates an engine; it keeps nothing between queries.
 *  @see prometheus/promql/engine.go */
export function createEngine(options: EngineOptions): Engine {
  return {
    instant: async (query, timeMs, context) => {
      const times = { startMs: timeMs, endMs: timeMs, stepMs: 0 };
      const scope = createScope(timeMs, timeMs, 1);
      return execute(options, { query, expr: parse(query, options), times, scope, context });
    },
    range: async (query, times, context) => {
      const expr = parse(query, options);
      checkRangeQuery(expr, times);
      const scope = createScope(times.startMs, times.endMs, times.stepMs);
      return execute(options, { query, expr, times, scope, context });
    },
  };
}

function parse(query: string | Expr, { parser }: EngineOptions): Expr {
  if (typeof query !== 'string') return query;
  try {
    return parseExpr(query, parser);
  } catch (cause) {
    if (cause instanceof PromqlSyntaxError) throw new QueryError('bad_data', cause.message, { cause });
    throw cause;
  }
}

function checkRangeQuery(expr: Expr, { startMs, endMs, stepMs }: QueryTimes): void {
  if (!(stepMs >= 1)) throw new RangeError(`Cannot evaluate with a step of ${stepMs} ms, expected at least 1`);
  if (endMs < startMs) throw new RangeError(`Cannot evaluate up to ${endMs}, which is before the start ${startMs}`);
  const type = valueType(expr);
  if (type === 'vector' || type === 'scalar') return;
  const problem = `invalid expression type "${documentedType(type)}" for range query`;
  throw new QueryError('bad_data', `${problem}, must be Scalar or instant Vector`);
}

interface Execution {
  readonly query: string | Expr;
  readonly expr: Expr;
  readonly times: QueryTimes;
  readonly scope: Scope;
  readonly context: QueryContext;
}

async function execute(
  options: EngineOptions,
  { query, expr, times, scope, context }: Execution,
): Promise<QueryResult> {
  const lookbackMs = context.lookbackDeltaMs ?? options.lookbackDeltaMs ?? DEFAULT_LOOKBACK_DELTA_MS;
  const limits = new QueryLimits({
    maxSamples: options.maxSamples ?? DEFAULT_MAX_SAMPLES,
    timeoutMs: context.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    monotonicMs: options.monotonicMs,
    signal: context.signal,
  });
  const prepared = prepare(expr, times);
  const selected = await fetchSeries(prepared, context.querier, { times, lookbackMs, limits });
  const annotations = new Annotations();
  const evaluator = new Evaluator({
    selected,
    limits,
    annotations,
    lookbackMs,
    defaultSubqueryStepMs: options.defaultSubqueryStepMs ?? DEFAULT_SUBQUERY_STEP_MS,
    delayedNameRemoval: options.delayedNameRemoval ?? false,
  });
  const value = evaluator.evaluate(prepared, scope);
  const text = typeof query === 'string' ? query : undefined;
  return {
    value: times.stepMs === 0 ? toInstantResult(value, times.startMs) : toRangeResult(value, scope),
    warnings: annotations.texts('warning', text),
    infos: annotations.texts('info', text),
    stats: {
      totalQueryableSamples: scope.samplesPerStep.reduce((sum, samples) => sum + samples, 0),
      totalQueryableSamplesPerStep: scope.samplesPerStep,
      peakSamples: limits.peak,
    },
  };
}
