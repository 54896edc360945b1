import { invalidIntegralStrategy, invalidQuantile } from '#shared/promql/engine/annotations.ts';
import { formatGoF } from '#shared/promql/engine/go-format.ts';
import { executionError } from '#shared/promql/engine/query-error.ts';
import { type KahanSum, kahanAdd } from './kahan.ts';
import { quantile } from './quantile.ts';
import { perWindow, type RangeFunction, type WindowFunction, type Windows } from './range-function.ts';

/** Sums are made anew for every window, in the order of time, as upstream does: a sliding sum would differ in its bits.
 *  The loops of sum and avg are kahanAdd written out: they run for every sample of every window. */
const sumOverTime: WindowFunction = ({ series: { values } }, from, to) => {
  let sum = 0;
  let compensation = 0;
  for (let i = from; i < to; i++) {
    const value = values[i];
    const total = sum + value;
    if (isInfinite(total)) compensation = 0;
    else if (Math.abs(sum) >= Math.abs(value)) compensation += sum - total + value;
    else compensation += value - total + sum;
    sum = total;
  }
  return isInfinite(sum) ? sum : sum + compensation;
};

/** The plain mean, or the incremental one from where the sum would overflow.
 *  @see prometheus/promql/functions.go funcAvgOverTime */
const avgOverTime: WindowFunction = ({ series: { values } }, from, to) => {
  let sum = values[from];
  let compensation = 0;
  for (let i = from + 1; i < to; i++) {
    const value = values[i];
    const total = sum + value;
    if (isInfinite(total)) return incrementalMean(values, i, to, { sum, compensation, count: i - from });
    if (Math.abs(sum) >= Math.abs(value)) compensation += sum - total + value;
    else compensation += value - total + sum;
    sum = total;
  }
  const count = to - from;
  return sum / count + compensation / count;
};

function isInfinite(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}

function incrementalMean(values: Float64Array, from: number, to: number, before: KahanSum & { count: number }): number {
  let count = before.count;
  const mean: KahanSum = { sum: before.sum / count, compensation: before.compensation / count };
  for (let i = from; i < to; i++) {
    count++;
    const weight = (count - 1) / count;
    mean.sum *= weight;
    mean.compensation *= weight;
    kahanAdd(mean, values[i] / count);
  }
  return mean.sum + mean.compensation;
}

/** @see prometheus/promql/functions.go varianceOverTime */
const varianceOverTime: WindowFunction = ({ series: { values } }, from, to) => {
  const mean: KahanSum = { sum: 0, compensation: 0 };
  const squares: KahanSum = { sum: 0, compensation: 0 };
  for (let i = from; i < to; i++) {
    const delta = values[i] - (mean.sum + mean.compensation);
    kahanAdd(mean, delta / (i - from + 1));
    kahanAdd(squares, delta * (values[i] - (mean.sum + mean.compensation)));
  }
  return (squares.sum + squares.compensation) / (to - from);
};

/** The extreme of each window by a monotonic queue: the samples that can still become one, oldest first. NaN gives way
 *  to any number.
 *  @param beats Whether a later value makes an earlier one useless. */
function extremeOverTime(beats: (later: number, earlier: number) => boolean): RangeFunction {
  return ({ series: { values }, from, to }, out) => {
    const queue = new Int32Array(values.length);
    let head = 0;
    let tail = 0;
    let next = from.length > 0 ? from[0] : 0;
    for (let k = 0; k < from.length; k++) {
      if (next < from[k]) {
        next = from[k];
        head = tail;
      }
      for (; next < to[k]; next++) {
        while (tail > head && beats(values[next], values[queue[tail - 1]])) tail--;
        queue[tail++] = next;
      }
      while (head < tail && queue[head] < from[k]) head++;
      if (from[k] === to[k]) continue;
      out.values[k] = values[queue[head]];
      out.present[k] = 1;
    }
  };
}

/** The time in seconds of the last extreme. */
function timeOfExtreme(replaces: (value: number, best: number) => boolean): WindowFunction {
  return ({ series: { values, timestampsMs } }, from, to) => {
    let best = from;
    for (let i = from; i < to; i++) if (replaces(values[i], values[best]) || Number.isNaN(values[best])) best = i;
    return timestampsMs[best] / 1000;
  };
}

const quantileOverTime: WindowFunction = (windows, from, to, k) => {
  const phi = windows.scalars[0][k];
  if (!(phi >= 0 && phi <= 1)) windows.annotate(invalidQuantile(phi, windows.call.args[0].span));
  return quantile(phi, windows.series.values.slice(from, to));
};

/** The median absolute deviation; NaN as soon as one sample is. */
const madOverTime: WindowFunction = ({ series: { values } }, from, to) => {
  const window = values.slice(from, to);
  if (window.some(Number.isNaN)) return Number.NaN;
  const median = quantile(0.5, window);
  return quantile(
    0.5,
    window.map((value) => Math.abs(value - median)),
  );
};

/** @throws {QueryError} When a factor is not between 0 and 1, exclusive. */
const doubleExponentialSmoothing: WindowFunction = ({ series: { values }, scalars }, from, to, k) => {
  const smoothing = checkedFactor('smoothing', 'sf', scalars[0][k]);
  const trendFactor = checkedFactor('trend', 'tf', scalars[1][k]);
  if (to - from < 2) return undefined;
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

/** NaN passes, as it does upstream: no comparison holds for it. */
function checkedFactor(name: 'smoothing' | 'trend', symbol: 'sf' | 'tf', factor: number): number {
  if (factor <= 0 || factor >= 1) {
    throw executionError(`invalid ${name} factor. Expected: 0 < ${symbol} < 1, got: ${formatGoF(factor)}`);
  }
  return factor;
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

export const OVER_TIME_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  sum_over_time: perWindow(sumOverTime),
  avg_over_time: perWindow(avgOverTime),
  count_over_time: perWindow((_windows, from, to) => to - from),
  min_over_time: extremeOverTime((later, earlier) => later < earlier || Number.isNaN(earlier)),
  max_over_time: extremeOverTime((later, earlier) => later > earlier || Number.isNaN(earlier)),
  stdvar_over_time: perWindow(varianceOverTime),
  stddev_over_time: perWindow((windows, from, to, k) => Math.sqrt(varianceOverTime(windows, from, to, k)!)),
  quantile_over_time: perWindow(quantileOverTime),
  mad_over_time: perWindow(madOverTime),
  first_over_time: perWindow(({ series }, from) => series.values[from]),
  last_over_time: perWindow(({ series }, _from, to) => series.values[to - 1]),
  present_over_time: perWindow(() => 1),
  // What absent_over_time looks for is turned round when all series are known.
  absent_over_time: perWindow(() => 1),
  ts_of_first_over_time: perWindow(({ series }, from) => series.timestampsMs[from] / 1000),
  ts_of_last_over_time: perWindow(({ series }, _from, to) => series.timestampsMs[to - 1] / 1000),
  ts_of_min_over_time: perWindow(timeOfExtreme((value, best) => value <= best)),
  ts_of_max_over_time: perWindow(timeOfExtreme((value, best) => value >= best)),
  double_exponential_smoothing: perWindow(doubleExponentialSmoothing),
  integral: perWindow(integral),
};
