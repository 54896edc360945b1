/** The steps an expression is evaluated at: `startMs`, `startMs + stepMs`, … */
export interface Scope {
  readonly startMs: number;
  /** At least 1. */
  readonly stepMs: number;
  /** 0 where there is nothing to evaluate, such as a subquery whose range holds no multiple of its step. */
  readonly steps: number;
  /** Samples read at each step, for the statistics: filled while evaluating. */
  readonly samplesPerStep: Float64Array;
}

/** The steps from `startMs` to `endMs`, both inclusive. */
export function createScope(startMs: number, endMs: number, stepMs: number): Scope {
  const steps = endMs < startMs ? 0 : Math.floor((endMs - startMs) / stepMs) + 1;
  return { startMs, stepMs, steps, samplesPerStep: new Float64Array(steps) };
}

/** Unix milliseconds of step `k`. */
export function stepTimeMs(scope: Scope, k: number): number {
  return scope.startMs + k * scope.stepMs;
}
