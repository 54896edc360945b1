import type { Histogram } from '#shared/model/histogram.ts';
import type { Labels } from '#shared/model/labels.ts';
import { createEngine, type Engine, type EngineOptions, type QueryResult } from '#shared/promql/engine/engine.ts';
import { QueryError } from '#shared/promql/engine/query-error.ts';
import type { MatrixResult } from '#shared/promql/engine/result.ts';
import type { AtModifier, Expr } from '#shared/promql/syntax/ast.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { printExpr } from '#shared/promql/syntax/printer.ts';
import { walk } from '#shared/promql/syntax/visit.ts';
import { type EvalCommand, parseScript, type ScriptCommand, ScriptError } from './promql-script.ts';
import {
  annotationProblem,
  expects,
  orderProblem,
  samplesOf,
  scalarProblem,
  valueProblem,
  vectorProblem,
} from './promql-script-compare.ts';
import { ScriptStorage } from './promql-script-storage.ts';

/** What became of the eval commands of a script. */
export interface ScriptOutcome {
  readonly passed: number;
  readonly failures: readonly ScriptFailure[];
}

export interface ScriptFailure {
  /** From 1. */
  readonly line: number;
  /** Of an eval command; of another, what it is. */
  readonly query: string;
  /** What was expected and what was got. */
  readonly problem: string;
}

/** What upstream's runner turns on: its scripts are written for it. */
const UPSTREAM_ENGINE: Omit<EngineOptions, 'monotonicMs'> = {
  parser: { experimentalFunctions: true, binopFillModifiers: true, unquotedUtf8Names: true },
  delayedNameRemoval: true,
  useStartTimestamps: true,
};

/** Functions whose value changes with the time even when their arguments do not.
 *  @see prometheus/promql/functions.go AtModifierUnsafeFunctions */
const TIME_DEPENDENT: ReadonlySet<string> = new Set([
  ...['days_in_month', 'day_of_month', 'day_of_week', 'day_of_year', 'hour', 'minute', 'month', 'year'],
  ...['end', 'predict_linear', 'range', 'start', 'step', 'time', 'timestamp'],
]);

/** Runs a script as upstream does: each instant query also with its time moved into `@`, and as part of a range. Every
 *  eval command either passes or fails; a script that cannot be read or loaded is a failure.
 *  @param options Of the engine, instead of upstream's.
 *  @see prometheus/promql/promqltest/test.go */
export async function runScript(text: string, options: Partial<EngineOptions> = {}): Promise<ScriptOutcome> {
  const commands = readCommands(text);
  if (!Array.isArray(commands)) return { passed: 0, failures: [commands as ScriptFailure] };
  const engineOptions = { monotonicMs: () => 0, ...UPSTREAM_ENGINE, ...options };
  const run = { engine: createEngine(engineOptions), parser: engineOptions.parser, storage: new ScriptStorage() };
  let passed = 0;
  const failures: ScriptFailure[] = [];
  for (const command of commands) {
    const problem = await runCommand(run, command);
    const query = command.kind === 'eval' ? command.query : command.kind;
    if (problem !== undefined) failures.push({ line: command.line, query, problem });
    else if (command.kind === 'eval') passed++;
  }
  return { passed, failures };
}

function readCommands(text: string): ScriptCommand[] | ScriptFailure {
  try {
    return parseScript(text);
  } catch (error) {
    if (error instanceof ScriptError) return { line: error.line, query: 'the script', problem: error.message };
    throw error;
  }
}

interface ScriptRun {
  readonly engine: Engine;
  readonly parser: EngineOptions['parser'];
  readonly storage: ScriptStorage;
}

async function runCommand(run: ScriptRun, command: ScriptCommand): Promise<string | undefined> {
  try {
    switch (command.kind) {
      case 'clear':
        return run.storage.clear() ?? undefined;
      case 'load':
        return run.storage.load(command) ?? undefined;
      case 'eval':
        return await evalProblem(run, command);
    }
  } catch (error) {
    return error instanceof QueryError ? `got the error "${error.message}"` : `got ${(error as Error).stack}`;
  }
}

async function evalProblem(run: ScriptRun, command: EvalCommand): Promise<string | undefined> {
  if (command.stepMs > 0) {
    return checked(command, () => run.engine.range(command.query, command, { querier: run.storage }));
  }
  const problem = await instantProblem(run, command, { query: command.query, timeMs: command.startMs });
  if (problem !== undefined) return problem;
  for (const { query, timeMs } of withFixedTimes(run, command)) {
    const moved = await instantProblem(run, command, { query, timeMs });
    if (moved !== undefined) return `as ${query} at ${timeMs / 1000}s: ${moved}`;
  }
  return undefined;
}

