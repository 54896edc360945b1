import { getLabel, METRIC_NAME } from '#shared/model/labels.ts';
import { absentSeries } from '#shared/promql/functions/absent.ts';
import { RANGE_FUNCTIONS, STEP_FUNCTIONS } from '#shared/promql/functions/functions.ts';
import type { Windows } from '#shared/promql/functions/range-function.ts';
import type { CallContext } from '#shared/promql/functions/step-function.ts';
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
import { aggregate, isSimpleAggregation } from './aggregate.ts';
import { type Annotations, possibleNonCounter } from './annotations.ts';
import { applyBinary } from './binary.ts';
import { countValues } from './count-values.ts';
import { ms, type SelectedSeries } from './fetch.ts';
import { type ReferenceTimes, selectLatest } from './instant-selector.ts';
import type { QueryLimits } from './limits.ts';
import { aggregateQuantile } from './quantile-aggregate.ts';
import { notSupported } from './query-error.ts';
import { createScope, type Scope } from './scope.ts';
import { addSamplesOfWindows, referenceTimes, subqueryScope, toRangeSeries } from './subquery.ts';
import { selectK } from './top-k.ts';
import {
  countPresent,
  createColumn,
  dropMetadata,
  EMPTY_VECTOR,
  type MatrixValue,
  mergeSameLabels,
  type RangeSeries,
  type ScalarValue,
  type StringValue,
  type Value,
  type VectorSeries,
  type VectorValue,
} from './value.ts';
import { WindowFinder } from './window.ts';

export interface EvaluatorOptions {
  readonly selected: SelectedSeries;
  readonly limits: QueryLimits;
  readonly annotations: Annotations;
  readonly lookbackMs: number;
  readonly defaultSubqueryStepMs: number;
  readonly delayedNameRemoval: boolean;
}

/** A range vector that a function is applied to, and where its windows end. */
interface RangeArgument {
  readonly series: readonly RangeSeries[];
  readonly times: ReferenceTimes;
  readonly rangeMs: number;
  /** The inside of a subquery counts its samples itself. */
  readonly countsSamples: boolean;
}

/** Names of which `rate` does not remark that they are not a counter's. */
const COUNTER_SUFFIXES = ['_total', '_sum', '_count', '_bucket'];

/** Evaluates the nodes of one prepared expression, each for all steps at once.
 *  @see prometheus/promql/engine.go evaluator.eval */
export class Evaluator {
  readonly #options: EvaluatorOptions;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** @throws {QueryError} */
  evaluate(expr: Expr, scope: Scope): Value {
    const { limits } = this.#options;
    limits.check('expression evaluation');
    if (scope.steps === 0) return emptyValue(expr);
    const heldBefore = limits.held;
    const value = this.#node(expr, scope);
    limits.resetTo(heldBefore);
    limits.hold(sampleCount(value));
    return value;
  }

