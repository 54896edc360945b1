import { quantile } from '#shared/promql/functions/quantile.ts';
import type { AggregateExpr } from '#shared/promql/syntax/ast.ts';
import { type Annotation, invalidQuantile } from './annotations.ts';
import { groupSeries } from './grouping.ts';
import { createParameter } from './parameter.ts';
import { createColumn, type VectorSeries, type VectorValue } from './value.ts';

/** `quantile(φ, …)`: the φ-quantile of each group at every step. */
export function aggregateQuantile(
  series: readonly VectorSeries[],
  expr: AggregateExpr,
  phis: Float64Array,
  annotate: (annotation: Annotation) => void,
): VectorValue {
  annotateInvalid(expr, phis, annotate);
  const { groupOf, labels, dropName } = groupSeries(series, expr);
  const members: VectorSeries[][] = labels.map(() => []);
  for (let i = 0; i < series.length; i++) members[groupOf[i]].push(series[i]);
  return {
    kind: 'vector',
    series: labels.map((own, group) => {
      const column = createColumn(phis.length);
      for (let k = 0; k < phis.length; k++) {
        const values = members[group].filter(({ present }) => present[k] === 1).map(({ values }) => values[k]);
        if (values.length === 0) continue;
        column.values[k] = quantile(phis[k], Float64Array.from(values));
        column.present[k] = 1;
      }
      return { ...column, labels: own, dropName: dropName[group] };
    }),
  };
}

function annotateInvalid(expr: AggregateExpr, phis: Float64Array, annotate: (annotation: Annotation) => void): void {
  const { min, max, hasNaN } = createParameter(phis);
  const { span } = expr.param!;
  if (hasNaN) annotate(invalidQuantile(Number.NaN, span));
  if (max > 1) annotate(invalidQuantile(max, span));
  if (min < 0) annotate(invalidQuantile(min, span));
}
