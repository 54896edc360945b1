import { formatFloatPlain } from '#shared/model/float.ts';
import { formatHistogram } from '#shared/model/histogram/text.ts';
import { usesCustomBuckets } from '#shared/model/histogram.ts';
import { type Labels, withLabel } from '#shared/model/labels.ts';
import { isValidLabelName } from '#shared/promql/functions/label.ts';
import { quoteText } from '#shared/promql/syntax/quote.ts';
import type { AggregationInput } from './aggregate.ts';
import { sampleAt } from './column-combiner.ts';
import { groupLabels } from './grouping.ts';
import { groupKeys } from './match-key.ts';
import type { OperatorContext, Work } from './operator-context.ts';
import { executionError } from './query-error.ts';
import type { Sample } from './sample-operator.ts';
import { createColumn, type VectorSeries, type VectorValue } from './value.ts';

/** What a column takes for a step. */
const BYTES_PER_STEP = 9;
/** How many steps of a series are counted between two pauses, each of which may make a column. */
const STEPS_PER_PIECE = 64;

/** `count_values("label", …)`: for each group and value how many samples have it.
 *  @throws {QueryError} When the label has no valid name. */
export function* countValues(
  { expr, series }: AggregationInput,
  label: string,
  context: OperatorContext,
): Work<VectorValue> {
  if (!isValidLabelName(label)) throw executionError(`invalid label name ${quoteText(label)}`);
  const counters = new Counters(
    { grouping: expr.without ? expr.grouping : [...expr.grouping, label], without: expr.without },
    context,
  );
  for (const one of series) {
    yield* countSeries(one, label, counters);
    yield;
  }
  return { kind: 'vector', series: counters.all() };
}

/** Mostly a series has few values, or keeps one for some steps. */
function* countSeries(series: VectorSeries, label: string, counters: Counters): Work<void> {
  let before: Sample | undefined;
  let counter: VectorSeries | undefined;
  for (let k = 0; k < series.present.length; k++) {
    if (series.present[k] === 0) continue;
    const sample = sampleAt(series, k);
    if (counter === undefined || !Object.is(sample, before)) {
      if (k % STEPS_PER_PIECE === 0) yield;
      before = sample;
      counter = counters.of(withLabel(series.labels, label, formatSample(sample)));
    }
    counter.values[k]++;
    counter.present[k] = 1;
  }
}

function formatSample(sample: Sample): string {
  if (typeof sample === 'number') return formatFloatPlain(sample);
  // Divided by zero, custom buckets have NaN there, and upstream cannot write them.
  if (usesCustomBuckets(sample) && sample.zeroCount !== 0) {
    throw executionError('histograms with custom buckets have no zero bucket');
  }
  return formatHistogram(sample);
}

/** The counts of each group and value. */
class Counters {
  readonly #by: { readonly grouping: readonly string[]; readonly without: boolean };
  readonly #context: OperatorContext;
  readonly #keyOf: (labels: Labels) => string;
  readonly #counters = new Map<string, VectorSeries>();

  constructor(by: { readonly grouping: readonly string[]; readonly without: boolean }, context: OperatorContext) {
    this.#by = by;
    this.#context = context;
    this.#keyOf = groupKeys(by);
  }

  of(labels: Labels): VectorSeries {
    const key = this.#keyOf(labels);
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      const { steps, reserve } = this.#context;
      reserve?.(steps * BYTES_PER_STEP);
      counter = { labels: groupLabels(labels, this.#by), dropName: false, ...createColumn(steps) };
      this.#counters.set(key, counter);
    }
    return counter;
  }

  all(): VectorSeries[] {
    return [...this.#counters.values()];
  }
}
