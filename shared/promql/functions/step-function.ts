import type { Annotation } from '#shared/promql/engine/annotations.ts';
import type { Scope } from '#shared/promql/engine/scope.ts';
import type { ScalarValue, StringValue, Value, VectorSeries, VectorValue } from '#shared/promql/engine/value.ts';
import { dropMetadata, mergeSameLabels } from '#shared/promql/engine/value.ts';
import type { Call } from '#shared/promql/syntax/ast.ts';

/** What a function sees of the evaluation beside its arguments. */
export interface CallContext {
  readonly call: Call;
  readonly scope: Scope;
  /** Keep metric names until the result is complete (the flag `promql-delayed-name-removal`). */
  readonly delayedNameRemoval: boolean;
  readonly annotate: (annotation: Annotation) => void;
}

/** A function of scalars, instant vectors and strings, computed for all steps. */
export type StepFunction = (args: readonly Value[], context: CallContext) => ScalarValue | VectorValue;

/** The argument as what the parser has made sure it is. */
export function vectorArg(args: readonly Value[], index: number): readonly VectorSeries[] {
  return (args[index] as VectorValue).series;
}

export function scalarArg(args: readonly Value[], index: number): Float64Array {
  return (args[index] as ScalarValue).values;
}

export function stringArg(args: readonly Value[], index: number): string {
  return (args[index] as StringValue).value;
}

/** Computes each sample of a vector anew; the metric names go.
 *  @param compute Gets the value and the step. */
export function mapSamples(
  series: readonly VectorSeries[],
  { delayedNameRemoval }: Pick<CallContext, 'delayedNameRemoval'>,
  compute: (value: number, k: number) => number,
): VectorValue {
  const mapped = series.map((one): VectorSeries => {
    const values = new Float64Array(one.values.length);
    for (let k = 0; k < values.length; k++) if (one.present[k] === 1) values[k] = compute(one.values[k], k);
    return { labels: labelsAfter(one, delayedNameRemoval), values, present: one.present, dropName: true };
  });
  return { kind: 'vector', series: mergeSameLabels(mapped) };
}

/** The labels of a value computed from `series`. */
export function labelsAfter(series: Pick<VectorSeries, 'labels'>, delayedNameRemoval: boolean): VectorSeries['labels'] {
  return delayedNameRemoval ? series.labels : dropMetadata(series.labels);
}
