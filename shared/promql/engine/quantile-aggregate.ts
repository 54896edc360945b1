import { floatPresence } from './accumulator.ts';
import type { AggregationInput } from './aggregate.ts';
import { histogramIgnoredInAggregation, invalidQuantile } from './annotations.ts';
import { groupResults, groupSeries } from './grouping.ts';
import type { OperatorContext, Work } from './operator-context.ts';
import { createParameter } from './parameter.ts';
import { selectQuantile } from './quantile-select.ts';
import { createColumn, type GrowingColumn, type VectorValue } from './value.ts';

/** Steps whose values are gathered in one go through a group: the samples of so many share a cache line. */
const STEPS_PER_BLOCK = 8;

/** `quantile(φ, …)`: the φ-quantile of each group at every step. */
export function* aggregateQuantile(
  { expr, series }: AggregationInput,
  phis: Float64Array,
  context: OperatorContext,
): Work<VectorValue> {
  annotateInvalid(expr.param!.span, phis, context);
  const grouping = groupSeries(series, expr);
  const members: FloatSamples[][] = grouping.labels.map(() => []);
  const ignored = () => context.annotate(histogramIgnoredInAggregation('quantile', expr.expr.span));
  for (let i = 0; i < series.length; i++) {
    const present = floatPresence(series[i], ignored);
    members[grouping.groupOf[i]].push({ values: series[i].values, present });
  }
  const columns: GrowingColumn[] = [];
  for (const group of members) columns.push(yield* quantilesOf(group, phis));
  return { kind: 'vector', series: groupResults(series, grouping, columns) };
}

interface FloatSamples {
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

function annotateInvalid(
  span: { start: number; end: number },
  phis: Float64Array,
  { annotate }: OperatorContext,
): void {
  const { min, max, hasNaN } = createParameter(phis);
  if (hasNaN) annotate(invalidQuantile(Number.NaN, span));
  if (max > 1) annotate(invalidQuantile(max, span));
  if (min < 0) annotate(invalidQuantile(min, span));
}

function* quantilesOf(members: readonly FloatSamples[], phis: Float64Array): Work<GrowingColumn> {
  const column = createColumn(phis.length);
  const block = new Float64Array(members.length * STEPS_PER_BLOCK);
  const counts = new Int32Array(STEPS_PER_BLOCK);
  for (let start = 0; start < phis.length; start += STEPS_PER_BLOCK) {
    const end = Math.min(start + STEPS_PER_BLOCK, phis.length);
    gather(members, { start, end }, block, counts);
    for (let k = start; k < end; k++) {
      const count = counts[k - start];
      if (count === 0) continue;
      const first = (k - start) * members.length;
      column.values[k] = quantileOf(phis[k], block.subarray(first, first + count));
      column.present[k] = 1;
    }
    yield;
  }
  return column;
}

/** Collects the samples of each step side by side. */
function gather(
  members: readonly FloatSamples[],
  { start, end }: { readonly start: number; readonly end: number },
  block: Float64Array,
  counts: Int32Array,
): void {
  counts.fill(0);
  const width = members.length;
  for (const { values, present } of members) {
    for (let k = start; k < end; k++) {
      if (present[k] === 1) block[(k - start) * width + counts[k - start]++] = values[k];
    }
  }
}

/** NaN for a φ that is NaN, ±Inf for one outside [0, 1]. */
function quantileOf(phi: number, values: Float64Array): number {
  if (Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return Number.NEGATIVE_INFINITY;
  return phi > 1 ? Number.POSITIVE_INFINITY : selectQuantile(phi, values);
}
