import type { ReferenceTimes } from './instant-selector.ts';
import type { QueryLimits } from './limits.ts';
import type { Scope } from './scope.ts';
import { columnBytes } from './size.ts';

/** The samples of one series, as far as they are known to be floats and no stale markers. */
export type SampleTimes = Float64Array | undefined;

/** Steps that have a sample where at least `samples` (1 or 2) samples are no older than `coverMs`. */
export interface Coverage {
  readonly times: ReferenceTimes;
  readonly coverMs: number;
  readonly samples: 1 | 2;
}

/** Refuses a vector that is certain to have too many samples, or to take too much memory, before any of it is made: the
 *  making of a billion takes many seconds. What may fit is left to be counted as it is made.
 *  @param timesOf The series' times; `undefined` where a step with samples may be without a result.
 *  @throws {QueryError} */
export function refuseTooMany(
  { length, timesOf }: { readonly length: number; readonly timesOf: (index: number) => SampleTimes },
  scope: Scope,
  { coverage, limits }: { readonly coverage: Coverage; readonly limits: QueryLimits },
): void {
  if (!limits.mayExceed(length * scope.steps, length * columnBytes(scope.steps))) return;
  const known = new Map<Float64Array, number>();
  let samples = 0;
  let series = 0;
  for (let i = 0; i < length; i++) {
    const times = timesOf(i);
    if (times === undefined) continue;
    let steps = known.get(times);
    if (steps === undefined) known.set(times, (steps = leastSteps(times, scope.steps, coverage)));
    samples += steps;
    if (steps > 0) series++;
  }
  limits.refuse(samples, series * columnBytes(scope.steps));
}

/** At how many steps a series has a result, at least.
 *  @param timestampsMs Rising. */
export function leastSteps(timestampsMs: Float64Array, steps: number, { times, coverMs, samples }: Coverage): number {
  const { firstMs, stepMs } = times;
  if (stepMs === 0) return 0;
  const lastMs = firstMs + (steps - 1) * stepMs;
  const stepsBetween = (fromMs: number, toMs: number): number => {
    return Math.max(0, Math.floor((Math.min(toMs, lastMs) - Math.max(fromMs, firstMs)) / stepMs));
  };
  let count = 0;
  let [fromMs, toMs] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = samples - 1; i < timestampsMs.length; i++) {
    const startMs = timestampsMs[i];
    if (startMs > toMs) {
      count += stepsBetween(fromMs, toMs);
      fromMs = startMs;
    }
    toMs = Math.max(toMs, timestampsMs[i - samples + 1] + coverMs, startMs);
  }
  return count + stepsBetween(fromMs, toMs);
}
