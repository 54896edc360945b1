import { labelsKey } from '#shared/model/labels.ts';
import { createEngine, type Engine, type QueryResult } from '#shared/promql/engine/engine.ts';
import { QueryError } from '#shared/promql/engine/query-error.ts';
import type { AtModifier, Expr } from '#shared/promql/syntax/ast.ts';
import { parseExpr } from '#shared/promql/syntax/parser.ts';
import { type EvalCommand, parseScript } from './promql-script.ts';
import { almostEqual, annotationProblem, valueProblem } from './promql-script-compare.ts';
import { ScriptStorage } from './promql-script-storage.ts';

/** What became of the eval commands of a script. */
export interface ScriptOutcome {
  readonly passed: number;
  /** `line 12: <query>: what is wrong`. */
  readonly failures: readonly string[];
  /** How many need a feature that is refused, by the refusal. */
  readonly skipped: ReadonlyMap<string, number>;
}

/** The features that upstream's scripts are written for. */
const PARSER_OPTIONS = { experimentalFunctions: true, binopFillModifiers: true, unquotedUtf8Names: true };

/** Functions whose value changes with the time even when their arguments do not. */
const TIME_DEPENDENT =
  /\b(?:days_in_month|day_of_month|day_of_week|day_of_year|end|hour|minute|month|year|predict_linear|range|start|step|time|timestamp)\s*\(/;

/** Runs a script as upstream does: each instant query also with its time moved into `@`, and as part of a range. */
export async function runScript(text: string, options = { delayedNameRemoval: true }): Promise<ScriptOutcome> {
  const engine = createEngine({ monotonicMs: () => 0, parser: PARSER_OPTIONS, ...options });
  const storage = new ScriptStorage();
  let passed = 0;
  const failures: string[] = [];
  const skipped = new Map<string, number>();
  for (const command of parseScript(text)) {
    if (command.kind === 'clear') storage.clear();
    else if (command.kind === 'load') storage.load(command);
    else {
      const problem = await evalProblem(engine, storage, command);
      if (problem === undefined) passed++;
      else if (/^.* is not supported yet$/.test(problem)) skipped.set(problem, (skipped.get(problem) ?? 0) + 1);
      else failures.push(`line ${command.line}: ${command.query}: ${problem}`);
    }
  }
  return { passed, failures, skipped };
}

async function evalProblem(engine: Engine, querier: ScriptStorage, command: EvalCommand): Promise<string | undefined> {
  try {
    if (command.stepMs > 0) {
      return await checked(command, () => engine.range(command.query, command, { querier }), true);
    }
    const problem = await instantProblem(engine, querier, { command, query: command.query, timeMs: command.startMs });
    if (problem !== undefined) return problem;
    for (const { query, timeMs } of withFixedTimes(command)) {
      const moved = await instantProblem(engine, querier, { command, query, timeMs });
      if (moved !== undefined) return `with its time moved into @, at ${timeMs}: ${moved}`;
    }
    return undefined;
  } catch (error) {
    if (error instanceof QueryError) return error.message;
    throw error;
  }
}

interface InstantCase {
  readonly command: EvalCommand;
  readonly query: string | Expr;
  readonly timeMs: number;
}

async function instantProblem(
  engine: Engine,
  querier: ScriptStorage,
  { command, query, timeMs }: InstantCase,
): Promise<string | undefined> {
  const asWritten = typeof query === 'string';
  const problem = await checked(command, () => engine.instant(query, timeMs, { querier }), asWritten);
  if (problem !== undefined || expectsFailure(command)) return problem;
  if (command.rangeVector !== undefined || command.text !== undefined) return undefined;
  if (/(?:start|end|range|step)\(\)/.test(command.query)) return undefined;
  const times = { startMs: timeMs - 60_000, endMs: timeMs + 60_000, stepMs: 60_000 };
  const { value } = await engine.range(query, times, { querier });
  const middle = middleStep(value as Extract<QueryResult['value'], { kind: 'matrix' }>, timeMs);
  const inRange = rangeProblem(command, middle);
  return inRange === undefined ? undefined : `as part of a range: ${inRange}`;
}

function expectsFailure(command: EvalCommand): boolean {
  return command.expectations.some(({ kind }) => kind === 'fail');
}

/** @param annotated Whether texts of annotations are compared: their positions belong to the query as written. */
async function checked(
  command: EvalCommand,
  run: () => Promise<QueryResult>,
  annotated: boolean,
): Promise<string | undefined> {
  const failure = command.expectations.find(({ kind }) => kind === 'fail');
  try {
    const result = await run();
    if (failure !== undefined) return 'expected an error, got a result';
    return (annotated ? annotationProblem(command, result) : undefined) ?? valueProblem(command, result);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    if (failure === undefined || error.message.endsWith('is not supported yet')) throw error;
    return failure.text.matches(error.message)
      ? undefined
      : `expected error "${failure.text.shown}", got "${error.message}"`;
  }
}

function middleStep(value: Extract<QueryResult['value'], { kind: 'matrix' }>, timeMs: number): Map<string, number> {
  const middle = new Map<string, number>();
  for (const { labels, timestampsMs, values } of value.series) {
    const at = timestampsMs.indexOf(timeMs);
    if (at >= 0) middle.set(labelsKey(labels), values[at]);
  }
  return middle;
}

function rangeProblem(command: EvalCommand, middle: ReadonlyMap<string, number>): string | undefined {
  const expected =
    command.scalar === undefined
      ? command.series.map(({ labels, values: [value] }) => {
          return { key: labelsKey(labels), value: value.kind === 'float' ? value.value : undefined };
        })
      : [{ key: '', value: command.scalar }];
  if (expected.length !== middle.size) return `expected ${expected.length} series, got ${middle.size}`;
  for (const { key, value } of expected) {
    const actual = middle.get(key);
    if (actual === undefined || value === undefined || !almostEqual(actual, value)) {
      return `expected ${value}, got ${actual} for ${key}`;
    }
  }
  return undefined;
}

/** The query with its time as the `@` of all selectors, at other times.
 *  @see prometheus/promql/promqltest/test.go atModifierTestCases */
function withFixedTimes({ query, startMs: timeMs }: EvalCommand): { query: Expr; timeMs: number }[] {
  if (TIME_DEPENDENT.test(query)) return [];
  const fixed = fixTimes(parseExpr(query, PARSER_OPTIONS), { timestampMs: timeMs });
  const times = timeMs === 0 ? [-1000, 0, 1000] : [-10 * timeMs, 0, Math.trunc(timeMs / 5), timeMs, 10 * timeMs];
  return times.map((time) => ({ query: fixed, timeMs: time }));
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
