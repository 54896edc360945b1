import { getLabel, METRIC_NAME } from '#shared/model/labels.ts';
import type { Annotation } from '#shared/promql/engine/annotations.ts';
import type { Scope } from '#shared/promql/engine/scope.ts';
import type {
  Column,
  ScalarValue,
  StringValue,
  Value,
  VectorSeries,
  VectorValue,
} from '#shared/promql/engine/value.ts';
import { dropMetadata, mergeSameLabels } from '#shared/promql/engine/value.ts';
import type { Call } from '#shared/promql/syntax/ast.ts';

/** What a function sees of the evaluation beside its arguments. */
export interface CallContext {
  readonly call: Call;
  readonly scope: Scope;
  /** Keep metric names until the result is complete (the flag `promql-delayed-name-removal`). */
  readonly delayedNameRemoval: boolean;
  readonly annotate: (annotation: Annotation) => void;
  /** Called with the bytes of memory that are about to be taken until the query ends; throws where they are too many. */
  readonly keep?: (bytes: number) => void;
}

/** A function of scalars, instant vectors and strings, computed for all steps; in pieces where it may take long. */
export type StepFunction = (
  args: readonly Value[],
  context: CallContext,
) => ScalarValue | VectorValue | Generator<void, VectorValue>;

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

/** Computes each float of a vector anew; histograms are left out, and the metric names go.
 *  @param compute Gets the value and the step. */
export function mapSamples(
  series: readonly VectorSeries[],
  context: Pick<CallContext, 'delayedNameRemoval'>,
  compute: (value: number, k: number) => number,
): VectorValue {
  const mapped: VectorSeries[] = [];
  for (const one of series) {
    const present = floatsPresent(one);
    if (present === undefined) continue;
    const values = new Float64Array(one.values.length);
    for (let k = 0; k < values.length; k++) if (present[k] === 1) values[k] = compute(one.values[k], k);
    mapped.push({ labels: labelsAfter(one, context.delayedNameRemoval), values, present, dropName: true });
  }
  return vectorOf(mapped, context);
}

/** Where a column has a float; undefined when it has none. */
export function floatsPresent({ present, histograms }: Column): Uint8Array | undefined {
  if (histograms === undefined) return present;
  const floats = present.map((bit, k) => (histograms[k] === undefined ? bit : 0));
  return floats.includes(1) ? floats : undefined;
}

/** Series of which some may have the same labels, now that they lost their names.
 *  @throws {QueryError} When two of them have a sample at one step. */
export function vectorOf(
  series: readonly VectorSeries[],
  { delayedNameRemoval }: Pick<CallContext, 'delayedNameRemoval'>,
): VectorValue {
  return { kind: 'vector', series: delayedNameRemoval ? series : mergeSameLabels(series) };
}

/** The labels of a value computed from `series`. */
export function labelsAfter(series: Pick<VectorSeries, 'labels'>, delayedNameRemoval: boolean): VectorSeries['labels'] {
  return delayedNameRemoval ? series.labels : dropMetadata(series.labels);
}

/** The metric name as annotations tell it: not where names are dropped at once. */
export function shownName(
  { labels }: Pick<VectorSeries, 'labels'>,
  { delayedNameRemoval }: Pick<CallContext, 'delayedNameRemoval'>,
): string {
  return delayedNameRemoval ? getLabel(labels, METRIC_NAME) : '';
}
