import type { SubqueryExpr } from '#shared/promql/syntax/ast.ts';
import { atTime, ms } from './fetch.ts';
import type { ReferenceTimes } from './instant-selector.ts';
import { createScope, type Scope, stepTimeMs } from './scope.ts';
import type { RangeSeries, Value } from './value.ts';

/** Where the windows of a range selector or subquery end. */
export function referenceTimes({ offset, at }: Pick<SubqueryExpr, 'offset' | 'at'>, scope: Scope): ReferenceTimes {
  if (at !== undefined) return { firstMs: atTime(at) - ms(offset), stepMs: 0 };
  return { firstMs: scope.startMs - ms(offset), stepMs: scope.stepMs };
}

/** The steps of a subquery's inside: the multiples of its own step in all windows together, the left end exclusive.
 *  @see prometheus/promql/engine.go subqueryEvaluationTimes */
export function subqueryScope(expr: SubqueryExpr, scope: Scope, defaultStepMs: number): Scope {
  const times = referenceTimes(expr, scope);
  const stepMs = ms(expr.step) || defaultStepMs;
  const afterMs = times.firstMs - ms(expr.range);
  let startMs = stepMs * Math.trunc(afterMs / stepMs);
  if (startMs <= afterMs) startMs += stepMs;
  return createScope(startMs, times.firstMs + Math.max(0, scope.steps - 1) * times.stepMs, stepMs);
}

/** The steps of a vector as samples of a range vector. */
export function toRangeSeries(value: Value, scope: Scope): RangeSeries[] {
  if (value.kind !== 'vector') throw new TypeError(`Cannot take a range of a ${value.kind}, expected a vector`);
  let allTimesMs: Float64Array | undefined;
  return value.series.map(({ labels, dropName, values, present }) => {
    if (!present.includes(0)) {
      allTimesMs ??= Float64Array.from({ length: scope.steps }, (_, k) => stepTimeMs(scope, k));
      return { labels, dropName, timestampsMs: allTimesMs, values };
    }
    const steps = [...present.keys()].filter((k) => present[k] === 1);
    const timestampsMs = Float64Array.from(steps, (k) => stepTimeMs(scope, k));
    return { labels, dropName, timestampsMs, values: Float64Array.from(steps, (k) => values[k]) };
  });
}

/** Counts for each step of `outer` the samples read for the steps of `inner` that its window holds.
 *  @param windows Where the windows end. */
export function addSamplesOfWindows(inner: Scope, outer: Scope, windows: ReferenceTimes, rangeMs: number): void {
  const totals = new Float64Array(inner.steps + 1);
  for (let k = 0; k < inner.steps; k++) totals[k + 1] = totals[k] + inner.samplesPerStep[k];
  const countUpTo = (timeMs: number): number => {
    const steps = Math.floor((timeMs - inner.startMs) / inner.stepMs) + 1;
    return Math.min(inner.steps, Math.max(0, steps));
  };
  for (let k = 0; k < outer.steps; k++) {
    const endMs = windows.firstMs + k * windows.stepMs;
    outer.samplesPerStep[k] += totals[countUpTo(endMs)] - totals[countUpTo(endMs - rangeMs)];
  }
}
