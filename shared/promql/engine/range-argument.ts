import type { MatrixSelector, VectorSelector } from '#shared/promql/syntax/ast.ts';
import type { Evaluation } from './evaluation.ts';
import { extendSamples } from './extended-samples.ts';
import { ms } from './fetch.ts';
import type { ReferenceTimes } from './instant-selector.ts';
import type { Scope } from './scope.ts';
import { samplesWeight } from './size.ts';
import { referenceTimes } from './subquery.ts';
import type { MatrixValue, RangeSeries } from './value.ts';
import { WindowFinder, type WindowMargin } from './window.ts';

/** A range vector that a function is applied to, and where its windows end. */
export interface RangeArgument {
  readonly length: number;
  /** The samples of one of the series. */
  readonly at: (index: number) => RangeSeries;
  readonly times: ReferenceTimes;
  readonly rangeMs: number;
  /** The inside of a subquery counts its samples itself. */
  readonly countsSamples: boolean;
  readonly extended?: 'anchored' | 'smoothed';
}

/** The range vector that a selector selects. */
export function selectorArgument(
  { vectorSelector, range }: MatrixSelector,
  scope: Scope,
  { selected }: Evaluation,
): RangeArgument {
  const set = selected.of(vectorSelector);
  return {
    length: set.series.length,
    at: (index) => set.range(index),
    times: referenceTimes(vectorSelector, scope),
    rangeMs: ms(range),
    countsSamples: true,
    extended: extensionOf(vectorSelector),
  };
}

function extensionOf({ anchored, smoothed }: VectorSelector): RangeArgument['extended'] {
  if (anchored) return 'anchored';
  return smoothed ? 'smoothed' : undefined;
}

/** The samples around a window that a modifier needs. */
export function windowMargin({ extended }: RangeArgument, lookbackMs: number): WindowMargin {
  return {
    beforeMs: extended === undefined ? 0 : lookbackMs,
    afterMs: extended === 'smoothed' ? lookbackMs : 0,
  };
}

/** The samples in the windows of the only step: of a range vector that is the whole query.
 *  @throws {QueryError} */
export async function matrixOf(argument: RangeArgument, scope: Scope, evaluation: Evaluation): Promise<MatrixValue> {
  const { limits, lookbackMs } = evaluation;
  const margin = windowMargin(argument, lookbackMs);
  const finder = new WindowFinder(1, argument.times, argument.rangeMs, { margin });
  const series: RangeSeries[] = [];
  for (let i = 0; i < argument.length; i++) {
    if (limits.due()) await limits.pause();
    const one = argument.at(i);
    const { from, to } = finder.find(one.timestampsMs);
    const inWindow = samplesBetween(one, from[0], to[0]);
    limits.hold(samplesWeight(inWindow, 0, inWindow.values.length));
    const shown = extend(inWindow, argument);
    if (shown.values.length === 0) continue;
    const weight = samplesWeight(shown, 0, shown.values.length);
    scope.samplesPerStep[0] += weight;
    scope.samplesReadPerStep[0] += weight;
    series.push(shown);
  }
  return { kind: 'matrix', series };
}

function extend(series: RangeSeries, { times, rangeMs, extended }: RangeArgument): RangeSeries {
  if (extended === undefined) return series;
  return extendSamples(series, { startMs: times.firstMs - rangeMs, endMs: times.firstMs, extended });
}

function samplesBetween(series: RangeSeries, from: number, to: number): RangeSeries {
  const { timestampsMs, values, histograms, startTimestampsMs } = series;
  return {
    labels: series.labels,
    dropName: series.dropName,
    timestampsMs: timestampsMs.subarray(from, to),
    values: values.subarray(from, to),
    histograms: histograms?.slice(from, to),
    startTimestampsMs: startTimestampsMs?.subarray(from, to),
  };
}
