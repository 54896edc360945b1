import { type Labels, labelsKey, withoutLabels } from '#shared/model/labels.ts';
import type { AggregateExpr } from '#shared/promql/syntax/ast.ts';
import { isMetadataLabel, type VectorSeries } from './value.ts';

/** Which group each series belongs to; groups are numbered in the order of their first series. */
export interface Grouping {
  /** The group of each series. */
  readonly groupOf: Int32Array;
  /** The labels of each group. */
  readonly labels: readonly Labels[];
  /** Whether a series of the group wants its name dropped. */
  readonly dropName: readonly boolean[];
}

/** Groups series `by` or `without` labels. `without` always takes the metric name away.
 *  @see prometheus/promql/engine.go generateGroupingLabels */
export function groupSeries(
  series: readonly VectorSeries[],
  { grouping, without }: Pick<AggregateExpr, 'grouping' | 'without'>,
): Grouping {
  const groupOf = new Int32Array(series.length);
  const labelsOf = groupLabels(grouping, without);
  const indexOf = new Map<string, number>();
  const labels: Labels[] = [];
  const dropName: boolean[] = [];
  for (let i = 0; i < series.length; i++) {
    const own = labelsOf(series[i].labels);
    const key = labelsKey(own);
    let index = indexOf.get(key);
    if (index === undefined) {
      index = labels.length;
      indexOf.set(key, index);
      labels.push(own);
      dropName.push(false);
    }
    groupOf[i] = index;
    dropName[index] ||= series[i].dropName;
  }
  return { groupOf, labels, dropName };
}

/** The labels of the group that a series with given labels belongs to. */
export function groupLabels(grouping: readonly string[], without: boolean): (labels: Labels) => Labels {
  if (!without && grouping.length === 0) return () => [];
  const listed = new Set(grouping);
  if (without) return (labels) => withoutLabels(labels, (name) => listed.has(name) || isMetadataLabel(name));
  return (labels) => withoutLabels(labels, (name) => !listed.has(name));
}
