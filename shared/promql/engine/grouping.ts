import type { Labels } from '#shared/model/labels.ts';
import type { AggregateExpr } from '#shared/promql/syntax/ast.ts';
import { groupKeys, onlyListed, withoutListed } from './match-key.ts';
import { type Column, seriesOfRows, type VectorSeries } from './value.ts';

/** Which group each series belongs to; groups are numbered in the order of their first series. */
export interface Grouping {
  /** The group of each series. */
  readonly groupOf: Int32Array;
  /** The labels of each group. */
  readonly labels: readonly Labels[];
  /** The number of series of each group. */
  readonly sizes: readonly number[];
}

/** Groups series `by` or `without` labels. `without` always takes the metric name away.
 *  @see prometheus/promql/engine.go generateGroupingLabels */
export function groupSeries(
  series: readonly VectorSeries[],
  by: Pick<AggregateExpr, 'grouping' | 'without'>,
): Grouping {
  const groupOf = new Int32Array(series.length);
  const keyOf = groupKeys(by);
  const indexOf = new Map<string, number>();
  const labels: Labels[] = [];
  const sizes: number[] = [];
  for (let i = 0; i < series.length; i++) {
    const key = keyOf(series[i].labels);
    let index = indexOf.get(key);
    if (index === undefined) {
      index = labels.length;
      indexOf.set(key, index);
      labels.push(groupLabels(series[i].labels, by));
      sizes.push(0);
    }
    groupOf[i] = index;
    sizes[index]++;
  }
  return { groupOf, labels, sizes };
}

/** The indexes of each group's series, in their order. */
export function groupMembers({ groupOf, sizes }: Grouping): readonly Int32Array[] {
  const members = sizes.map((size) => new Int32Array(size));
  const filled = new Int32Array(sizes.length);
  for (let i = 0; i < groupOf.length; i++) members[groupOf[i]][filled[groupOf[i]]++] = i;
  return members;
}

/** The labels of the group that a series with given labels belongs to. */
export function groupLabels(
  labels: Labels,
  { grouping, without }: Pick<AggregateExpr, 'grouping' | 'without'>,
): Labels {
  return without ? withoutListed(labels, grouping) : onlyListed(labels, grouping);
}

/** The groups that have a sample at some step, with their labels. */
export function groupResults(
  series: readonly VectorSeries[],
  grouping: Grouping,
  columns: readonly Column[],
): VectorSeries[] {
  const drops = groupNameDrops(series, grouping, columns);
  const results: VectorSeries[] = [];
  for (const [group, labels] of grouping.labels.entries()) {
    const column = columns[group];
    if (!column.present.includes(1)) continue;
    const own = { labels, dropName: drops[group] };
    results.push(column.rows === undefined ? { ...own, ...column } : seriesOfRows(own, column, column.rows));
  }
  return results;
}

/** Whether the name of each group is to be dropped: as upstream has it, when a series wanted that at the last step at
 *  which the group has a value. */
function groupNameDrops(
  series: readonly VectorSeries[],
  { groupOf, labels }: Grouping,
  columns: readonly Column[],
): readonly boolean[] {
  const drops: boolean[] = labels.map(() => false);
  if (!series.some(({ dropName }) => dropName)) return drops;
  const lastStep = columns.map(({ present }) => present.lastIndexOf(1));
  for (let i = 0; i < series.length; i++) {
    const step = lastStep[groupOf[i]];
    if (series[i].dropName && series[i].present[step] === 1) drops[groupOf[i]] = true;
  }
  return drops;
}
