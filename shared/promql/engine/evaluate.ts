import { negateHistogram } from '#shared/model/histogram/arithmetic.ts';
import { STEP_FUNCTIONS } from '#shared/promql/functions/functions.ts';
import type { CallContext, StepFunction } from '#shared/promql/functions/step-function.ts';
import type {
  AggregateExpr,
  BinaryExpr,
  Call,
  Expr,
  MatrixSelector,
  StepInvariantExpr,
  SubqueryExpr,
  UnaryExpr,
  VectorSelector,
} from '#shared/promql/syntax/ast.ts';
import { valueType } from '#shared/promql/syntax/value-type.ts';
import { aggregate } from './aggregate.ts';
import { applyBinary } from './binary.ts';
import { Depth } from './depth.ts';
import type { Evaluation } from './evaluation.ts';
import { ms } from './fetch.ts';
import { addInfoLabels } from './info.ts';
import type { SamplePart } from './instant-selector.ts';
import type { OperatorContext } from './operator-context.ts';
import { notSupported } from './query-error.ts';
import { matrixOf, type RangeArgument, selectorArgument } from './range-argument.ts';
import { callRangeFunction, checkExtension } from './range-call.ts';
import { createScope, type Scope } from './scope.ts';
import { freshWeight, valueBytes, valueWeight } from './size.ts';
import { selectSmoothed } from './smoothed-selector.ts';
import { repeatAtEachStep } from './step-invariant.ts';
import {
  addSamplesAtOnce,
  countSubquerySamples,
  referenceTimes,
  seenByTimestamp,
  subqueryScope,
  toRangeSeries,
} from './subquery.ts';
import {
  dropMetadata,
  EMPTY_VECTOR,
  type MatrixValue,
  mergeSameLabels,
  type RangeSeries,
  type ScalarValue,
  type Value,
  type VectorSeries,
  type VectorValue,
} from './value.ts';
import { selectInstants } from './vector-selector.ts';

/** Functions of a vector's series: they change labels and leave samples as they are. */
const LABEL_FUNCTIONS = new Set(['label_replace', 'label_join']);

/** Functions whose value at a step needs all series together; others are computed for some series at a time. */
const WHOLE_VECTOR_FUNCTIONS = new Set([
  'absent',
  'histogram_fraction',
  'histogram_quantile',
  'histogram_quantiles',
  'label_join',
  'label_replace',
  'scalar',
  'sort',
  'sort_by_label',
  'sort_by_label_desc',
  'sort_desc',
]);

/** Samples that a function is given at once: some milliseconds of work. */
const SAMPLES_PER_BATCH = 100_000;

/** Evaluates the nodes of one prepared expression, each for all steps at once.
 *  @see prometheus/promql/engine.go evaluator.eval */
