import { goLog, goLog2 } from '#shared/model/go-math.ts';
import { type Scope, stepTimeMs } from '#shared/promql/engine/scope.ts';
import type { VectorSeries } from '#shared/promql/engine/value.ts';
import { goExp } from './go-exp.ts';
import { goAcosh, goAsinh, goAtanh, goCosh, goSinh, goTanh } from './go-hyperbolic.ts';
import { goLog10, goMax, goMin } from './go-math.ts';
import { goAcos, goAsin, goAtan, goCos, goSin, goTan } from './go-trigonometry.ts';
import {
  type CallContext,
  labelsAfter,
  mapSamples,
  type StepFunction,
  scalarArg,
  vectorArg,
  vectorOf,
} from './step-function.ts';

function ofEachSample(compute: (value: number) => number): StepFunction {
  return (args, context) => mapSamples(vectorArg(args, 0), context, compute);
}

function constantColumn(steps: number, value: number): Float64Array {
  return new Float64Array(steps).fill(value);
}

function clamp(args: Parameters<StepFunction>[0], context: CallContext, low: Float64Array, high: Float64Array) {
  const kept = vectorArg(args, 0).map((series) => {
    const present = series.present.map((bit, k) => (high[k] < low[k] ? 0 : bit));
    return { ...series, present };
  });
  const present = kept.filter((series) => series.present.includes(1));
  return mapSamples(present, context, (value, k) => goMax(low[k], goMin(high[k], value)));
}

/** Rounds to the nearest multiple, halves up. Multiplying by the inverse loses less than dividing.
 *  @see prometheus/promql/functions.go funcRound */
const round: StepFunction = (args, context) => {
  const toNearest = args.length > 1 ? scalarArg(args, 1) : constantColumn(context.scope.steps, 1);
  return mapSamples(vectorArg(args, 0), context, (value, k) => {
    const inverse = 1 / toNearest[k];
    return Math.floor(value * inverse + 0.5) / inverse;
  });
};

const ofTwoScalars =
  (compute: (a: number, b: number) => number): StepFunction =>
  (args) => {
    const b = scalarArg(args, 1);
    return { kind: 'scalar', values: scalarArg(args, 0).map((a, k) => compute(a, b[k])) };
  };

/** The value of the only float, NaN where there is none or several. */
const scalar: StepFunction = (args, { scope }) => {
  const values = constantColumn(scope.steps, Number.NaN);
  const seen = new Uint8Array(scope.steps);
  for (const series of vectorArg(args, 0)) {
    for (let k = 0; k < scope.steps; k++) {
      if (series.present[k] === 0 || series.histograms?.[k] !== undefined) continue;
      values[k] = seen[k] === 1 ? Number.NaN : series.values[k];
      seen[k] = 1;
    }
  }
  return { kind: 'scalar', values };
};

const vector: StepFunction = (args, { scope }) => {
  const present = new Uint8Array(scope.steps).fill(1);
  return { kind: 'vector', series: [{ labels: [], values: scalarArg(args, 0), present, dropName: false }] };
};

function stepTimesSeconds(scope: Scope): Float64Array {
  const values = new Float64Array(scope.steps);
  for (let k = 0; k < scope.steps; k++) values[k] = stepTimeMs(scope, k) / 1000;
  return values;
}

const time: StepFunction = (_args, { scope }) => ({ kind: 'scalar', values: stepTimesSeconds(scope) });

/** Of anything but a selector the samples, histograms among them, have the time of the step. */
const timestamp: StepFunction = (args, context) => {
  const values = stepTimesSeconds(context.scope);
  const series = vectorArg(args, 0).map((one): VectorSeries => {
    return { labels: labelsAfter(one, context.delayedNameRemoval), values, present: one.present, dropName: true };
  });
  return vectorOf(series, context);
};

function sign(value: number): number {
  if (value < 0) return -1;
  return value > 0 ? 1 : value;
}

export const MATH_FUNCTIONS: Readonly<Record<string, StepFunction>> = {
  abs: ofEachSample(Math.abs),
  ceil: ofEachSample(Math.ceil),
  floor: ofEachSample(Math.floor),
  sqrt: ofEachSample(Math.sqrt),
  sgn: ofEachSample(sign),
  exp: ofEachSample(goExp),
  ln: ofEachSample(goLog),
  log2: ofEachSample(goLog2),
  log10: ofEachSample(goLog10),
  sin: ofEachSample(goSin),
  cos: ofEachSample(goCos),
  tan: ofEachSample(goTan),
  asin: ofEachSample(goAsin),
  acos: ofEachSample(goAcos),
  atan: ofEachSample(goAtan),
  sinh: ofEachSample(goSinh),
  cosh: ofEachSample(goCosh),
  tanh: ofEachSample(goTanh),
  asinh: ofEachSample(goAsinh),
  acosh: ofEachSample(goAcosh),
  atanh: ofEachSample(goAtanh),
  deg: ofEachSample((value) => value * (180 / Math.PI)),
  rad: ofEachSample((value) => value * (Math.PI / 180)),
  round,
  clamp: (args, context) => clamp(args, context, scalarArg(args, 1), scalarArg(args, 2)),
  clamp_min: (args, context) => {
    return clamp(args, context, scalarArg(args, 1), constantColumn(context.scope.steps, Number.POSITIVE_INFINITY));
  },
  clamp_max: (args, context) => {
    return clamp(args, context, constantColumn(context.scope.steps, Number.NEGATIVE_INFINITY), scalarArg(args, 1));
  },
  pi: (_args, { scope }) => ({ kind: 'scalar', values: constantColumn(scope.steps, Math.PI) }),
  max_of: ofTwoScalars(goMax),
  min_of: ofTwoScalars(goMin),
  scalar,
  vector,
  time,
  timestamp,
};
