import { HistogramError } from '#shared/model/histogram/error.ts';
import type { Querier } from '#shared/model/storage.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { PromqlSyntaxError } from '#shared/promql/syntax/syntax-error.ts';
import type { ParserOptions } from '#shared/promql/syntax/token-stream.ts';
import { documentedType, valueType } from '#shared/promql/syntax/value-type.ts';
import { Annotations } from './annotations.ts';
import { Evaluator } from './evaluate.ts';
import { fetchSeries } from './fetch.ts';
import { type LimitOptions, QueryLimits } from './limits.ts';
import { MemoryPool } from './memory-pool.ts';
import { ParsedQueries } from './parsed-queries.ts';
import { prepare, type QueryTimes } from './prepare.ts';
import { executionError, QueryError } from './query-error.ts';
import { QuerySlots } from './query-slots.ts';
import { type ResultValue, toInstantResult, toRangeResult } from './result.ts';
import { countSteps, createScope, SCOPE_STEP_BYTES, type Scope } from './scope.ts';

/** Prometheus's defaults of the flags with the same names. */
const DEFAULT_LOOKBACK_DELTA_MS = 300_000;
const DEFAULT_TIMEOUT_MS = 120_000;
const DEFAULT_MAX_SAMPLES = 50_000_000;
const DEFAULT_MAX_CONCURRENCY = 20;
/** The default of `global.evaluation_interval`. */
const DEFAULT_SUBQUERY_STEP_MS = 60_000;
/** What 50 million samples of a time and a value take, and something for results. */
const DEFAULT_MAX_MEMORY_BYTES = 1024 ** 3;

export interface EngineOptions {
  /** How long a sample is the current value of its series. @default 300_000 */
  readonly lookbackDeltaMs?: number;
  /** @default 120_000 */
  readonly timeoutMs?: number;
  /** Samples that one query may have in memory at once. @default 50_000_000 */
  readonly maxSamples?: number;
  /** Queries that may run at once; more wait for their turn. @default 20 */
  readonly maxConcurrency?: number;
  /** Memory that all running queries together may take for samples. @default 1 GiB */
  readonly maxMemoryBytes?: number;
  /** Memory that one query may take for samples. @default `maxMemoryBytes` */
  readonly maxQueryMemoryBytes?: number;
  /** The step of `[5m:]`. @default 60_000 */
  readonly defaultSubqueryStepMs?: number;
  /** Keep metric names until the result is complete: feature `promql-delayed-name-removal`. @default false */
  readonly delayedNameRemoval?: boolean;
  /** Take a metric's type from its label `__type__`: feature `type-and-unit-labels`. @default false */
  readonly typeAndUnitLabels?: boolean;
  /** Let functions see when counters began: feature `use-start-timestamps`. @default false */
  readonly useStartTimestamps?: boolean;
  /** Of queries given as text. */
  readonly parser?: ParserOptions;
  /** A clock that only moves forward, for timeouts. */
  readonly monotonicMs: () => number;
  /** Lets what else waits in the process go first: called every few milliseconds. Without it a query keeps the process to
   *  itself until it is complete. */
  readonly yieldNow?: () => Promise<void>;
  /** Resolves after a while. Without it, a query that waits for storage or for its turn sees that its time is over only
   *  when the waiting ends. */
  readonly sleep?: (durationMs: number, signal: AbortSignal) => Promise<void>;
}

export interface QueryContext {
  readonly querier: Querier;
  /** Ends the query; a signal of `AbortSignal.timeout` counts as a timeout. */
  readonly signal?: AbortSignal;
  readonly lookbackDeltaMs?: number;
  readonly timeoutMs?: number;
  /** @default The engine's. */
  readonly useStartTimestamps?: boolean;
  /** Called when there is a result, with what gives its memory back: to be called once it is not used any more. Until
   *  then it counts among the memory of the queries, and other large ones wait. @default Given back at once */
  readonly holdMemory?: (release: () => void) => void;
}

