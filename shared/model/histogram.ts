/** What is known of the sample before: whether the counter began anew between the two.
 *  @see prometheus/model/histogram/histogram.go CounterResetHint */
export type CounterReset = 'unknown' | 'reset' | 'not-reset' | 'gauge';

/** Buckets by index, in rising order; an index that is missing is an empty bucket. Counts are of the bucket alone. */
export interface Buckets {
  readonly indexes: Int32Array;
  /** As long as `indexes`. */
  readonly counts: Float64Array;
}

/** A native histogram with counts as floats. With an exponential schema s, positive bucket i reaches from 2^((i−1)·2^−s),
 *  exclusive, to 2^(i·2^−s), inclusive; negative buckets mirror it. With custom bounds, bucket i reaches from
 *  `customBounds[i − 1]`, exclusive, to `customBounds[i]`, inclusive, and the last one to +Inf.
 *  Never written to once it is part of a value: histograms are shared.
 *  @see prometheus/model/histogram/float_histogram.go */
export interface Histogram {
  readonly counterReset: CounterReset;
  /** −4 to 8, or `CUSTOM_BUCKETS_SCHEMA`. */
  readonly schema: number;
  /** The zero bucket holds what is at most this far from 0. 0 with custom bounds. */
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  /** All observations, NaN among them. */
  readonly count: number;
  readonly sum: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  /** Upper bounds, rising, without +Inf; only with the custom schema. */
  readonly customBounds?: Float64Array;
}

export const CUSTOM_BUCKETS_SCHEMA = -53;

export const NO_BUCKETS: Buckets = { indexes: new Int32Array(0), counts: new Float64Array(0) };

export function usesCustomBuckets({ schema }: Histogram): boolean {
  return schema === CUSTOM_BUCKETS_SCHEMA;
}
