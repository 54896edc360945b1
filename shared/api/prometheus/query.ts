import type { QueryContext, QueryResult } from '#shared/promql/engine/engine.ts';
import type { ResultValue } from '#shared/promql/engine/result.ts';
import { exprToJson, UnsupportedValueError } from '#shared/promql/syntax/ast-json.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { prettifyExpr } from '#shared/promql/syntax/prettifier.ts';
import { durationText } from '#shared/template/duration-text.ts';
import type { Answer } from '../answer.ts';
import type { ApiDeps } from '../deps.ts';
import { enveloped, type Reply, successResponse } from '../envelope.ts';
import { badData, invalidParameter } from '../errors.ts';
import { resultJson } from '../json/result.ts';
import { limitParam, type Params, parseDurationParam, parseTimestamp, readParam, timeParam } from '../params.ts';
import type { ApiRequest, Route } from '../request.ts';
import { openStorage } from '../storage-view.ts';
import { type QueryTimer, statsJson, statsWarnings } from './query-stats.ts';

/** Enough for a week at one minute or a year at one hour. */
const MAX_POINTS = 11_000;
/** The engine's, which is the default of `--query.timeout`. */
const DEFAULT_TIMEOUT_MS = 120_000;

/** The routes that evaluate and parse PromQL. */
export function queryRoutes(deps: ApiDeps): readonly Route[] {
  const methods = ['GET', 'POST'];
  return [
    { methods, path: '/api/v1/query', handle: enveloped((request) => instantQuery(request, deps)) },
    { methods, path: '/api/v1/query_range', handle: enveloped((request) => rangeQuery(request, deps)) },
    { methods, path: '/api/v1/format_query', handle: enveloped((request) => formatQuery(request, deps)) },
    { methods, path: '/api/v1/parse_query', handle: (request) => parseQuery(request, deps) },
  ];
}

/** @see prometheus/web/api/v1/api.go query */
async function instantQuery({ params, signal }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  const limit = limitParam(params);
  const timeMs = timeParam(params, 'time', deps.clock.nowMs());
  const { context, release } = queryContext(params, signal, deps);
  const timer = startTimer(deps);
  const result = await deps.engine.instant(params.get('query'), timeMs, context);
  const times = { startMs: timeMs, stepMs: 0 };
  return queryReply(result, { limit, params, timer, times, perStep: hasPerStep(deps), release });
}

/** @see prometheus/web/api/v1/api.go queryRange */
async function rangeQuery({ params, signal }: ApiRequest, deps: ApiDeps): Promise<Reply> {
  const limit = limitParam(params);
  const times = rangeTimes(params);
  const { context, release } = queryContext(params, signal, deps);
  const timer = startTimer(deps);
  const result = await deps.engine.range(params.get('query'), times, context);
  return queryReply(result, { limit, params, timer, times, perStep: hasPerStep(deps), release });
}

function rangeTimes(params: Params) {
  const startMs = readParam('start', () => parseTimestamp(params.get('start')));
  const endMs = readParam('end', () => parseTimestamp(params.get('end')));
  if (endMs < startMs) throw invalidParameter('end', 'end timestamp must not be before start time');
  const step = readParam('step', () => parseDurationParam(params.get('step')));
  // The engine counts milliseconds: what is shorter is none.
  const stepMs = Math.trunc(step);
  if (stepMs <= 0) {
    const problem = 'zero or negative query resolution step widths are not accepted. Try a positive integer';
    throw invalidParameter('step', problem);
  }
  if (Math.trunc((endMs - startMs) / step) > MAX_POINTS) {
    const advice = 'Try decreasing the query resolution (?step=XX)';
    throw badData(`exceeded maximum resolution of 11,000 points per timeseries. ${advice}`);
  }
  return { startMs, endMs, stepMs };
}