export interface QueryStats {
  /** Samples looked at, counted again for every step and window that they are in. */
  readonly totalQueryableSamples: number;
  /** The same by step. */
  readonly totalQueryableSamplesPerStep: Float64Array;
  /** Samples looked at, those that several windows have counted once. */
  readonly samplesRead: number;
  /** The same by step. */
  readonly samplesReadPerStep: Float64Array;
  /** Series read, counted again for every selector. */
  readonly seriesTouched: number;
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

/** Creates an engine; between queries it keeps the count of those that run, and what it has parsed.
 *  @see prometheus/promql/engine.go */
export function createEngine(options: EngineOptions): Engine {
  const maxBytes = options.maxMemoryBytes ?? DEFAULT_MAX_MEMORY_BYTES;
  const concurrency = options.maxConcurrency ?? DEFAULT_MAX_CONCURRENCY;
  const shared: Shared = {
    options,
    slots: new QuerySlots(concurrency),
    // All others together leave the large one half of the memory.
    large: { bytes: maxBytes / (2 * concurrency), slots: new QuerySlots(1) },
    memory: new MemoryPool({ maxBytes, maxQueryBytes: options.maxQueryMemoryBytes ?? maxBytes }),
  };
  const parsed = new ParsedQueries((text) => parse(text, options.parser));
  const exprOf = (query: string | Expr) => (typeof query === 'string' ? parsed.of(query) : query);
  return {
    instant: async (query, timeMs, context) => {
      const times = { startMs: timeMs, endMs: timeMs, stepMs: 0 };
      return execute({ query, expr: exprOf(query), times, context }, shared);
    },
    range: async (query, times, context) => {
      const expr = exprOf(query);
      checkRangeQuery(expr, times);
      return execute({ query, expr, times, context }, shared);
    },
  };
}

/** What the queries of an engine share. */
interface Shared {
  readonly options: EngineOptions;
  readonly slots: QuerySlots;
  readonly large: LimitOptions['large'];
  readonly memory: MemoryPool;
}

function parse(query: string, parser: ParserOptions | undefined): Expr {
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
  readonly context: QueryContext;
}

/** Waits for its turn, then evaluates. */
async function execute(execution: Execution, shared: Shared): Promise<QueryResult> {
  const { context } = execution;
  const { options, slots, large, memory } = shared;
  const { monotonicMs, yieldNow, sleep } = options;
  const limits = new QueryLimits({
    maxSamples: options.maxSamples ?? DEFAULT_MAX_SAMPLES,
    timeoutMs: context.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    signal: context.signal,
    memory,
    large,
    monotonicMs,
    yieldNow,
    sleep,
  });
  let isHeld = false;
  try {
    const leave = await slots.take((turn) => limits.guard(turn, 'query queue'));
    try {
      const result = await evaluate(execution, options, limits);
      isHeld = context.holdMemory !== undefined;
      context.holdMemory?.(() => limits.close());
      return result;
    } finally {
      leave();
    }
  } catch (error) {
    limits.fail();
    throw error instanceof HistogramError ? executionError(error.message, { cause: error }) : error;
  } finally {
    if (!isHeld) limits.close();
  }
}

async function evaluate(execution: Execution, options: EngineOptions, limits: QueryLimits): Promise<QueryResult> {
  const { query, expr, times, context } = execution;
  limits.check('query execution');
  const prepared = await prepare(expr, times, typeof query === 'string' ? query : undefined);
  const lookbackMs = context.lookbackDeltaMs ?? options.lookbackDeltaMs ?? DEFAULT_LOOKBACK_DELTA_MS;
  const delayedNameRemoval = options.delayedNameRemoval ?? false;
  const useStartTimestamps = context.useStartTimestamps ?? options.useStartTimestamps ?? false;
  const selected = await fetchSeries(prepared, context.querier, { times, lookbackMs, limits, useStartTimestamps });
  const annotations = new Annotations();
  const evaluator = new Evaluator({
    selected,
    querier: context.querier,
    limits,
    annotations,
    annotate: (annotation) => annotations.add(annotation),
    lookbackMs,
    defaultSubqueryStepMs: options.defaultSubqueryStepMs ?? DEFAULT_SUBQUERY_STEP_MS,
    delayedNameRemoval,
    typeAndUnitLabels: options.typeAndUnitLabels ?? false,
    useStartTimestamps,
  });
  const scope = scopeOf(times, limits);
  const value = await evaluator.evaluate(prepared, scope);
  limits.check('expression evaluation');
  const text = typeof query === 'string' ? query : undefined;
  return {
    value:
      times.stepMs === 0
        ? toInstantResult(value, times.startMs, delayedNameRemoval)
        : toRangeResult(value, scope, delayedNameRemoval),
    warnings: annotations.texts('warning', text),
    infos: annotations.texts('info', text),
    stats: {
      totalQueryableSamples: total(scope.samplesPerStep),
      totalQueryableSamplesPerStep: scope.samplesPerStep,
      samplesRead: total(scope.samplesReadPerStep),
      samplesReadPerStep: scope.samplesReadPerStep,
      seriesTouched: selected.touched,
      peakSamples: limits.peak,
    },
  };
}

/** An instant query is one step of any length. */
function scopeOf({ startMs, endMs, stepMs }: QueryTimes, limits: QueryLimits): Scope {
  limits.memory.keep(countSteps(startMs, endMs, stepMs || 1) * SCOPE_STEP_BYTES);
  return createScope(startMs, endMs, stepMs || 1);
}

function total(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