  #node(expr: Expr, scope: Scope): Value {
    switch (expr.kind) {
      case 'number':
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
        return this.#vectorSelector(expr, scope, false);
      case 'matrixSelector':
        return this.#matrix(this.#rangeSelector(expr, scope));
      case 'subquery':
        return this.#matrix(this.#subquery(expr, scope));
      case 'call':
        return this.#call(expr, scope);
      case 'aggregate':
        return this.#aggregate(expr, scope);
      case 'stepInvariant':
        return this.#stepInvariant(expr, scope);
    }
  }

  #vectorSelector(expr: VectorSelector, scope: Scope, sampleTimes: boolean): VectorValue {
    refuseExtended(expr);
    const { selected, lookbackMs, limits } = this.#options;
    const times = referenceTimes(expr, scope);
    const series: VectorSeries[] = [];
    for (const one of selected.of(expr)) {
      limits.tick();
      const column = selectLatest(one, scope, { times, lookbackMs, sampleTimes });
      if (column === undefined) continue;
      limits.hold(countPresent(column.present));
      for (let k = 0; k < scope.steps; k++) scope.samplesPerStep[k] += column.present[k];
      series.push({ labels: one.labels, dropName: false, ...column });
    }
    return { kind: 'vector', series };
  }

  #rangeSelector({ vectorSelector, range }: MatrixSelector, scope: Scope): RangeArgument {
    refuseExtended(vectorSelector);
    const times = referenceTimes(vectorSelector, scope);
    const selected = this.#options.selected.withoutStale(vectorSelector);
    const series = selected.map((one) => ({ ...one, dropName: false }));
    return { series, times, rangeMs: ms(range), countsSamples: true };
  }

  #subquery(expr: SubqueryExpr, scope: Scope): RangeArgument {
    const inner = subqueryScope(expr, scope, this.#options.defaultSubqueryStepMs);
    const series = toRangeSeries(this.evaluate(expr.expr, inner), inner);
    const times = referenceTimes(expr, scope);
    const rangeMs = ms(expr.range);
    addSamplesOfWindows(inner, scope, times, rangeMs);
    return { series, times, rangeMs, countsSamples: false };
  }

  /** The raw samples of a range vector that is the whole query, at its only step. */
  #matrix({ series, times, rangeMs, countsSamples }: RangeArgument): MatrixValue {
    const finder = new WindowFinder(1, times, rangeMs);
    const inWindow: RangeSeries[] = [];
    for (const one of series) {
      this.#options.limits.tick();
      finder.find(one.timestampsMs);
      const [from, to] = [finder.from[0], finder.to[0]];
      if (from === to) continue;
      if (countsSamples) this.#options.limits.hold(to - from);
      const timestampsMs = one.timestampsMs.subarray(from, to);
      inWindow.push({ ...one, timestampsMs, values: one.values.subarray(from, to) });
    }
    return { kind: 'matrix', series: inWindow };
  }

  #unary({ op, expr }: UnaryExpr, scope: Scope): Value {
    const value = this.evaluate(expr, scope);
    if (op === '+') return value;
    if (value.kind === 'scalar') return { kind: 'scalar', values: value.values.map((number) => -number) };
    const negated = (value as VectorValue).series.map((series): VectorSeries => {
      const labels = this.#withoutName(series.labels);
      return { labels, values: series.values.map((number) => -number), present: series.present, dropName: true };
    });
    return { kind: 'vector', series: mergeSameLabels(negated) };
  }

  #withoutName(labels: VectorSeries['labels']): VectorSeries['labels'] {
    return this.#options.delayedNameRemoval ? labels : dropMetadata(labels);
  }

  #binary(expr: BinaryExpr, scope: Scope): Value {
    const lhs = this.evaluate(expr.lhs, scope);
    const rhs = this.evaluate(expr.rhs, scope);
    const { annotations, delayedNameRemoval } = this.#options;
    return applyBinary(lhs, rhs, {
      expr,
      delayedNameRemoval,
      steps: scope.steps,
      annotate: (annotation) => annotations.add(annotation),
    });
  }

  #aggregate(expr: AggregateExpr, scope: Scope): Value {
    const { op, param } = expr;
    if (op === 'limit_ratio') throw notSupported('limit_ratio()');
    if (op === 'count_values') {
      const { value: label } = this.evaluate(param!, scope) as StringValue;
      return countValues(this.#vector(expr.expr, scope), expr, label, scope.steps);
    }
    if (isSimpleAggregation(op)) return aggregate(op, this.#vector(expr.expr, scope), expr, scope.steps);
    const { values } = this.evaluate(param!, scope) as ScalarValue;
    const series = this.#vector(expr.expr, scope);
    if (op === 'quantile') {
      return aggregateQuantile(series, expr, values, (annotation) => this.#options.annotations.add(annotation));
    }
    return selectK(op, series, expr, values);
  }

  #vector(expr: Expr, scope: Scope): readonly VectorSeries[] {
    return (this.evaluate(expr, scope) as VectorValue).series;
  }

  #call(call: Call, scope: Scope): Value {
    const rangeArg = call.args.find(isRange);
    if (rangeArg !== undefined) return this.#rangeCall(call, rangeArg, scope);
    const compute = STEP_FUNCTIONS.get(call.func);
    if (compute === undefined) throw notSupported(`${call.func}()`);
    const [first] = call.args;
    if (call.func === 'timestamp' && first.kind === 'vectorSelector') return this.#timestamps(first, scope);
    const args = call.args.map((arg) => this.evaluate(arg, scope));
    return compute(args, this.#callContext(call, scope));
  }

  #callContext(call: Call, scope: Scope): CallContext {
    const { annotations, delayedNameRemoval } = this.#options;
    return { call, scope, delayedNameRemoval, annotate: (annotation) => annotations.add(annotation) };
  }

  #timestamps(selector: VectorSelector, scope: Scope): VectorValue {
    const { series } = this.#vectorSelector(selector, scope, true);
    const named = series.map((one) => ({ ...one, labels: this.#withoutName(one.labels), dropName: true }));
    return { kind: 'vector', series: mergeSameLabels(named) };
  }

  #rangeCall(call: Call, rangeArg: MatrixSelector | SubqueryExpr, scope: Scope): VectorValue {
    const compute = RANGE_FUNCTIONS.get(call.func);
    if (compute === undefined) throw notSupported(`${call.func}()`);
    const scalars = call.args
      .filter((arg) => arg !== rangeArg)
      .map((arg) => (this.evaluate(arg, scope) as ScalarValue).values);
    const arg = rangeArg.kind === 'subquery' ? this.#subquery(rangeArg, scope) : this.#rangeSelector(rangeArg, scope);
    const { firstMs, stepMs } = arg.times;
    const finder = new WindowFinder(scope.steps, arg.times, arg.rangeMs);
    const keepsName = call.func === 'last_over_time' || call.func === 'first_over_time';
    const results: VectorSeries[] = [];
    for (const series of arg.series) {
      finder.find(series.timestampsMs);
      this.#countWindows(finder, scope, arg);
      const out = createColumn(scope.steps);
      const windows: Windows = {
        ...this.#callContext(call, scope),
        series,
        from: finder.from,
        to: finder.to,
        rangeMs: arg.rangeMs,
        endMs: (k) => firstMs + k * stepMs,
        scalars,
      };
      compute(windows, out);
      if (!out.present.includes(1)) continue;
      this.#options.limits.hold(countPresent(out.present));
      const dropName = !keepsName || series.dropName;
      results.push({ ...out, labels: dropName ? this.#withoutName(series.labels) : series.labels, dropName });
      if (call.func === 'rate' || call.func === 'increase') this.#remarkNonCounter(series, rangeArg);
    }
    if (call.func === 'absent_over_time') return absentSeries(results, this.#callContext(call, scope));
    return { kind: 'vector', series: this.#options.delayedNameRemoval ? results : mergeSameLabels(results) };
  }

  #countWindows(finder: WindowFinder, scope: Scope, { countsSamples }: RangeArgument): void {
    const { limits } = this.#options;
    limits.tick();
    if (countsSamples) limits.touch(finder.count(scope.samplesPerStep));
  }

  #remarkNonCounter(series: RangeSeries, rangeArg: Expr): void {
    const name = getLabel(series.labels, METRIC_NAME);
    if (name === '' || COUNTER_SUFFIXES.some((suffix) => name.endsWith(suffix))) return;
    this.#options.annotations.add(possibleNonCounter(name, rangeArg.span));
  }

  /** Evaluates once, and repeats the value at every step. */
  #stepInvariant({ expr }: StepInvariantExpr, scope: Scope): Value {
    const once = createScope(scope.startMs, scope.startMs, scope.stepMs);
    const value = this.evaluate(expr, once);
    for (let k = 0; k < scope.steps; k++) scope.samplesPerStep[k] += once.samplesPerStep[0];
    if (value.kind === 'string' || value.kind === 'matrix' || scope.steps === 1) return value;
    const repeat = (values: Float64Array) => new Float64Array(scope.steps).fill(values[0]);
    if (value.kind === 'scalar') return { kind: 'scalar', values: repeat(value.values) };
    const present = new Uint8Array(scope.steps).fill(1);
    return { kind: 'vector', series: value.series.map((one) => ({ ...one, present, values: repeat(one.values) })) };
  }
}

function isRange(expr: Expr): expr is MatrixSelector | SubqueryExpr {
  return expr.kind === 'matrixSelector' || expr.kind === 'subquery';
}

function refuseExtended({ anchored, smoothed }: VectorSelector): void {
  if (anchored) throw notSupported('the anchored modifier');
  if (smoothed) throw notSupported('the smoothed modifier');
}

/** Of no steps, such as inside a subquery that holds no multiple of its step. */
function emptyValue(expr: Expr): Value {
  return valueType(expr) === 'scalar' ? { kind: 'scalar', values: new Float64Array(0) } : EMPTY_VECTOR;
}

function sampleCount(value: Value): number {
  switch (value.kind) {
    case 'scalar':
      return value.values.length;
    case 'string':
      return 0;
    case 'vector':
      return value.series.reduce((sum, { present }) => sum + countPresent(present), 0);
    case 'matrix':
      return value.series.reduce((sum, { values }) => sum + values.length, 0);
  }
}
