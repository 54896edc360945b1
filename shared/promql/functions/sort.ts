import { goSort, type Less } from '#shared/model/go-sort.ts';
import { compareLabels, getLabel } from '#shared/model/labels.ts';
import { sortInRangeQuery } from '#shared/promql/engine/annotations.ts';
import type { VectorSeries } from '#shared/promql/engine/value.ts';
import { naturalLess } from './natural-order.ts';
import { floatsPresent, type StepFunction, stringArg, vectorArg } from './step-function.ts';

/** The result of a range query is ordered by labels: there sorting has no effect but a warning. One of a single step is
 *  a range query too where it was asked for more. */
function sorted(
  less: (args: Parameters<StepFunction>[0]) => Less<VectorSeries>,
  samplesOf: (series: readonly VectorSeries[]) => readonly VectorSeries[] = (series) => series,
): StepFunction {
  return (args, { call, scope, annotate }) => {
    const series = [...samplesOf(vectorArg(args, 0))];
    if (scope.endMs !== scope.startMs) annotate(sortInRangeQuery(call.span));
    else goSort(series, less(args));
    return { kind: 'vector', series };
  };
}

function floatsOnly(series: readonly VectorSeries[]): VectorSeries[] {
  const floats: VectorSeries[] = [];
  for (const one of series) {
    const present = floatsPresent(one);
    if (present !== undefined) floats.push({ ...one, present, histograms: undefined, rows: undefined });
  }
  return floats;
}

/** NaN goes to the end either way, and is less than itself: where equal values end up is upstream's too.
 *  @see prometheus/promql/functions.go funcSort, vectorByReverseValueHeap */
function byValue(direction: 1 | -1): Less<VectorSeries> {
  return (a, b) => {
    const x = a.values[0];
    const y = b.values[0];
    return Number.isNaN(y) || (direction === 1 ? x < y : x > y);
  };
}

/** By the given labels in natural order, then by all labels. */
function byLabels(names: readonly string[], direction: 1 | -1): Less<VectorSeries> {
  return (a, b) => {
    for (const name of names) {
      const x = getLabel(a.labels, name);
      const y = getLabel(b.labels, name);
      if (x !== y) return naturalLess(x, y) === (direction === 1);
    }
    return direction * compareLabels(a.labels, b.labels) < 0;
  };
}

function labelNames(args: Parameters<StepFunction>[0]): string[] {
  return args.slice(1).map((_arg, i) => stringArg(args, i + 1));
}

export const SORT_FUNCTIONS: Readonly<Record<string, StepFunction>> = {
  sort: sorted(() => byValue(1), floatsOnly),
  sort_desc: sorted(() => byValue(-1), floatsOnly),
  sort_by_label: sorted((args) => byLabels(labelNames(args), 1)),
  sort_by_label_desc: sorted((args) => byLabels(labelNames(args), -1)),
};
