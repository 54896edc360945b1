import { type KahanSum, kahanAdd } from '#shared/model/kahan.ts';
import { perWindow, type RangeFunction, type Windows } from './range-function.ts';
import { ofFloats } from './split-windows.ts';

interface Line {
  /** Per second. */
  readonly slope: number;
  /** The value at the time asked for. */
  readonly intercept: number;
}

/** The least-squares line through the samples of a window.
 *  @see prometheus/promql/functions.go linearRegression */
function regress({ series: { timestampsMs, values } }: Windows, from: number, to: number, interceptMs: number): Line {
  const sums = { x: zero(), y: zero(), xy: zero(), xx: zero() };
  let constant = true;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (value !== values[from] && i > from) constant = false;
    const x = (timestampsMs[i] - interceptMs) / 1000;
    kahanAdd(sums.x, x);
    kahanAdd(sums.y, value);
    kahanAdd(sums.xy, x * value);
    kahanAdd(sums.xx, x * x);
  }
  if (constant) return constantLine(values[from]);
  const n = to - from;
  const sumX = total(sums.x);
  const sumY = total(sums.y);
  const slope = (total(sums.xy) - (sumX * sumY) / n) / (total(sums.xx) - (sumX * sumX) / n);
  return { slope, intercept: sumY / n - (slope * sumX) / n };
}

function constantLine(value: number): Line {
  if (Math.abs(value) === Number.POSITIVE_INFINITY) return { slope: Number.NaN, intercept: Number.NaN };
  return { slope: 0, intercept: value };
}

function zero(): KahanSum {
  return { sum: 0, compensation: 0 };
}

function total(state: KahanSum): number {
  return state.sum + state.compensation;
}

export const REGRESSION_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  // Times count from the first sample: large numbers would cost precision.
  deriv: ofFloats(
    perWindow((windows, from, to) => {
      if (to - from < 2) return undefined;
      return regress(windows, from, to, windows.series.timestampsMs[from]).slope;
    }),
  ),
  predict_linear: ofFloats(
    perWindow((windows, from, to, k) => {
      if (to - from < 2) return undefined;
      const { scope, scalars } = windows;
      const { slope, intercept } = regress(windows, from, to, scope.startMs + k * scope.stepMs);
      return slope * scalars[0][k] + intercept;
    }),
  ),
};
