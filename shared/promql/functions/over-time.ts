import { isInfinite } from '#shared/model/float.ts';
import { type KahanSum, kahanAdd } from '#shared/model/kahan.ts';
import { invalidIntegralStrategy } from '#shared/promql/engine/annotations.ts';
import { formatGoF } from '#shared/promql/engine/go-format.ts';
import { executionError } from '#shared/promql/engine/query-error.ts';
import { setHistogram } from '#shared/promql/engine/value.ts';
import { perWindow, type RangeFunction, type WindowFunction, type Windows } from './range-function.ts';
import { ofFloats } from './split-windows.ts';

/** @see prometheus/promql/functions.go funcDoubleExponentialSmoothing */
const smooth: WindowFunction = ({ series: { values }, scalars }, from, to, k) => {
  if (to - from < 2) return undefined;
  const smoothing = scalars[0][k];
  const trendFactor = scalars[1][k];
  let previous = 0;
  let smoothed = values[from];
  let trend = values[from + 1] - values[from];
  for (let i = from + 1; i < to; i++) {
    const scaled = smoothing * values[i];
    if (i > from + 1) trend = trendFactor * (smoothed - previous) + (1 - trendFactor) * trend;
    const y = (1 - smoothing) * (smoothed + trend);
    previous = smoothed;
    smoothed = scaled + y;
  }
  return smoothed;
};

const smoothFloats = ofFloats(perWindow(smooth));

/** @throws {QueryError} When a factor is not between 0 and 1, exclusive, and there is anything to smooth. */
const doubleExponentialSmoothing: RangeFunction = (windows, out) => {
  const { from, to, scalars } = windows;
  for (let k = 0; k < from.length; k++) {
    if (from[k] === to[k]) continue;
    checkFactor('smoothing', 'sf', scalars[0][k]);
    checkFactor('trend', 'tf', scalars[1][k]);
  }
  smoothFloats(windows, out);
};

/** NaN passes, as it does upstream: no comparison holds for it. */
function checkFactor(name: 'smoothing' | 'trend', symbol: 'sf' | 'tf', factor: number): void {
  if (factor <= 0 || factor >= 1) {
    throw executionError(`invalid ${name} factor. Expected: 0 < ${symbol} < 1, got: ${formatGoF(factor)}`);
  }
}

type Integrate = (before: number, after: number, interval: number, state: KahanSum) => void;

/** The area under the line of samples; a NaN counts as 0.
 *  @see prometheus/promql/functions.go funcIntegral */
const integral: WindowFunction = (windows, from, to, k) => {
  const { values, timestampsMs } = windows.series;
  const area: KahanSum = { sum: 0, compensation: 0 };
  const integrate = integrationRule(windows, k);
  for (let i = from + 1; i < to; i++) {
    integrate(nanAsZero(values[i - 1]), nanAsZero(values[i]), (timestampsMs[i] - timestampsMs[i - 1]) / 1000, area);
  }
  return isInfinite(area.sum) ? area.sum : area.sum + area.compensation;
};

function integrationRule({ scalars, call, annotate }: Windows, k: number): Integrate {
  if (scalars.length === 0) return trapezoidal;
  const strategy = scalars[0][k];
  if (strategy === 0) return (before, _after, interval, state) => addRectangle(before, interval, state);
  if (strategy === 1) return (_before, after, interval, state) => addRectangle(after, interval, state);
  if (strategy !== 2) annotate(invalidIntegralStrategy(strategy, call.args[1].span));
  return trapezoidal;
}

function addRectangle(height: number, interval: number, state: KahanSum): void {
  if (height !== 0) kahanAdd(state, height * interval);
}

function trapezoidal(before: number, after: number, interval: number, state: KahanSum): void {
  if (before === 0 && after === 0) return;
  let middle: KahanSum = { sum: before, compensation: 0 };
  kahanAdd(middle, after);
  if (isInfinite(middle.sum) && !isInfinite(after) && !isInfinite(before)) {
    middle = { sum: before / 2, compensation: 0 };
    kahanAdd(middle, after / 2);
  } else {
    middle.sum /= 2;
    middle.compensation /= 2;
  }
  if (middle.sum === 0 && middle.compensation === 0) return;
  state.compensation += middle.compensation * interval;
  kahanAdd(state, middle.sum * interval);
}

function nanAsZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

/** A function that is one of the samples, float or histogram. */
function selecting(pick: (from: number, to: number) => number): RangeFunction {
  return ({ series: { values, histograms }, from, to }, out) => {
    for (let k = 0; k < from.length; k++) {
      if (from[k] === to[k]) continue;
      const index = pick(from[k], to[k]);
      const histogram = histograms?.[index];
      if (histogram !== undefined) {
        setHistogram(out, k, histogram);
        continue;
      }
      out.values[k] = values[index];
      out.present[k] = 1;
    }
  };
}

export const OVER_TIME_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  count_over_time: perWindow((_windows, from, to) => to - from),
  first_over_time: selecting((from) => from),
  last_over_time: selecting((_from, to) => to - 1),
  present_over_time: perWindow(() => 1),
  // What absent_over_time looks for is turned round when all series are known.
  absent_over_time: perWindow(() => 1),
  ts_of_first_over_time: perWindow(({ series }, from) => series.timestampsMs[from] / 1000),
  ts_of_last_over_time: perWindow(({ series }, _from, to) => series.timestampsMs[to - 1] / 1000),
  double_exponential_smoothing: doubleExponentialSmoothing,
  integral: ofFloats(perWindow(integral)),
};
