import type { Buckets, Histogram } from '#shared/model/histogram.ts';

/** One sample where it lies: value `index` of a list, with what else there is of it. */
export interface Sample {
  /** `wordsOf` the values. */
  readonly words: Uint32Array;
  readonly index: number;
  readonly histogram?: Histogram;
  /** When the counter began, Unix milliseconds; 0 where that is not known. */
  readonly startTimeMs?: number;
}

/** Whether two samples have the same value, bit by bit. */
export function sameSample(a: Sample, b: Sample): boolean {
  if (a.histogram === undefined || b.histogram === undefined) {
    if (a.histogram !== b.histogram) return false;
    return a.words[2 * a.index] === b.words[2 * b.index] && a.words[2 * a.index + 1] === b.words[2 * b.index + 1];
  }
  return sameHistogram(a.histogram, b.histogram);
}

function sameHistogram(a: Histogram, b: Histogram): boolean {
  return (
    a.schema === b.schema &&
    Object.is(a.zeroThreshold, b.zeroThreshold) &&
    Object.is(a.zeroCount, b.zeroCount) &&
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    sameBuckets(a.positive, b.positive) &&
    sameBuckets(a.negative, b.negative) &&
    sameNumbers(a.customBounds ?? [], b.customBounds ?? [])
  );
}

function sameBuckets(a: Buckets, b: Buckets): boolean {
  return sameNumbers(a.indexes, b.indexes) && sameNumbers(a.counts, b.counts);
}

/** Whether two lists have the same numbers. */
export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
