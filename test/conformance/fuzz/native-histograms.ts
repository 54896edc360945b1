import { type CounterReset, CUSTOM_BUCKETS_SCHEMA, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import type { Rng } from './rng.ts';

type Counts = Map<number, number>;

/** A native histogram that observes more and more. The state is kept at one resolution; `at` gives it in others. */
export interface HistogramSource {
  /** Adds a few observations. */
  observe(): void;
  reset(): void;
  at(view: HistogramView): Histogram;
}

export interface HistogramView {
  /** At most the source's. */
  readonly schema: number;
  /** 2 to this power; what is nearer to 0 goes to the zero bucket. */
  readonly zeroExponent: number;
  readonly counterReset?: CounterReset;
  readonly sum?: number;
}

/** @param options.weight What an observation counts: 1, or a fraction, which makes a float histogram. */
export function createHistogramSource(
  rng: Rng,
  options: { readonly schema: number; readonly negative: boolean; readonly weight: number },
): HistogramSource {
  const positive: Counts = new Map();
  const negative: Counts = new Map();
  const zero: Counts = new Map();
  const spread = 6 * 2 ** Math.max(0, options.schema);
  let sum = 0;
  const add = (counts: Counts, index: number) => {
    const times = rng.int(1, 9) * options.weight;
    counts.set(index, (counts.get(index) ?? 0) + times);
    return times;
  };
  return {
    observe: () => {
      for (let i = rng.int(0, 3); i > 0; i--) {
        const side = rng.next();
        const index = rng.int(-spread, spread) >> (rng.chance(0.5) ? 1 : 0);
        const value = 2 ** ((index - 0.5) / 2 ** options.schema);
        if (side < 0.1) add(zero, 0);
        else if (side < 0.3 && options.negative) sum -= add(negative, index) * value;
        else sum += add(positive, index) * value;
      }
    },
    reset: () => {
      for (const counts of [positive, negative, zero]) counts.clear();
      sum = 0;
    },
    at: (view) => exponentialHistogram({ positive, negative, zero }, { sum, sourceSchema: options.schema, ...view }),
  };
}

function exponentialHistogram(
  counts: { readonly positive: Counts; readonly negative: Counts; readonly zero: Counts },
  view: HistogramView & { readonly sum: number; readonly sourceSchema: number },
): Histogram {
  const { schema, sourceSchema, zeroExponent, sum, counterReset = 'unknown' } = view;
  // Buckets up to this index are within the zero threshold.
  const lastZero = zeroExponent * 2 ** sourceSchema;
  let zeroCount = counts.zero.get(0) ?? 0;
  const reduce = (side: Counts): Counts => {
    const reduced: Counts = new Map();
    for (const [index, count] of side) {
      if (index <= lastZero) zeroCount += count;
      else {
        const coarse = Math.ceil(index / 2 ** (sourceSchema - schema));
        reduced.set(coarse, (reduced.get(coarse) ?? 0) + count);
      }
    }
    return reduced;
  };
  const positive = toBuckets(reduce(counts.positive));
  const negative = toBuckets(reduce(counts.negative));
  const count = [...positive.counts, ...negative.counts].reduce((total, one) => total + one, zeroCount);
  return { counterReset, schema, zeroThreshold: 2 ** zeroExponent, zeroCount, count, sum, positive, negative };
}

function toBuckets(counts: Counts) {
  const indexes = [...counts.keys()].sort((a, b) => a - b);
  return {
    indexes: Int32Array.from(indexes),
    counts: Float64Array.from(indexes, (index) => counts.get(index)!),
  };
}

/** A histogram with custom bounds. @param counts One a bucket, that of +Inf last. */
export function customHistogram(bounds: readonly number[], counts: readonly number[], sum: number): Histogram {
  const used = counts.flatMap((count, index) => (count > 0 ? [index] : []));
  return {
    counterReset: 'unknown',
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count: counts.reduce((total, count) => total + count, 0),
    sum,
    positive: { indexes: Int32Array.from(used), counts: Float64Array.from(used, (index) => counts[index]) },
    negative: NO_BUCKETS,
    customBounds: Float64Array.from(bounds),
  };
}
