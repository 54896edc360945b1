import { formatFloatPlain } from '#shared/model/float.ts';
import { goQuote, type Labels, labelsKey, withLabel } from '#shared/model/labels.ts';
import { isValidLabelName } from '#shared/promql/functions/label.ts';
import type { AggregateExpr } from '#shared/promql/syntax/ast.ts';
import { groupLabels } from './grouping.ts';
import { executionError } from './query-error.ts';
import { createColumn, type VectorSeries, type VectorValue } from './value.ts';

/** `count_values("label", …)`: for each group and value how many samples have it.
 *  @throws {QueryError} When the label has no valid name. */
export function countValues(
  series: readonly VectorSeries[],
  expr: AggregateExpr,
  label: string,
  steps: number,
): VectorValue {
  if (!isValidLabelName(label)) throw executionError(`invalid label name ${goQuote(label)}`);
  const labelsOf = groupLabels(expr.without ? expr.grouping : [...expr.grouping, label], expr.without);
  const counts = new Map<string, VectorSeries>();
  for (const one of series) {
    let value: number | undefined;
    let counter: VectorSeries | undefined;
    for (let k = 0; k < steps; k++) {
      if (one.present[k] === 0) continue;
      if (counter === undefined || !Object.is(one.values[k], value)) {
        value = one.values[k];
        counter = counterOf(counts, labelsOf(withLabel(one.labels, label, formatFloatPlain(value))), steps);
      }
      counter.values[k]++;
      counter.present[k] = 1;
    }
  }
  return { kind: 'vector', series: [...counts.values()] };
}

function counterOf(counts: Map<string, VectorSeries>, labels: Labels, steps: number): VectorSeries {
  const key = labelsKey(labels);
  let counter = counts.get(key);
  if (counter === undefined) {
    counter = { labels, dropName: false, ...createColumn(steps) };
    counts.set(key, counter);
  }
  return counter;
}
