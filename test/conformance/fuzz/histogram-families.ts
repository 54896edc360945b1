import type { Histogram } from '#shared/model/histogram.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { type DataContext, type Family, perTarget } from './data.ts';
import { createHistogramSource, customHistogram } from './native-histograms.ts';
import type { Rng } from './rng.ts';
import { buildSeries, type Sample, withStartTimes } from './series-builder.ts';

/** Families of classic and native histograms. */
export function histogramFamilies(context: DataContext): readonly Family[] {
  const native = (name: string, shape: Shape): Family => {
    return { name, kind: 'native', series: nativeSeries(context, name, shape) };
  };
  return [
    ...classic(context, 'latency_seconds', ['0.1', '0.5', '1', '2.5', '+Inf']),
    ...classic(context, 'broken_seconds', ['0.1', 'x', '1', '1.0', '+Inf']),
    ...classic(context, 'open_seconds', ['-1', '0.5', '1', '5']),
    native('duration_seconds', (rng) => exponential(rng, { schema: rng.int(0, 3), resets: 0.01 })),
    native('signed', (rng) => exponential(rng, { schema: rng.int(-1, 3), resets: 0, negative: true })),
    native('coarsening', coarsening),
    native('fractional', (rng) => exponential(rng, { schema: 2, resets: 0.02, negative: true, weight: 0.3 })),
    native('queue_gauge', gauge),
    native('custom_seconds', (rng) => custom(rng, [[0.1, 0.5, 1, 5]])),
    native('custom_mixed', (rng) => custom(rng, [[0.1, 0.5, 1, 5], [0.5, 1, 10], [2]])),
    { name: 'started_seconds', kind: 'native', series: started(context) },
    native('mixed', mixed),
    native('latency_seconds', (rng) => exponential(rng, { schema: 1, resets: 0.01 })),
  ];
}

type Shape = (rng: Rng) => () => Sample | undefined;

/** `_bucket`, `_count` and `_sum`. */
function classic({ rng, timesOf }: DataContext, name: string, bounds: readonly string[]): readonly Family[] {
  const parts = perTarget((job, instance) =>
    classicSeries(rng, { name, bounds, times: timesOf(job, instance), job, instance }),
  );
  return [
    { name: `${name}_bucket`, kind: 'buckets', series: parts.flatMap(({ buckets }) => buckets) },
    { name: `${name}_count`, kind: 'counter', series: parts.map(({ count }) => count) },
    { name: `${name}_sum`, kind: 'counter', series: parts.map(({ sum }) => sum) },
  ];
}

function classicSeries(
  rng: Rng,
  options: {
    readonly name: string;
    readonly bounds: readonly string[];
    readonly times: readonly number[];
    readonly job: string;
    readonly instance: string;
  },
) {
  const { name, bounds, times, job, instance } = options;
  const resets = rng.chance(0.5) ? 0.01 : 0;
  const jitter = rng.chance(0.3) ? 3 : 0;
  const states: { readonly counts: readonly number[]; readonly sum: number }[] = [];
  let counts: number[] = bounds.map(() => 0);
  let sum = 0;
  for (let i = 0; i < times.length; i++) {
    if (rng.chance(resets)) counts = counts.map(() => 0);
    const bucket = rng.int(0, bounds.length - 1);
    const times = rng.int(0, 6);
    // Cumulative: all buckets from here on. Some scrapes catch buckets at slightly different moments.
    counts = counts.map((count, b) => (b >= bucket ? count + times + (jitter > 0 ? rng.int(0, jitter) : 0) : count));
    sum += times * (bucket + rng.next());
    states.push({ counts, sum });
  }
  const target = { job, instance };
  return {
    buckets: bounds.map((le, b) =>
      buildSeries({ __name__: `${name}_bucket`, le, ...target }, times, (i) => states[i].counts[b]),
    ),
    count: buildSeries({ __name__: `${name}_count`, ...target }, times, (i) => states[i].counts[bounds.length - 1]),
    sum: buildSeries({ __name__: `${name}_sum`, ...target }, times, (i) => states[i].sum),
  };
}

