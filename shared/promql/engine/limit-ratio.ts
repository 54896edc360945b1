import { hashLabels } from '#shared/model/labels-hash.ts';
import type { AggregationInput } from './aggregate.ts';
import { invalidRatio } from './annotations.ts';
import { groupSeries } from './grouping.ts';
import type { OperatorContext, Work } from './operator-context.ts';
import { createParameter } from './parameter.ts';
import { executionError } from './query-error.ts';
import { pushHeap } from './sample-heap.ts';
import { EMPTY_VECTOR, type VectorSeries, type VectorValue } from './value.ts';

/** `limit_ratio(r, …)`: about the r-th part of the series, chosen by the hash of their labels; for a negative r those that
 *  1 + r leaves out. At a single step the result is ordered group by group as upstream's heap is.
 *  @throws {QueryError} For a ratio that is no number.
 *  @see prometheus/promql/engine.go aggregationK, HashRatioSampler */
export function* limitRatio(
  { expr, series }: AggregationInput,
  ratios: Float64Array,
  context: OperatorContext,
): Work<VectorValue> {
  const { min, max, hasNaN } = createParameter(ratios);
  if (max === 0 && min === 0) return EMPTY_VECTOR;
  if (hasNaN) throw executionError('Ratio value is NaN');
  const { span } = expr.param!;
  if (max > 1) context.annotate(invalidRatio(max, 1, span));
  if (min < -1) context.annotate(invalidRatio(min, -1, span));
  const capped = ratios.map((ratio) => Math.min(1, Math.max(-1, ratio)));
  const chosen: (VectorSeries | undefined)[] = [];
  for (const one of series) {
    chosen.push(sample(one, capped));
    yield;
  }
  const kept = chosen.filter((one) => one !== undefined);
  if (context.steps > 1) return { kind: 'vector', series: kept };
  return { kind: 'vector', series: inHeapOrder(chosen, groupSeries(series, expr).groupOf) };
}

/** The series at the steps whose ratio takes it in. */
function sample(series: VectorSeries, ratios: Float64Array): VectorSeries | undefined {
  const offset = hashLabels(series.labels) / 2 ** 64;
  const present = series.present.map((bit, k) => (isWithin(ratios[k], offset) ? bit : 0));
  return present.includes(1) ? { ...series, present } : undefined;
}

function isWithin(ratio: number, offset: number): boolean {
  return ratio < 0 ? offset >= 1 + ratio : offset < ratio;
}

function inHeapOrder(chosen: readonly (VectorSeries | undefined)[], groupOf: Int32Array): VectorSeries[] {
  const groups: number[][] = [];
  for (const [index, series] of chosen.entries()) {
    groups[groupOf[index]] ??= [];
    if (series !== undefined) groups[groupOf[index]].push(index);
  }
  return groups.flatMap((members) => {
    const heap = { values: new Float64Array(members.length), indexes: new Int32Array(members.length) };
    for (const [size, index] of members.entries()) {
      const { values, histograms } = chosen[index]!;
      pushHeap(heap, 0, size, { value: histograms?.[0] === undefined ? values[0] : 0, index });
    }
    return Array.from(heap.indexes, (index) => chosen[index]!);
  });
}
