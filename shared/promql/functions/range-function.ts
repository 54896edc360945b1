import type { Annotation } from '#shared/promql/engine/annotations.ts';
import type { Scope } from '#shared/promql/engine/scope.ts';
import type { Column, RangeSeries } from '#shared/promql/engine/value.ts';
import type { Call } from '#shared/promql/syntax/ast.ts';

/** One series and its windows: at step k the samples `from[k]` up to and without `to[k]`. */
export interface Windows {
  readonly series: RangeSeries;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly scope: Scope;
  /** Width of a window. */
  readonly rangeMs: number;
  /** Where the window of step k ends, inclusive; it starts `rangeMs` before, exclusive. */
  readonly endMs: (k: number) => number;
  /** The values of the scalar arguments at each step, in order. */
  readonly scalars: readonly Float64Array[];
  readonly call: Call;
  readonly annotate: (annotation: Annotation) => void;
}

/** Computes a function of a range vector for one series at all steps. Writes only the steps it has a value for. */
export type RangeFunction = (windows: Windows, out: Column) => void;

/** The value of one window: the samples `from` up to and without `to`, at least one.
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
