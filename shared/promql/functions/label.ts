import { getLabel, METRIC_NAME, withLabel } from '#shared/model/labels.ts';
import { compileWrappedRegex, type LinearRegex } from '#shared/model/regex.ts';
import { executionError } from '#shared/promql/engine/query-error.ts';
import { mergeSameLabels, type VectorSeries } from '#shared/promql/engine/value.ts';
import { type StepFunction, stringArg, vectorArg } from './step-function.ts';

/** Any text is a label name but the empty one and text that is not Unicode.
 *  @see prometheus/common/model/metric.go UTF8Validation */
export function isValidLabelName(name: string): boolean {
  return name !== '' && name.isWellFormed();
}

/** A name that is set on purpose stays. */
function relabelled(series: VectorSeries, name: string, value: string): VectorSeries {
  const dropName = name === METRIC_NAME ? false : series.dropName;
  return { ...series, labels: withLabel(series.labels, name, value), dropName };
}

function compile(pattern: string): LinearRegex {
  try {
    return compileWrappedRegex(pattern);
  } catch (cause) {
    throw executionError(`invalid regular expression in label_replace(): ${pattern}`, { cause });
  }
}

const labelReplace: StepFunction = (args) => {
  const [target, replacement, source, pattern] = [1, 2, 3, 4].map((index) => stringArg(args, index));
  const regex = compile(pattern);
  if (!isValidLabelName(target)) {
    throw executionError(`invalid destination label name in label_replace(): ${target}`);
  }
  const replaced = vectorArg(args, 0).map((series) => {
    const value = regex.expand(getLabel(series.labels, source), replacement);
    return value === undefined ? series : relabelled(series, target, value);
  });
  return { kind: 'vector', series: mergeSameLabels(replaced) };
};

const labelJoin: StepFunction = (args) => {
  const target = stringArg(args, 1);
  const separator = stringArg(args, 2);
  const sources = args.slice(3).map((_arg, i) => stringArg(args, i + 3));
  for (const source of sources) {
    if (!isValidLabelName(source)) throw executionError(`invalid source label name in label_join(): ${source}`);
  }
  if (!isValidLabelName(target)) throw executionError(`invalid destination label name in label_join(): ${target}`);
  const joined = vectorArg(args, 0).map((series) => {
    return relabelled(series, target, sources.map((source) => getLabel(series.labels, source)).join(separator));
  });
  return { kind: 'vector', series: mergeSameLabels(joined) };
};

export const LABEL_FUNCTIONS: Readonly<Record<string, StepFunction>> = {
  label_replace: labelReplace,
  label_join: labelJoin,
};
