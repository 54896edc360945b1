import {
  type Buckets,
  type CounterReset,
  CUSTOM_BUCKETS_SCHEMA,
  type Histogram,
  NO_BUCKETS,
} from '#shared/model/histogram.ts';

/** Buckets as runs of neighbours: the index of the first, then their counts. */
export type Runs = readonly (readonly number[])[];

export interface Sample {
  readonly schema?: number;
  readonly count?: number;
  readonly sum?: number;
  /** Threshold and count of the zero bucket. */
  readonly zero?: readonly [number, number];
  readonly positive?: Runs;
  readonly negative?: Runs;
  /** Custom bounds; makes the schema that of custom buckets. */
  readonly bounds?: readonly number[];
  readonly hint?: CounterReset;
}

/** A histogram in few words. */
export function sample(of: Sample = {}): Histogram {
  const { count = 0, sum = 0, zero: [zeroThreshold, zeroCount] = [0, 0], bounds, hint = 'unknown' } = of;
  const schema = bounds === undefined ? (of.schema ?? 0) : CUSTOM_BUCKETS_SCHEMA;
  const sides = { positive: bucketsOf(of.positive), negative: bucketsOf(of.negative) };
  const histogram = { counterReset: hint, schema, zeroThreshold, zeroCount, count, sum, ...sides };
  return bounds === undefined ? histogram : { ...histogram, customBounds: Float64Array.from(bounds) };
}

function bucketsOf(runs: Runs = []): Buckets {
  if (runs.length === 0) return NO_BUCKETS;
  const places = runs.flatMap(([first, ...counts]) => counts.map((count, i) => ({ index: first + i, count })));
  return {
    indexes: Int32Array.from(places, ({ index }) => index),
    counts: Float64Array.from(places, ({ count }) => count),
  };
}

/** The histogram as plain values, so that views of columns compare as what they hold. */
export function plain(histogram: Histogram): unknown {
  const side = ({ indexes, counts }: Buckets) => Array.from(indexes, (index, i) => [index, counts[i]]);
  return {
    ...histogram,
    positive: side(histogram.positive),
    negative: side(histogram.negative),
    customBounds: histogram.customBounds && Array.from(histogram.customBounds),
  };
}
