import type { AggregateExpr, AggregateOperator } from '#shared/promql/syntax/ast.ts';
import { createAccumulator } from './accumulator.ts';
import { countValues } from './count-values.ts';
import { groupMembers, groupResults, groupSeries } from './grouping.ts';
import { limitRatio } from './limit-ratio.ts';
import type { OperatorContext, Work } from './operator-context.ts';
import { aggregateQuantile } from './quantile-aggregate.ts';
import { selectK } from './top-k.ts';
import type { Column, ScalarValue, StringValue, Value, VectorSeries, VectorValue } from './value.ts';

/** The operators that turn a group into one sample without a parameter. */
export type SimpleAggregation = Extract<
  AggregateOperator,
  'sum' | 'avg' | 'min' | 'max' | 'count' | 'group' | 'stddev' | 'stdvar'
>;

/** What an aggregation needs of its operand. */
export interface AggregationInput {
  readonly expr: AggregateExpr;
  /** In the order in which float sums add them. */
  readonly series: readonly VectorSeries[];
}

/** Aggregates a vector at every step.
 *  @param param The value of `expr.param`: a scalar, or the label of `count_values`.
 *  @throws {QueryError} When the parameter is out of range.
 *  @see prometheus/promql/engine.go rangeEvalAgg */
export function aggregate(
  input: AggregationInput,
  param: Value | undefined,
  context: OperatorContext,
): Work<VectorValue> {
  const { op } = input.expr;
  switch (op) {
    case 'count_values':
      return countValues(input, (param as StringValue).value, context);
    case 'quantile':
      return aggregateQuantile(input, (param as ScalarValue).values, context);
    case 'limit_ratio':
      return limitRatio(input, (param as ScalarValue).values, context);
    case 'topk':
    case 'bottomk':
    case 'limitk':
      return selectK(op, input, (param as ScalarValue).values, context);
    default:
      return aggregateGroups(op, input, context);
  }
}

/** One group after the other: what is in use is then small, and is mostly in the processor's cache. */
function* aggregateGroups(
  op: SimpleAggregation,
  { expr, series }: AggregationInput,
  { steps, annotate, reserve }: OperatorContext,
): Work<VectorValue> {
  const grouping = groupSeries(series, expr);
  const accumulator = createAccumulator(op, steps, { expr, annotate });
  const columns: Column[] = [];
  for (const members of groupMembers(grouping)) {
    for (const index of members) {
      accumulator.add(series[index]);
      yield;
    }
    reserve?.(steps * Float64Array.BYTES_PER_ELEMENT);
    columns.push(accumulator.finish());
  }
  return { kind: 'vector', series: groupResults(series, grouping, columns) };
}
