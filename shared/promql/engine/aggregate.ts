import type { AggregateExpr, AggregateOperator } from '#shared/promql/syntax/ast.ts';
import { createAccumulator } from './accumulator.ts';
import { type Grouping, groupSeries } from './grouping.ts';
import type { VectorSeries, VectorValue } from './value.ts';

/** The operators that turn a group into one sample without a parameter. */
export type SimpleAggregation = Extract<
  AggregateOperator,
  'sum' | 'avg' | 'min' | 'max' | 'count' | 'group' | 'stddev' | 'stdvar'
>;

export function isSimpleAggregation(op: AggregateOperator): op is SimpleAggregation {
  return ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'].includes(op);
}

/** Aggregates each group at every step, series by series in their order: float sums depend on it.
 *  @see prometheus/promql/engine.go aggregation */
export function aggregate(
  op: SimpleAggregation,
  series: readonly VectorSeries[],
  expr: AggregateExpr,
  steps: number,
): VectorValue {
  const grouping = groupSeries(series, expr);
  const accumulator = createAccumulator(op, grouping.labels.length * steps);
  for (let i = 0; i < series.length; i++) accumulator.add(series[i], grouping.groupOf[i] * steps);
  return { kind: 'vector', series: toSeries(accumulator.finish(), accumulator.count, grouping, steps) };
}

function toSeries(values: Float64Array, counts: Int32Array, grouping: Grouping, steps: number): VectorSeries[] {
  return grouping.labels.map((labels, group) => {
    const present = new Uint8Array(steps);
    for (let k = 0; k < steps; k++) present[k] = counts[group * steps + k] > 0 ? 1 : 0;
    const own = values.subarray(group * steps, (group + 1) * steps);
    return { labels, values: own, present, dropName: grouping.dropName[group] };
  });
}
