import { getLabel, METRIC_NAME } from '#shared/model/labels.ts';
import type { Annotation } from '#shared/promql/engine/annotations.ts';
import type { Scope } from '#shared/promql/engine/scope.ts';
import type { GrowingColumn, RangeSeries } from '#shared/promql/engine/value.ts';
import type { Call, Span } from '#shared/promql/syntax/ast.ts';

/** One series and its windows: at step k the samples `from[k]` up to and without `to[k]`. Both rise with k. */
export interface Windows {
  /** Start times are there only where they are to be heeded (the flag `use-start-timestamps`). */
  readonly series: RangeSeries;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly scope: Scope;
  /** Width of a window. */
  readonly rangeMs: number;
  /** Where the window of step k ends, inclusive; it starts `rangeMs` before, exclusive. */
  readonly endMs: (k: number) => number;
  /** How a range selector with a modifier reaches beyond its window: `from` and `to` then include the samples of the
   *  lookback delta before the window and, when smoothed, of the lookback delta after it. `rangeMs` and `endMs` are of
   *  the window itself. */
  readonly extended?: 'anchored' | 'smoothed';
  readonly lookbackMs: number;
  /** The values of the scalar arguments at each step, in order. */
  readonly scalars: readonly Float64Array[];
  readonly call: Call;
  readonly annotate: (annotation: Annotation) => void;
}

/** Computes a function of a range vector for one series at all steps. Writes only the steps it has a value for. */
export type RangeFunction = (windows: Windows, out: GrowingColumn) => void;

/** The value of one window of floats: the samples `from` up to and without `to`, at least one.
 *  @returns `undefined` where the function has no value. */
export type WindowFunction = (windows: Windows, from: number, to: number, k: number) => number | undefined;

/** A function computed for each window on its own. */
export function perWindow(compute: WindowFunction): RangeFunction {
  return (windows, out) => {
    const { from, to } = windows;
    for (let k = 0; k < from.length; k++) {
      if (from[k] === to[k]) continue;
      const value = compute(windows, from[k], to[k], k);
      if (value === undefined) continue;
      out.values[k] = value;
      out.present[k] = 1;
    }
  };
}

/** The name of the series, as annotations tell it. */
export function metricName({ series }: Pick<Windows, 'series'>): string {
  return getLabel(series.labels, METRIC_NAME);
}

const NOWHERE: Span = { start: 0, end: 0 };

/** What annotations on the first argument point to. A subquery has no place in the text once it is evaluated, which
 *  shows as its very beginning.
 *  @see prometheus/promql/engine.go evalSubquery */
export function firstArgSpan({ args }: Call): Span {
  return args[0].kind === 'subquery' ? NOWHERE : args[0].span;
}

/** Seconds of whole milliseconds, added up as Go does.
 *  @see go/src/time/time.go Duration.Seconds */
export function durationSeconds(ms: number): number {
  return Math.trunc(ms / 1000) + ((ms % 1000) * 1e6) / 1e9;
}
