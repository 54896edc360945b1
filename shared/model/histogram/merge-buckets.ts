import { type Buckets, CUSTOM_BUCKETS_SCHEMA, NO_BUCKETS } from '#shared/model/histogram.ts';
import { sameIndexes } from './buckets.ts';
import { exponentialBound } from './schema.ts';

/** The position of the first bucket that is not within the zero bucket; the ones before it take no part in a sum.
 *  @see prometheus/model/histogram/float_histogram.go addBuckets lowerThanThreshold */
export function firstOutsideZero({ indexes }: Buckets, schema: number, zeroThreshold: number): number {
  if (schema === CUSTOM_BUCKETS_SCHEMA) return 0;
  let first = 0;
  while (first < indexes.length && exponentialBound(indexes[first], schema) <= zeroThreshold) first++;
  return first;
}

/** The buckets from position `first` on. */
export function bucketsFrom(buckets: Buckets, first: number): Buckets {
  if (first === 0) return buckets;
  if (first === buckets.counts.length) return NO_BUCKETS;
  return { indexes: buckets.indexes.subarray(first), counts: buckets.counts.subarray(first) };
}

/** The sum of both, bucket by bucket, or the difference where `sign` is −1. What is in one only keeps its bucket, also
 *  when that is empty. */
export function mergeBuckets(a: Buckets, b: Buckets, sign: 1 | -1): Buckets {
  if (b.counts.length === 0) return a;
  if (sameIndexes(a, b)) return { indexes: a.indexes, counts: mergeCounts(a.counts, b.counts, sign) };
  return mergeDifferent(a, b, sign);
}

function mergeCounts(a: Float64Array, b: Float64Array, sign: 1 | -1): Float64Array {
  const counts = new Float64Array(a.length);
  if (sign === 1) for (let i = 0; i < counts.length; i++) counts[i] = a[i] + b[i];
  else for (let i = 0; i < counts.length; i++) counts[i] = a[i] - b[i];
  return counts;
}

function mergeDifferent(a: Buckets, b: Buckets, sign: 1 | -1): Buckets {
  const length = unionLength(a.indexes, b.indexes);
  const indexes = new Int32Array(length);
  const counts = new Float64Array(length);
  let fromA = 0;
  let fromB = 0;
  for (let i = 0; i < length; i++) {
    const indexA = indexAt(a.indexes, fromA);
    const indexB = indexAt(b.indexes, fromB);
    if (indexA < indexB) {
      indexes[i] = indexA;
      counts[i] = a.counts[fromA++];
    } else if (indexB < indexA) {
      indexes[i] = indexB;
      counts[i] = sign * b.counts[fromB++];
    } else {
      indexes[i] = indexA;
      counts[i] = a.counts[fromA++] + sign * b.counts[fromB++];
    }
  }
  return { indexes, counts };
}

/** The index at a position; after the last one, one that is larger than all. */
export function indexAt(indexes: Int32Array, position: number): number {
  return position < indexes.length ? indexes[position] : Number.MAX_SAFE_INTEGER;
}

/** How many indexes are in either of two. */
export function unionLength(a: Int32Array, b: Int32Array): number {
  let length = 0;
  let fromA = 0;
  let fromB = 0;
  while (fromA < a.length && fromB < b.length) {
    const difference = a[fromA] - b[fromB];
    if (difference <= 0) fromA++;
    if (difference >= 0) fromB++;
    length++;
  }
  return length + (a.length - fromA) + (b.length - fromB);
}
