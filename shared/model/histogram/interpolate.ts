import { goLog2 } from '#shared/model/go-math.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import type { BucketView } from './buckets.ts';

/** The share of a bucket's observations that are at most `value`: linear by value, else by its logarithm.
 *  @param value Between the bucket's bounds, which are finite.
 *  @see prometheus/model/histogram/generic.go FractionBelow */
export function fractionBelow({ lower, upper }: BucketView, value: number, linear: boolean): number {
  if (linear) return (value - lower) / (upper - lower);
  const logLower = goLog2(Math.abs(lower));
  const logUpper = goLog2(Math.abs(upper));
  const logValue = goLog2(Math.abs(value));
  if (value > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}

/** Ends the zero bucket at 0 where the histogram has buckets on one side of it only. */
export function narrowZeroBucket({ negative, positive }: Histogram, bucket: BucketView): void {
  if (negative.counts.length === 0 && positive.counts.length > 0) bucket.lower = 0;
  else if (positive.counts.length === 0 && negative.counts.length > 0) bucket.upper = 0;
}