/** @returns What the engine wants to know, and what gives the memory of its result back. */
function queryContext(
  params: Params,
  signal: AbortSignal,
  deps: ApiDeps,
): { readonly context: QueryContext; readonly release: () => void } {
  const timeoutMs = timeoutParam(params, deps);
  const lookbackDeltaMs = lookbackParam(params);
  let held = () => {};
  const holdMemory = (release: () => void) => {
    held = release;
  };
  const context = { querier: openStorage(deps), signal, timeoutMs, lookbackDeltaMs, holdMemory };
  return { context, release: () => held() };
}

/** @returns `undefined` for the engine's own. */
function timeoutParam(params: Params, { queryTimeoutMs = DEFAULT_TIMEOUT_MS }: ApiDeps): number | undefined {
  const text = params.get('timeout');
  if (text === '') return undefined;
  const timeoutMs = readParam('timeout', () => parseDurationParam(text));
  if (timeoutMs <= 0) {
    const shown = durationText(BigInt(Math.round(timeoutMs * 1e6)));
    throw invalidParameter('timeout', `timeout must be positive, got ${shown}`);
  }
  return Math.min(timeoutMs, queryTimeoutMs);
}

/** @returns `undefined` for the engine's own. */
function lookbackParam(params: Params): number | undefined {
  const text = params.get('lookback_delta');
  if (text === '') return undefined;
  try {
    const lookbackMs = Math.trunc(parseDurationParam(text));
    return lookbackMs > 0 ? lookbackMs : undefined;
  } catch (error) {
    throw badData(`error parsing lookback delta duration: ${(error as Error).message}`);
  }
}

function startTimer({ clock }: ApiDeps): QueryTimer {
  const startMs = clock.monotonicMs();
  return { elapsedSeconds: () => (clock.monotonicMs() - startMs) / 1000 };
}

function hasPerStep({ features }: ApiDeps): boolean {
  return features?.perStepStats ?? false;
}

function queryReply(
  result: QueryResult,
  options: {
    readonly limit: number;
    readonly params: Params;
    readonly timer: QueryTimer;
    readonly times: { readonly startMs: number; readonly stepMs: number };
    /** Whether `stats=all` may count by step. */
    readonly perStep: boolean;
    readonly release: () => void;
  },
): Reply {
  const { limit, params, timer, times, release } = options;
  const { value, truncated } = truncate(result.value, limit);
  const stats = params.get('stats');
  const warnings = [
    ...result.warnings,
    ...(truncated ? ['results truncated due to limit'] : []),
    ...statsWarnings(stats),
  ];
  const data = {
    resultType: value.kind,
    result: resultJson(value),
    stats:
      stats === '' ? undefined : statsJson(result.stats, { timer, times, perStep: options.perStep && stats === 'all' }),
  };
  return { data, warnings, infos: result.infos, release };
}

/** @see prometheus/web/api/v1/api.go truncateResults */
function truncate(value: ResultValue, limit: number): { readonly value: ResultValue; readonly truncated: boolean } {
  if (limit === 0) return { value, truncated: false };
  if (value.kind === 'vector' && value.samples.length > limit) {
    return { value: { ...value, samples: value.samples.slice(0, limit) }, truncated: true };
  }
  if (value.kind === 'matrix' && value.series.length > limit) {
    return { value: { ...value, series: value.series.slice(0, limit) }, truncated: true };
  }
  return { value, truncated: false };
}

function formatQuery({ params }: ApiRequest, { parser }: ApiDeps): Reply {
  return { data: readParam('query', () => prettifyExpr(parseExpr(params.get('query'), parser), parser)) };
}

function parseQuery({ params }: ApiRequest, { parser }: ApiDeps): Answer {
  try {
    return successResponse({ data: readParam('query', () => exprToJson(parseExpr(params.get('query'), parser))) });
  } catch (error) {
    if (error instanceof UnsupportedValueError) return notJson(error);
    throw error;
  }
}

/** What Prometheus answers of `fill(-Inf)`: its envelope is JSON, which has no such number. */
function notJson({ message }: UnsupportedValueError): Answer {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return { status: 500, headers, body: `v1.Response.Data: ${message}\n` };
}
