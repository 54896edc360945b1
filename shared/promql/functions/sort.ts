import { compareLabels, getLabel } from '#shared/model/labels.ts';
import { sortInRangeQuery } from '#shared/promql/engine/annotations.ts';
import type { VectorSeries } from '#shared/promql/engine/value.ts';
import { naturalLess } from './natural-order.ts';
import { type StepFunction, stringArg, vectorArg } from './step-function.ts';

type Compare = (a: VectorSeries, b: VectorSeries) => number;

/** The result of a range query is ordered by labels: there sorting has no effect but a warning. */
function sorted(compare: (args: Parameters<StepFunction>[0]) => Compare): StepFunction {
  return (args, { call, scope, annotate }) => {
    const series = vectorArg(args, 0);
    if (scope.steps > 1) annotate(sortInRangeQuery(call.span));
    return { kind: 'vector', series: scope.steps === 1 ? series.toSorted(compare(args)) : series };
  };
}

/** NaN goes to the end either way. */
function byValue(direction: 1 | -1): Compare {
  return (a, b) => {
    const x = a.values[0];
    const y = b.values[0];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    if (x === y) return 0;
    return x < y ? -direction : direction;
  };
}

/** By the given labels in natural order, then by all labels. */
function byLabels(names: readonly string[], direction: 1 | -1): Compare {
  return (a, b) => {
    for (const name of names) {
      const x = getLabel(a.labels, name);
      const y = getLabel(b.labels, name);
      if (x !== y) return naturalLess(x, y) ? -direction : direction;
    }
    return direction * compareLabels(a.labels, b.labels);
  };
}

function labelNames(args: Parameters<StepFunction>[0]): string[] {
  return args.slice(1).map((_arg, i) => stringArg(args, i + 1));
}

export const SORT_FUNCTIONS: Readonly<Record<string, StepFunction>> = {
  sort: sorted(() => byValue(1)),
  sort_desc: sorted(() => byValue(-1)),
  sort_by_label: sorted((args) => byLabels(labelNames(args), 1)),
  sort_by_label_desc: sorted((args) => byLabels(labelNames(args), -1)),
};
