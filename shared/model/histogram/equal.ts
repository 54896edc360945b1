import { type Buckets, type Histogram, usesCustomBuckets } from '#shared/model/histogram.ts';
import { sameIndexes } from './buckets.ts';
import { customBoundsOf, sameBounds } from './custom-bounds.ts';

/** Whether two histograms hold the same data: the same buckets, empty ones among them, with counts that are equal bit by
 *  bit, but that all NaNs are equal. Counter reset hints may be different.
 *  @see prometheus/model/histogram/float_histogram.go Equals */
export function equalHistograms(a: Histogram, b: Histogram): boolean {
  if (a === b) return true;
  return (
    a.schema === b.schema &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    (!usesCustomBuckets(a) || sameBounds(customBoundsOf(a), customBoundsOf(b))) &&
    a.zeroThreshold === b.zeroThreshold &&
    Object.is(a.zeroCount, b.zeroCount) &&
    equalBuckets(a.negative, b.negative) &&
    equalBuckets(a.positive, b.positive)
  );
}

function equalBuckets(a: Buckets, b: Buckets): boolean {
  if (!sameIndexes(a, b)) return false;
  for (let i = 0; i < a.counts.length; i++) if (!Object.is(a.counts[i], b.counts[i])) return false;
  return true;
}
