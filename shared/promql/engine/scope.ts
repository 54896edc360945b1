/** The steps an expression is evaluated at: `startMs`, `startMs + stepMs`, … */
export interface Scope {
  readonly startMs: number;
  /** As asked for: the last step may be before it. */
  readonly endMs: number;
  /** At least 1. */
  readonly stepMs: number;
  /** 0 where there is nothing to evaluate, such as a subquery whose range holds no multiple of its step. */
  readonly steps: number;
  /** Samples looked at in each step, for the statistics: filled while evaluating. */
  readonly samplesPerStep: Float64Array;
  /** Samples that no earlier step has looked at, for the statistics too. */
  readonly samplesReadPerStep: Float64Array;
}

/** Memory of a scope a step. */
export const SCOPE_STEP_BYTES = 16;

/** The number of steps from `startMs` to `endMs`, both inclusive. */
export function countSteps(startMs: number, endMs: number, stepMs: number): number {
  return endMs < startMs ? 0 : Math.floor((endMs - startMs) / stepMs) + 1;
}

/** The steps from `startMs` to `endMs`, both inclusive. */
export function createScope(startMs: number, endMs: number, stepMs: number): Scope {
  const steps = countSteps(startMs, endMs, stepMs);
  return {
    startMs,
    endMs,
    stepMs,
    steps,
    samplesPerStep: new Float64Array(steps),
    samplesReadPerStep: new Float64Array(steps),
  };
}

/** Unix milliseconds of step `k`. */
export function stepTimeMs(scope: Scope, k: number): number {
  return scope.startMs + k * scope.stepMs;
}

/** Unix milliseconds of all steps. */
export function stepTimesMs({ startMs, stepMs, steps }: Scope): Float64Array {
  const times = new Float64Array(steps);
  for (let k = 0; k < steps; k++) times[k] = startMs + k * stepMs;
  return times;
}