interface InstantCase {
  readonly query: string;
  readonly timeMs: number;
}

async function instantProblem(
  { engine, storage: querier }: ScriptRun,
  command: EvalCommand,
  { query, timeMs }: InstantCase,
): Promise<string | undefined> {
  const problem = await checked(command, () => engine.instant(query, timeMs, { querier }));
  if (problem !== undefined || expects(command, 'fail')) return problem;
  if (command.rangeVector !== undefined || command.text !== undefined) return undefined;
  // These have other values in a range query.
  if (/(?:start|end|range|step)\(\)/.test(query)) return undefined;
  const times = { startMs: timeMs - 60_000, endMs: timeMs + 60_000, stepMs: 60_000 };
  const { value } = await engine.range(query, times, { querier });
  if (expects(command, 'ordered')) return undefined;
  const inRange = rangeProblem(command, value as MatrixResult, timeMs);
  return inRange === undefined ? undefined : `as part of a range: ${inRange}`;
}

async function checked(command: EvalCommand, run: () => Promise<QueryResult>): Promise<string | undefined> {
  const failures = command.expectations.filter(({ kind }) => kind === 'fail').map(({ text }) => text);
  let result: QueryResult;
  try {
    result = await run();
  } catch (error) {
    if (!(error instanceof QueryError) || failures.length === 0) throw error;
    const unmet = failures.find(({ matches }) => !matches(error.message));
    return unmet && `expected the error ${unmet.shown}, got "${error.message}"`;
  }
  if (failures.length > 0) return `expected the error ${failures.at(-1)!.shown}, got a result`;
  return annotationProblem(command, result) ?? valueProblem(command, result);
}

function rangeProblem(command: EvalCommand, { series }: MatrixResult, timeMs: number): string | undefined {
  const middle = middleStep(series, timeMs);
  const problem = orderProblem(series);
  if (problem !== undefined || command.scalar === undefined) return problem ?? vectorProblem(command, middle);
  return middle.length === 1 ? scalarProblem(command, middle[0].value) : `expected a scalar, got ${middle.length}`;
}

function middleStep(
  series: MatrixResult['series'],
  timeMs: number,
): { labels: Labels; value: number; histogram?: Histogram }[] {
  return series.flatMap((one) => {
    const sample = samplesOf(one).find((candidate) => candidate.timeMs === timeMs);
    return sample === undefined ? [] : [{ ...sample, labels: one.labels }];
  });
}

/** The query with its time as the `@` of all selectors, at other times.
 *  @see prometheus/promql/promqltest/test.go atModifierTestCases */
function withFixedTimes({ parser }: ScriptRun, { query, startMs: timeMs }: EvalCommand): InstantCase[] {
  const expr = tryParse(query, parser);
  if (expr === undefined || isTimeDependent(expr)) return [];
  const fixed = printExpr(fixTimes(expr, { timestampMs: timeMs }));
  const times = timeMs === 0 ? [-1000, 0, 1000] : [-10 * timeMs, 0, Math.trunc(timeMs / 5), timeMs, 10 * timeMs];
  return times.map((time) => ({ query: fixed, timeMs: time }));
}

/** `undefined` where the query is refused, which the run as written has found. */
function tryParse(query: string, parser: EngineOptions['parser']): Expr | undefined {
  try {
    return parseExpr(query, parser);
  } catch {
    return undefined;
  }
}

function isTimeDependent(expr: Expr): boolean {
  let found = false;
  walk(expr, (node) => {
    found ||= node.kind === 'call' && TIME_DEPENDENT.has(node.func);
    return undefined;
  });
  return found;
}

/** Selectors inside a subquery follow the subquery's time. */
function fixTimes(expr: Expr, at: AtModifier): Expr {
  switch (expr.kind) {
    case 'vectorSelector':
      return { ...expr, at: expr.at ?? at };
    case 'matrixSelector':
      return { ...expr, vectorSelector: { ...expr.vectorSelector, at: expr.vectorSelector.at ?? at } };
    case 'subquery':
      return { ...expr, at: expr.at ?? at };
    case 'aggregate': {
      const param = expr.param === undefined ? undefined : fixTimes(expr.param, at);
      return { ...expr, expr: fixTimes(expr.expr, at), param };
    }
    case 'binary':
      return { ...expr, lhs: fixTimes(expr.lhs, at), rhs: fixTimes(expr.rhs, at) };
    case 'call':
      return { ...expr, args: expr.args.map((arg) => fixTimes(arg, at)) };
    case 'paren':
    case 'unary':
    case 'stepInvariant':
      return { ...expr, expr: fixTimes(expr.expr, at) };
    case 'number':
    case 'string':
      return expr;
  }
}