function nativeSeries({ rng, timesOf }: DataContext, name: string, shape: Shape): SeriesSamples[] {
  return perTarget((job, instance) => {
    const sampleAt = shape(rng);
    const gaps = rng.chance(0.4) ? 0.03 : 0;
    let absent = 0;
    return buildSeries({ __name__: name, job, instance }, timesOf(job, instance), () => {
      const sample = sampleAt();
      if (absent > 0) absent--;
      else if (rng.chance(gaps)) {
        absent = rng.int(1, 30);
        return rng.chance(0.5) ? 'stale' : undefined;
      } else return sample;
      return undefined;
    });
  });
}

function exponential(
  rng: Rng,
  options: { readonly schema: number; readonly resets: number; readonly negative?: boolean; readonly weight?: number },
): () => Histogram {
  const { schema, resets, negative = false, weight = 1 } = options;
  const source = createHistogramSource(rng, { schema, negative, weight });
  const badSum = rng.chance(0.1);
  return () => {
    if (rng.chance(resets)) source.reset();
    source.observe();
    return source.at({ schema, zeroExponent: -10, ...(badSum && rng.chance(0.05) ? { sum: NaN } : {}) });
  };
}

function started(context: DataContext): SeriesSamples[] {
  const shape: Shape = (rng) => exponential(rng, { schema: 0, resets: 0.05 });
  return nativeSeries(context, 'started_seconds', shape).map((one) => withStartTimes(context.rng, one));
}

/** The schema and the zero threshold change now and then. */
function coarsening(rng: Rng): () => Histogram {
  const source = createHistogramSource(rng, { schema: 3, negative: true, weight: 1 });
  let schema = 3;
  let zeroExponent = -8;
  return () => {
    if (rng.chance(0.02)) schema = rng.int(-1, 3);
    if (rng.chance(0.02)) zeroExponent = rng.int(-8, 2);
    if (rng.chance(0.01)) source.reset();
    source.observe();
    return source.at({ schema, zeroExponent });
  };
}

function gauge(rng: Rng): () => Histogram {
  const schema = rng.int(0, 2);
  const source = createHistogramSource(rng, { schema, negative: rng.chance(0.3), weight: rng.pick([1, 0.5]) });
  return () => {
    if (rng.chance(0.1)) source.reset();
    source.observe();
    return source.at({ schema, zeroExponent: -6, counterReset: 'gauge' });
  };
}

/** @param bounds One of these at a time. */
function custom(rng: Rng, bounds: readonly (readonly number[])[]): () => Histogram {
  let now = rng.pick(bounds);
  let counts = [...now, Infinity].map(() => 0);
  let sum = 0;
  return () => {
    if (rng.chance(0.02)) {
      now = rng.pick(bounds);
      counts = [...now, Infinity].map(() => 0);
    }
    for (let i = rng.int(0, 3); i > 0; i--) {
      const bucket = rng.int(0, counts.length - 1);
      counts = counts.map((count, b) => (b === bucket ? count + i : count));
      sum += i * (now[bucket] ?? 20);
    }
    return customHistogram(now, counts, sum);
  };
}

/** Floats and histograms of several kinds in turns. */
function mixed(rng: Rng): () => Sample {
  const exponentials = exponential(rng, { schema: 1, resets: 0.01 });
  const customs = custom(rng, [[0.5, 1, 10]]);
  let value = 0;
  const floats = () => (value += rng.int(0, 9));
  let now: () => Sample = rng.pick([exponentials, floats]);
  return () => {
    if (rng.chance(0.04)) {
      now = rng.weighted<() => Sample>([
        [4, exponentials],
        [4, floats],
        [1, customs],
      ]);
    }
    return now();
  };
}
