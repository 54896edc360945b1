import type { SimpleAggregation } from './aggregate.ts';
import type { Column } from './value.ts';

/** The running aggregates of all groups at all steps: group g at step k has the place `g * steps + k`. */
export interface Accumulator {
  /** Samples seen at each place. */
  readonly count: Int32Array;
  /** Adds a series to the group whose places begin at `offset`. */
  add(column: Column, offset: number): void;
  /** The aggregates, where `count` is not 0. */
  finish(): Float64Array;
}

/** @param places Groups times steps. */
export function createAccumulator(op: SimpleAggregation, places: number): Accumulator {
  switch (op) {
    case 'sum':
      return sumAccumulator(places);
    case 'avg':
      return averageAccumulator(places);
    case 'min':
      return extremeAccumulator(places, (value, best) => best > value || Number.isNaN(best));
    case 'max':
      return extremeAccumulator(places, (value, best) => best < value || Number.isNaN(best));
    case 'count':
      return countAccumulator(places, (count) => count);
    case 'group':
      return countAccumulator(places, () => 1);
    case 'stdvar':
      return varianceAccumulator(places, (variance) => variance);
    case 'stddev':
      return varianceAccumulator(places, Math.sqrt);
  }
}

function isInfinite(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}

/** Kahan–Neumaier for each place, starting with the first sample.
 *  @see prometheus/util/kahansum/kahansum.go */
function sumAccumulator(places: number): Accumulator {
  const count = new Int32Array(places);
  const sums = new Float64Array(places);
  const compensations = new Float64Array(places);
  return {
    count,
    add({ values, present }, offset) {
      for (let k = 0; k < values.length; k++) {
        if (present[k] === 0) continue;
        const at = offset + k;
        const value = values[k];
        if (count[at]++ === 0) {
          sums[at] = value;
          continue;
        }
        const sum = sums[at];
        const total = sum + value;
        if (isInfinite(total)) compensations[at] = 0;
        else if (Math.abs(sum) >= Math.abs(value)) compensations[at] += sum - total + value;
        else compensations[at] += value - total + sum;
        sums[at] = total;
      }
    },
    finish: () => sums.map((sum, at) => sum + compensations[at]),
  };
}

/** The mean of sums, and from where a sum would overflow the incremental mean. */
function averageAccumulator(places: number): Accumulator {
  const count = new Int32Array(places);
  const sums = new Float64Array(places);
  const compensations = new Float64Array(places);
  const incremental = new Uint8Array(places);
  const kahan = (at: number, sum: number, compensation: number, value: number): void => {
    const total = sum + value;
    if (isInfinite(total)) compensations[at] = 0;
    else if (Math.abs(sum) >= Math.abs(value)) compensations[at] = compensation + (sum - total + value);
    else compensations[at] = compensation + (value - total + sum);
    sums[at] = total;
  };
  const addToMean = (at: number, value: number): void => {
    const n = count[at];
    const weight = (n - 1) / n;
    kahan(at, weight * sums[at], weight * compensations[at], value / n);
  };
  return {
    count,
    add({ values, present }, offset) {
      for (let k = 0; k < values.length; k++) {
        if (present[k] === 0) continue;
        const at = offset + k;
        const value = values[k];
        if (count[at]++ === 0) {
          sums[at] = value;
        } else if (incremental[at] === 1) {
          addToMean(at, value);
        } else if (isInfinite(sums[at] + value)) {
          incremental[at] = 1;
          sums[at] /= count[at] - 1;
          compensations[at] /= count[at] - 1;
          addToMean(at, value);
        } else {
          kahan(at, sums[at], compensations[at], value);
        }
      }
    },
    finish: () =>
      sums.map((sum, at) => {
        if (incremental[at] === 1) return sum + compensations[at];
        return sum / count[at] + compensations[at] / count[at];
      }),
  };
}

/** NaN gives way to any number. */
function extremeAccumulator(places: number, replaces: (value: number, best: number) => boolean): Accumulator {
  const count = new Int32Array(places);
  const best = new Float64Array(places);
  return {
    count,
    add({ values, present }, offset) {
      for (let k = 0; k < values.length; k++) {
        if (present[k] === 0) continue;
        const at = offset + k;
        if (count[at]++ === 0 || replaces(values[k], best[at])) best[at] = values[k];
      }
    },
    finish: () => best,
  };
}

function countAccumulator(places: number, result: (count: number) => number): Accumulator {
  const count = new Int32Array(places);
  return {
    count,
    add({ present }, offset) {
      for (let k = 0; k < present.length; k++) count[offset + k] += present[k];
    },
    finish: () => Float64Array.from(count, result),
  };
}

/** Welford's method. A group whose first sample is not finite has no variance.
 *  @see prometheus/promql/engine.go aggregation STDVAR */
function varianceAccumulator(places: number, result: (variance: number) => number): Accumulator {
  const count = new Int32Array(places);
  const means = new Float64Array(places);
  const squares = new Float64Array(places);
  return {
    count,
    add({ values, present }, offset) {
      for (let k = 0; k < values.length; k++) {
        if (present[k] === 0) continue;
        const at = offset + k;
        const value = values[k];
        if (count[at]++ === 0) {
          means[at] = value;
          squares[at] = Number.isFinite(value) ? 0 : Number.NaN;
          continue;
        }
        const delta = value - means[at];
        means[at] += delta / count[at];
        squares[at] += delta * (value - means[at]);
      }
    },
    finish: () => squares.map((square, at) => result(square / count[at])),
  };
}
