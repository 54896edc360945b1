import type { AggregateExpr } from '#shared/promql/syntax/ast.ts';
import type { SimpleAggregation } from './aggregate.ts';
import { type Annotation, histogramIgnoredInAggregation } from './annotations.ts';
import { averageAccumulator, sumAccumulator } from './float-sum.ts';
import { HistogramSums } from './histogram-sum.ts';
import { allPresent, type Column, type VectorSeries } from './value.ts';

/** The running aggregates of one group at all steps; used for one group after the other. */
export interface GroupAccumulator {
  /** Adds a series to the group. */
  add(series: VectorSeries): void;
  /** The aggregates of the group. The next series belongs to another one. */
  finish(): Column;
}

/** Such aggregates of floats alone. */
export interface FloatAccumulator {
  /** Samples seen at each step; to be set to 0 for the next group. */
  readonly count: Int32Array;
  add(values: Float64Array, present: Uint8Array): void;
  /** The aggregates, where `count` is not 0, as a new array. */
  finish(): Float64Array;
}

export interface AccumulatorOptions {
  readonly expr: AggregateExpr;
  readonly annotate: (annotation: Annotation) => void;
}

/** What aggregates the groups of an expression, each at `steps` steps. */
export function createAccumulator(op: SimpleAggregation, steps: number, options: AccumulatorOptions): GroupAccumulator {
  switch (op) {
    case 'sum':
      return new HistogramSums(sumAccumulator(steps), steps, { ...options, isMean: false });
    case 'avg':
      return new HistogramSums(averageAccumulator(steps), steps, { ...options, isMean: true });
    case 'min':
      return ofFloats(op, minimumAccumulator(steps), options);
    case 'max':
      return ofFloats(op, maximumAccumulator(steps), options);
    case 'count':
      return ofAll(countAccumulator(steps));
    case 'group':
      return ofAll(groupAccumulator(steps));
    case 'stdvar':
      return ofFloats(op, varianceAccumulator(steps), options);
    case 'stddev':
      return ofFloats(op, deviationAccumulator(steps), options);
  }
}

/** Counts samples of any type. */
function ofAll(accumulator: FloatAccumulator): GroupAccumulator {
  return {
    add: ({ values, present }) => accumulator.add(values, present),
    finish: () => floatColumn(accumulator),
  };
}

/** Leaves histograms out, with a remark. */
function ofFloats(
  op: SimpleAggregation,
  accumulator: FloatAccumulator,
  { expr, annotate }: AccumulatorOptions,
): GroupAccumulator {
  return {
    add(series) {
      const present = floatPresence(series, () => annotate(histogramIgnoredInAggregation(op, expr.expr.span)));
      accumulator.add(series.values, present);
    },
    finish: () => floatColumn(accumulator),
  };
}

/** At which steps a column has floats. @param ignored Called when it has histograms. */
export function floatPresence({ present, histograms }: Column, ignored: () => void): Uint8Array {
  if (histograms === undefined) return present;
  const floats = present.map((bit, k) => (histograms[k] === undefined ? bit : 0));
  if (present.some((bit, k) => bit !== floats[k])) ignored();
  return floats;
}

/** The aggregates of a group of floats. */
export function floatColumn(accumulator: FloatAccumulator): Column {
  const { count } = accumulator;
  const values = accumulator.finish();
  const present = count.includes(0)
    ? Uint8Array.from(count, (samples) => (samples > 0 ? 1 : 0))
    : allPresent(count.length);
  count.fill(0);
  return { values, present };
}

/** NaN gives way to any number. */
function minimumAccumulator(steps: number): FloatAccumulator {
  const count = new Int32Array(steps);
  const best = new Float64Array(steps);
  return {
    count,
    add(values, present) {
      for (let k = 0; k < values.length; k++) {
        if (present[k] === 0) continue;
        const before = best[k];
        if (count[k]++ === 0 || before > values[k] || Number.isNaN(before)) best[k] = values[k];
      }
    },
    finish: () => best.slice(),
  };
}

function maximumAccumulator(steps: number): FloatAccumulator {
  const count = new Int32Array(steps);
  const best = new Float64Array(steps);
  return {
    count,
    add(values, present) {
      for (let k = 0; k < values.length; k++) {
        if (present[k] === 0) continue;
        const before = best[k];
        if (count[k]++ === 0 || before < values[k] || Number.isNaN(before)) best[k] = values[k];
      }
    },
    finish: () => best.slice(),
  };
}

function countAccumulator(steps: number): FloatAccumulator {
  const count = new Int32Array(steps);
  return {
    count,
    add(_values, present) {
      for (let k = 0; k < present.length; k++) count[k] += present[k];
    },
    finish: () => Float64Array.from(count),
  };
}

function groupAccumulator(steps: number): FloatAccumulator {
  return { ...countAccumulator(steps), finish: () => new Float64Array(steps).fill(1) };
}

/** Welford's method. A group whose first sample is not finite has no variance.
 *  @see prometheus/promql/engine.go aggregation STDVAR */
function varianceAccumulator(steps: number): FloatAccumulator {
  const count = new Int32Array(steps);
  const means = new Float64Array(steps);
  const squares = new Float64Array(steps);
  return {
    count,
    add(values, present) {
      for (let k = 0; k < values.length; k++) {
        if (present[k] === 0) continue;
        const value = values[k];
        if (count[k]++ === 0) {
          means[k] = value;
          squares[k] = Number.isFinite(value) ? 0 : Number.NaN;
          continue;
        }
        const delta = value - means[k];
        means[k] += delta / count[k];
        squares[k] += delta * (value - means[k]);
      }
    },
    finish: () => squares.map((square, k) => square / count[k]),
  };
}

function deviationAccumulator(steps: number): FloatAccumulator {
  const variances = varianceAccumulator(steps);
  return { ...variances, finish: () => variances.finish().map(Math.sqrt) };
}
