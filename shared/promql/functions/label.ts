import { getLabel, METRIC_NAME, withLabel } from '#shared/model/labels.ts';
import { compileWrappedRegex, type LinearRegex } from '#shared/model/regex.ts';
import { executionError, type QueryError } from '#shared/promql/engine/query-error.ts';
import { mergeSameLabels, type Value, type VectorSeries, type VectorValue } from '#shared/promql/engine/value.ts';
import { type CallContext, type StepFunction, stringArg, vectorArg } from './step-function.ts';

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

/** Memory of a character of a new label: in the label, and in the keys that series are compared by. */
const CHARACTER_BYTES = 4;
/** The longest text that a JavaScript engine makes is a little longer. */
const MAX_LABEL_CHARACTERS = 2 ** 29 - 32;

function* labelReplace(args: readonly Value[], context: CallContext): Generator<void, VectorValue> {
  const [target, replacement, source, pattern] = [1, 2, 3, 4].map((index) => stringArg(args, index));
  const regex = compile(pattern);
  if (!isValidLabelName(target)) {
    throw executionError(`invalid destination label name in label_replace(): ${target}`);
  }
  const replaced: VectorSeries[] = [];
  for (const series of vectorArg(args, 0)) {
    const value = expand(regex, getLabel(series.labels, source), replacement);
    if (value !== undefined) context.keep?.(value.length * CHARACTER_BYTES);
    replaced.push(value === undefined ? series : relabelled(series, target, value));
    yield;
  }
  return { kind: 'vector', series: mergeSameLabels(replaced) };
}

function expand(regex: LinearRegex, value: string, replacement: string): string | undefined {
  try {
    return regex.expand(value, replacement);
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLong(cause);
    throw cause;
  }
}

function tooLong(cause?: unknown): QueryError {
  return executionError(`label value would be longer than ${MAX_LABEL_CHARACTERS} characters`, { cause });
}

function* labelJoin(args: readonly Value[], context: CallContext): Generator<void, VectorValue> {
  const target = stringArg(args, 1);
  const separator = stringArg(args, 2);
  const sources = args.slice(3).map((_arg, i) => stringArg(args, i + 3));
  for (const source of sources) {
    if (!isValidLabelName(source)) throw executionError(`invalid source label name in label_join(): ${source}`);
  }
  if (!isValidLabelName(target)) throw executionError(`invalid destination label name in label_join(): ${target}`);
  const joined: VectorSeries[] = [];
  for (const series of vectorArg(args, 0)) {
    const values = sources.map((source) => getLabel(series.labels, source));
    const length = values.reduce((sum, { length }) => sum + length + separator.length, 0);
    if (length > MAX_LABEL_CHARACTERS) throw tooLong();
    context.keep?.(length * CHARACTER_BYTES);
    joined.push(relabelled(series, target, values.join(separator)));
    yield;
  }
  return { kind: 'vector', series: mergeSameLabels(joined) };
}

export const LABEL_FUNCTIONS: Readonly<Record<string, StepFunction>> = {
  label_replace: labelReplace,
  label_join: labelJoin,
};
