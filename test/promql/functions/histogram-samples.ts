import { type CounterReset, CUSTOM_BUCKETS_SCHEMA, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { createEngine } from '#shared/promql/engine/engine.ts';

/** A histogram of schema 0 with these counts in its positive buckets from 0 on, or with custom bounds. */
export function histogram(
  counts: readonly number[],
  options: { sum?: number; customBounds?: readonly number[]; counterReset?: CounterReset } = {},
): Histogram {
  const { sum = 0, customBounds, counterReset = 'unknown' } = options;
  return {
    counterReset,
    schema: customBounds === undefined ? 0 : CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count: counts.reduce((total, count) => total + count, 0),
    sum,
    positive: { indexes: Int32Array.from(counts, (_, i) => i), counts: Float64Array.from(counts) },
    negative: NO_BUCKETS,
    ...(customBounds && { customBounds: Float64Array.from(customBounds) }),
  };
}

export type Sample = number | Histogram | undefined;

/** A series with a sample each minute from 0 on; undefined leaves it out. */
export function minutely(samples: readonly Sample[], startTimesMs?: readonly number[]): SeriesSamples {
  const there = [...samples.entries()].filter(([, sample]) => sample !== undefined);
  const histograms = there.map(([, sample]) => (typeof sample === 'number' ? undefined : sample));
  return {
    labels: ['__name__', 'm'],
    timestampsMs: Float64Array.from(there, ([minute]) => minute * 60_000),
    values: Float64Array.from(there, ([, sample]) => (typeof sample === 'number' ? sample : 0)),
    ...(histograms.some((one) => one !== undefined) && { histograms }),
    ...(startTimesMs && { startTimestampsMs: Float64Array.from(there, ([minute]) => startTimesMs[minute]) }),
  };
}

const engine = createEngine({
  monotonicMs: () => 0,
  parser: { experimentalFunctions: true },
  useStartTimestamps: true,
});

/** The answer to an instant query over one series. */
export async function answer(series: SeriesSamples, query: string, minute: number) {
  const querier = { select: async () => [series], series: async () => [] };
  const { value, warnings, infos } = await engine.instant(query, minute * 60_000, { querier });
  if (value.kind !== 'vector') throw new TypeError(`Cannot use a ${value.kind}, expected a vector`);
  const [first] = value.samples;
  return { sample: first?.histogram ?? first?.value, remarks: [...warnings, ...infos] };
}