export class Evaluator {
  readonly #evaluation: Evaluation;
  readonly #depth = new Depth();

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
  }

  /** @throws {QueryError} */
  evaluate(expr: Expr, scope: Scope): Promise<Value> {
    return this.#depth.within(() => this.#evaluate(expr, scope));
  }

  async #evaluate(expr: Expr, scope: Scope): Promise<Value> {
    const { limits } = this.#evaluation;
    if (limits.due()) await limits.pause();
    if (scope.steps === 0) return emptyValue(expr);
    const bytesBefore = limits.memory.usedBytes;
    const value = await this.#node(expr, scope);
    const makesHistograms = expr.kind === 'call' || expr.kind === 'binary' || expr.kind === 'aggregate';
    limits.memory.resetTo(bytesBefore + valueBytes(value, makesHistograms));
    return value;
  }

  async #node(expr: Expr, scope: Scope): Promise<Value> {
    switch (expr.kind) {
      case 'number':
        this.#evaluation.limits.hold(scope.steps);
        return { kind: 'scalar', values: new Float64Array(scope.steps).fill(expr.value) };
      case 'string':
        return { kind: 'string', value: expr.value };
      case 'paren':
        return this.evaluate(expr.expr, scope);
      case 'unary':
        return this.#unary(expr, scope);
      case 'binary':
        return this.#binary(expr, scope);
      case 'vectorSelector':
        return this.#vectorSelector(expr, scope);
      case 'matrixSelector':
        return matrixOf(selectorArgument(expr, scope, this.#evaluation), scope, this.#evaluation);
      case 'subquery':
        return this.#wholeSubquery(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'aggregate':
        return this.#aggregate(expr, scope);
      case 'stepInvariant':
        return this.#stepInvariant(expr, scope);
    }
  }

  async #vectorSelector(expr: VectorSelector, scope: Scope): Promise<VectorValue> {
    const series = expr.smoothed
      ? await selectSmoothed(expr, scope, this.#evaluation)
      : await this.#select(expr, scope, 'value');
    return { kind: 'vector', series };
  }

  #select(expr: VectorSelector, scope: Scope, part: SamplePart): Promise<VectorSeries[]> {
    const evaluation = this.#evaluation;
    const { series } = evaluation.selected.of(expr);
    const times = referenceTimes(expr, scope);
    const seen = part === 'value' ? { times } : seenByTimestamp(expr, times, evaluation.lookbackMs);
    return selectInstants(series, scope, { ...seen, part, evaluation });
  }

  #subqueryScope(expr: SubqueryExpr, scope: Scope): Scope {
    const { limits, defaultSubqueryStepMs } = this.#evaluation;
    return subqueryScope(expr, scope, { limits, defaultStepMs: defaultSubqueryStepMs });
  }

  /** A subquery that is the whole query. */
  async #wholeSubquery(expr: SubqueryExpr, scope: Scope): Promise<MatrixValue> {
    const inner = this.#subqueryScope(expr, scope);
    const series = await this.#rangeSeries(expr.expr, inner);
    addSamplesAtOnce(inner, scope);
    return { kind: 'matrix', series };
  }

  async #rangeSeries(expr: Expr, inner: Scope): Promise<RangeSeries[]> {
    const { limits } = this.#evaluation;
    return limits.run(toRangeSeries(await this.evaluate(expr, inner), inner, limits));
  }

  async #subqueryArgument(expr: SubqueryExpr, scope: Scope): Promise<RangeArgument> {
    const inner = this.#subqueryScope(expr, scope);
    const series = await this.#rangeSeries(expr.expr, inner);
    const windows = { times: referenceTimes(expr, scope), rangeMs: ms(expr.range) };
    countSubquerySamples(inner, scope, windows);
    return { length: series.length, at: (index) => series[index], ...windows, countsSamples: false };
  }

  async #unary({ op, expr }: UnaryExpr, scope: Scope): Promise<Value> {
    const value = await this.evaluate(expr, scope);
    if (op === '+' || value.kind === 'string' || value.kind === 'matrix') return value;
    if (value.kind === 'scalar') return { kind: 'scalar', values: value.values.map((number) => -number) };
    const { delayedNameRemoval } = this.#evaluation;
    const negated = value.series.map((series) => negate(series, delayedNameRemoval));
    return { kind: 'vector', series: delayedNameRemoval ? negated : mergeSameLabels(negated) };
  }

  async #binary(expr: BinaryExpr, scope: Scope): Promise<Value> {
    const { limits } = this.#evaluation;
    const heldBefore = limits.held;
    const lhs = await this.evaluate(expr.lhs, scope);
    const rhs = await this.evaluate(expr.rhs, scope);
    this.#expect([lhs, rhs]);
    const value = await limits.run(applyBinary(lhs, rhs, expr, this.#operatorContext(scope)));
    return this.#replace(heldBefore, [lhs, rhs], value);
  }

  /** Takes memory for a value about as large as those it is made of. */
  #expect(operands: readonly Value[]): void {
    for (const operand of operands) this.#evaluation.limits.memory.take(valueBytes(operand, true));
  }

  /** A value takes the place of its operands once it is complete.
   *  @see prometheus/promql/engine.go rangeEval */
  #replace<T extends Value>(heldBefore: number, operands: readonly Value[], value: T): T {
    const { limits } = this.#evaluation;
    let gathered = 0;
    for (const operand of operands) gathered += samplesAtLastStep(operand);
    limits.touch(gathered + freshWeight(value));
    limits.resetTo(heldBefore);
    limits.hold(valueWeight(value));
    return value;
  }

  async #aggregate(expr: AggregateExpr, scope: Scope): Promise<VectorValue> {
    const { limits } = this.#evaluation;
    const heldBefore = limits.held;
    const param = expr.param === undefined ? undefined : await this.evaluate(expr.param, scope);
    const operand = (await this.evaluate(expr.expr, scope)) as VectorValue;
    this.#expect([operand]);
    const input = { expr, series: operand.series };
    const value = await limits.run(aggregate(input, param, this.#operatorContext(scope)));
    if (expr.op === 'count_values') return this.#replace(heldBefore, [operand], value);
    limits.resetTo(heldBefore);
    limits.hold(valueWeight(value));
    return value;
  }

  #operatorContext({ steps }: Scope): OperatorContext {
    const { annotate, delayedNameRemoval, limits } = this.#evaluation;
    return { steps, delayedNameRemoval, annotate, reserve: (bytes) => limits.memory.take(bytes) };
  }

  async #call(call: Call, scope: Scope): Promise<Value> {
    const rangeArg = call.args.find(isRange);
    if (rangeArg !== undefined) return this.#rangeCall(call, rangeArg, scope);
    if (call.func === 'info') return this.#info(call, scope);
    const [first] = call.args;
    if (call.func === 'timestamp' && first.kind === 'vectorSelector') return this.#timesOf(first, scope, 'time');
    if (call.func === 'start_timestamp') return this.#startTimes(first, scope);
    const compute = STEP_FUNCTIONS.get(call.func);
    if (compute === undefined) throw notSupported(`${call.func}()`);
    const { limits } = this.#evaluation;
    const heldBefore = limits.held;
    const args: Value[] = [];
    for (const arg of call.args) args.push(await this.evaluate(arg, scope));
    this.#expect(args);
    const value = await this.#computed(compute, args, this.#callContext(call, scope));
    if (!LABEL_FUNCTIONS.has(call.func)) return this.#replace(heldBefore, args, value);
    limits.resetTo(heldBefore);
    limits.hold(valueWeight(value));
    return value;
  }

  /** Where a function has each series for itself, it gets some of them at a time, so that others get their turn. */
  async #computed(compute: StepFunction, args: readonly Value[], context: CallContext): Promise<Value> {
    const { limits, delayedNameRemoval } = this.#evaluation;
    const [first, ...rest] = args;
    const size = Math.max(1, Math.floor(SAMPLES_PER_BATCH / context.scope.steps));
    const isWhole = first?.kind !== 'vector' || WHOLE_VECTOR_FUNCTIONS.has(context.call.func);
    if (isWhole || first.series.length <= size) return limits.run(compute(args, context));
    const results: VectorSeries[] = [];
    for (let start = 0; start < first.series.length; start += size) {
      if (limits.due()) await limits.pause();
      const batch: VectorValue = { kind: 'vector', series: first.series.slice(start, start + size) };
      const value = (await limits.run(compute([batch, ...rest], context))) as VectorValue;
      for (const series of value.series) results.push(series);
    }
    return { kind: 'vector', series: delayedNameRemoval ? results : mergeSameLabels(results) };
  }

  #callContext(call: Call, scope: Scope): CallContext {
    const { annotate, delayedNameRemoval, limits } = this.#evaluation;
    return { call, scope, delayedNameRemoval, annotate, keep: (bytes) => limits.memory.keep(bytes) };
  }

  /** The times of the samples that a selector selects, or what is known of their beginning. */
  async #timesOf(selector: VectorSelector, scope: Scope, part: 'time' | 'startTime'): Promise<VectorValue> {
    const { limits, delayedNameRemoval } = this.#evaluation;
    const heldBefore = limits.held;
    const selected = await this.#select(selector, scope, part);
    const named = selected.map((one): VectorSeries => {
      return { ...one, labels: delayedNameRemoval ? one.labels : dropMetadata(one.labels), dropName: true };
    });
    const series = delayedNameRemoval ? named : mergeSameLabels(named);
    limits.resetTo(heldBefore);
    return this.#replace(heldBefore, [{ kind: 'vector', series: selected }], { kind: 'vector', series });
  }

  /** Nothing is known of the beginning of values that are computed.
   *  @see prometheus/promql/functions.go funcStartTimestamp */
  async #startTimes(expr: Expr, scope: Scope): Promise<VectorValue> {
    if (expr.kind === 'vectorSelector' && this.#evaluation.useStartTimestamps) {
      return this.#timesOf(expr, scope, 'startTime');
    }
    await this.evaluate(expr, scope);
    return EMPTY_VECTOR;
  }

  async #rangeCall(call: Call, rangeArg: MatrixSelector | SubqueryExpr, scope: Scope): Promise<VectorValue> {
    const { limits } = this.#evaluation;
    const heldBefore = limits.held;
    const argument = await this.#rangeArgument(rangeArg, scope);
    const heldByArgument = limits.held - heldBefore;
    const scalars: Float64Array[] = [];
    for (const arg of call.args) {
      if (arg !== rangeArg) scalars.push(((await this.evaluate(arg, scope)) as ScalarValue).values);
    }
    checkExtension(call, argument.extended);
    const context = this.#callContext(call, scope);
    const value = await callRangeFunction({ context, argument, scalars }, this.#evaluation);
    limits.resetTo(limits.held - heldByArgument);
    return value;
  }

  #rangeArgument(expr: MatrixSelector | SubqueryExpr, scope: Scope): Promise<RangeArgument> | RangeArgument {
    if (expr.kind === 'subquery') return this.#subqueryArgument(expr, scope);
    return selectorArgument(expr, scope, this.#evaluation);
  }

  async #info(call: Call, scope: Scope): Promise<VectorValue> {
    const heldBefore = this.#evaluation.limits.held;
    const [first, selector] = call.args;
    const base = (await this.evaluate(first, scope)) as VectorValue;
    const { value, info } = await addInfoLabels(base, { base: first, selector }, scope, this.#evaluation);
    return this.#replace(heldBefore, [base, info], value);
  }

  /** Evaluates once, and repeats the value at every step. */
  async #stepInvariant({ expr }: StepInvariantExpr, scope: Scope): Promise<Value> {
    const once = createScope(scope.startMs, scope.startMs, scope.stepMs);
    const value = await this.evaluate(expr, once);
    for (let k = 0; k < scope.steps; k++) scope.samplesPerStep[k] += once.samplesPerStep[0];
    scope.samplesReadPerStep[0] += once.samplesReadPerStep[0];
    return repeatAtEachStep(value, scope, this.#evaluation);
  }
}

function isRange(expr: Expr): expr is MatrixSelector | SubqueryExpr {
  return expr.kind === 'matrixSelector' || expr.kind === 'subquery';
}

function negate(series: VectorSeries, delayedNameRemoval: boolean): VectorSeries {
  const { values, present, histograms } = series;
  const labels = delayedNameRemoval ? series.labels : dropMetadata(series.labels);
  const negated = { labels, dropName: true, values: values.map((number) => -number), present };
  if (histograms === undefined) return negated;
  return { ...negated, histograms: histograms.map((one) => one && negateHistogram(one)) };
}

/** Of no steps, such as inside a subquery that holds no multiple of its step. */
function emptyValue(expr: Expr): Value {
  return valueType(expr) === 'scalar' ? { kind: 'scalar', values: new Float64Array(0) } : EMPTY_VECTOR;
}

function samplesAtLastStep(value: Value): number {
  if (value.kind === 'scalar') return 1;
  if (value.kind !== 'vector') return 0;
  let count = 0;
  for (const { present } of value.series) count += present[present.length - 1];
  return count;
}
