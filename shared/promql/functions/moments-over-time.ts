import { isInfinite } from '#shared/model/float.ts';
import { type KahanSum, kahanAdd } from '#shared/model/kahan.ts';
import { mixedFloatsHistograms } from '#shared/promql/engine/annotations.ts';
import { setHistogram } from '#shared/promql/engine/value.ts';
import { type HistogramWindow, meanHistogram, sumHistograms } from './histogram-over-time.ts';
import { firstArgSpan, metricName, perWindow, type RangeFunction, type WindowFunction } from './range-function.ts';
import { countHistograms, ofFloats } from './split-windows.ts';

// Sums are made anew for every window, in the order of time, as upstream does: a sliding sum would differ in its bits.
// The loops are kahanAdd written out, and without a look at infinity: where a sum becomes infinite what it lost becomes
// infinite or NaN and stays so, and then it is made once more with care.

/** @see prometheus/promql/functions.go funcSumOverTime */
const sumFloats: WindowFunction = ({ series: { values } }, from, to) => {
  let sum = 0;
  let lost = 0;
  for (let i = from; i < to; i++) {
    const value = values[i];
    const total = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
    sum = total;
  }
  return Number.isFinite(lost) ? sum + lost : sumWithCare(values, from, to);
};

function sumWithCare(values: Float64Array, from: number, to: number): number {
  const state: KahanSum = { sum: 0, compensation: 0 };
  for (let i = from; i < to; i++) kahanAdd(state, values[i]);
  return isInfinite(state.sum) ? state.sum : state.sum + state.compensation;
}

/** @see prometheus/promql/functions.go funcAvgOverTime */
const meanFloats: WindowFunction = ({ series: { values } }, from, to) => {
  let sum = values[from];
  let lost = 0;
  for (let i = from + 1; i < to; i++) {
    const value = values[i];
    const total = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
    sum = total;
  }
  const count = to - from;
  return Number.isFinite(lost) ? sum / count + lost / count : meanWithCare(values, from, to);
};

/** The plain mean, or the incremental one from where the sum would overflow. */
function meanWithCare(values: Float64Array, from: number, to: number): number {
  const state: KahanSum = { sum: values[from], compensation: 0 };
  for (let i = from + 1; i < to; i++) {
    const before = { ...state };
    kahanAdd(state, values[i]);
    if (isInfinite(state.sum)) return incrementalMean(values, i, to, { ...before, count: i - from });
  }
  return state.sum / (to - from) + state.compensation / (to - from);
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
const variance: WindowFunction = ({ series: { values } }, from, to) => {
  let mean = 0;
  let meanLost = 0;
  let squares = 0;
  let squaresLost = 0;
  for (let i = from; i < to; i++) {
    const value = values[i];
    const delta = value - (mean + meanLost);
    const part = delta / (i - from + 1);
    const nextMean = mean + part;
    meanLost += Math.abs(mean) >= Math.abs(part) ? mean - nextMean + part : part - nextMean + mean;
    mean = nextMean;
    const square = delta * (value - (mean + meanLost));
    const nextSquares = squares + square;
    squaresLost +=
      Math.abs(squares) >= Math.abs(square) ? squares - nextSquares + square : square - nextSquares + squares;
    squares = nextSquares;
  }
  if (Number.isFinite(meanLost) && Number.isFinite(squaresLost)) return (squares + squaresLost) / (to - from);
  return varianceWithCare(values, from, to);
};

function varianceWithCare(values: Float64Array, from: number, to: number): number {
  const mean: KahanSum = { sum: 0, compensation: 0 };
  const squares: KahanSum = { sum: 0, compensation: 0 };
  for (let i = from; i < to; i++) {
    const delta = values[i] - (mean.sum + mean.compensation);
    kahanAdd(mean, delta / (i - from + 1));
    kahanAdd(squares, delta * (values[i] - (mean.sum + mean.compensation)));
  }
  return (squares.sum + squares.compensation) / (to - from);
}

/** Of floats or of histograms; nothing where a window has both. */
function ofEither(floats: WindowFunction, histograms: HistogramWindow): RangeFunction {
  return (windows, out) => {
    const { series, from, to, annotate, call } = windows;
    if (series.histograms === undefined) return perWindow(floats)(windows, out);
    const before = countHistograms(series.histograms);
    for (let k = 0; k < from.length; k++) {
      const size = to[k] - from[k];
      const count = before[to[k]] - before[from[k]];
      if (size === 0) continue;
      if (count === size) {
        const result = histograms(windows, from[k], to[k]);
        if (result !== undefined) setHistogram(out, k, result);
      } else if (count > 0) {
        annotate(mixedFloatsHistograms(metricName(windows), firstArgSpan(call)));
      } else {
        out.values[k] = floats(windows, from[k], to[k], k)!;
        out.present[k] = 1;
      }
    }
  };
}

export const MOMENT_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  sum_over_time: ofEither(sumFloats, sumHistograms),
  avg_over_time: ofEither(meanFloats, meanHistogram),
  stdvar_over_time: ofFloats(perWindow(variance)),
  stddev_over_time: ofFloats(perWindow((windows, from, to, k) => Math.sqrt(variance(windows, from, to, k)!))),
};
