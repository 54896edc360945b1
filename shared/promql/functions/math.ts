import { goLog, goLog2, goLog10, goMax, goMin } from './go-math.ts';
import { type CallContext, mapSamples, type StepFunction, scalarArg, vectorArg } from './step-function.ts';

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

/** The value of the only series, NaN where there is none or several. */
const scalar: StepFunction = (args, { scope }) => {
  const values = constantColumn(scope.steps, Number.NaN);
  const seen = new Uint8Array(scope.steps);
  for (const series of vectorArg(args, 0)) {
    for (let k = 0; k < scope.steps; k++) {
      if (series.present[k] === 0) continue;
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

const time: StepFunction = (_args, { scope }) => {
  const values = new Float64Array(scope.steps);
  for (let k = 0; k < scope.steps; k++) values[k] = (scope.startMs + k * scope.stepMs) / 1000;
  return { kind: 'scalar', values };
};

/** Of anything but a selector the samples have the time of the step. */
const timestamp: StepFunction = (args, context) => {
  const { startMs, stepMs } = context.scope;
  return mapSamples(vectorArg(args, 0), context, (_value, k) => (startMs + k * stepMs) / 1000);
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
  exp: ofEachSample(Math.exp),
  ln: ofEachSample(goLog),
  log2: ofEachSample(goLog2),
  log10: ofEachSample(goLog10),
  sin: ofEachSample(Math.sin),
  cos: ofEachSample(Math.cos),
  tan: ofEachSample(Math.tan),
  asin: ofEachSample(Math.asin),
  acos: ofEachSample(Math.acos),
  atan: ofEachSample(Math.atan),
  sinh: ofEachSample(Math.sinh),
  cosh: ofEachSample(Math.cosh),
  tanh: ofEachSample(Math.tanh),
  asinh: ofEachSample(Math.asinh),
  acosh: ofEachSample(Math.acosh),
  atanh: ofEachSample(Math.atanh),
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
