import { isInfinite } from '#shared/model/float.ts';
import type { FloatAccumulator } from './accumulator.ts';

/** Kahan–Neumaier for each step, starting with the first sample.
 *  @see prometheus/util/kahansum/kahansum.go */
export function sumAccumulator(steps: number): FloatAccumulator {
  const count = new Int32Array(steps);
  const sums = new Float64Array(steps);
  const compensations = new Float64Array(steps);
  return {
    count,
    add(values, present) {
      for (let k = 0; k < values.length; k++) {
        if (present[k] === 0) continue;
        const value = values[k];
        if (count[k]++ === 0) {
          sums[k] = value;
          continue;
        }
        const sum = sums[k];
        const total = sum + value;
        if (isInfinite(total)) compensations[k] = 0;
        else if (Math.abs(sum) >= Math.abs(value)) compensations[k] += sum - total + value;
        else compensations[k] += value - total + sum;
        sums[k] = total;
      }
    },
    finish() {
      const totals = new Float64Array(steps);
      for (let k = 0; k < steps; k++) totals[k] = sums[k] + compensations[k];
      compensations.fill(0);
      return totals;
    },
  };
}

/** The mean of sums, and from where a sum would overflow the incremental mean.
 *  @see prometheus/promql/engine.go aggregation AVG */
export function averageAccumulator(steps: number): FloatAccumulator {
  const count = new Int32Array(steps);
  const sums = new Float64Array(steps);
  const compensations = new Float64Array(steps);
  const incremental = new Uint8Array(steps);
  const kahan = (k: number, sum: number, compensation: number, value: number): void => {
    const total = sum + value;
    if (isInfinite(total)) compensations[k] = 0;
    else if (Math.abs(sum) >= Math.abs(value)) compensations[k] = compensation + (sum - total + value);
    else compensations[k] = compensation + (value - total + sum);
    sums[k] = total;
  };
  const addToMean = (k: number, value: number): void => {
    const n = count[k];
    const weight = (n - 1) / n;
    kahan(k, weight * sums[k], weight * compensations[k], value / n);
  };
  const goOver = (k: number): void => {
    incremental[k] = 1;
    sums[k] /= count[k] - 1;
    compensations[k] /= count[k] - 1;
  };
  return {
    count,
    add(values, present) {
      for (let k = 0; k < values.length; k++) {
        if (present[k] === 0) continue;
        const value = values[k];
        if (count[k]++ === 0) {
          sums[k] = value;
        } else {
          if (incremental[k] === 0) {
            if (!isInfinite(sums[k] + value)) {
              kahan(k, sums[k], compensations[k], value);
              continue;
            }
            goOver(k);
          }
          addToMean(k, value);
        }
      }
    },
    finish() {
      const means = new Float64Array(steps);
      for (let k = 0; k < steps; k++) {
        if (incremental[k] === 1) means[k] = sums[k] + compensations[k];
        else means[k] = sums[k] / count[k] + compensations[k] / count[k];
      }
      compensations.fill(0);
      incremental.fill(0);
      return means;
    },
  };
}
