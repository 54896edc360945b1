import { type Buckets, type Histogram, usesCustomBuckets } from '#shared/model/histogram.ts';
import { customBoundsOf, sameBounds } from './custom-bounds.ts';
import { bucketsFrom, firstOutsideZero } from './merge-buckets.ts';
import { reduceBuckets } from './schema.ts';
import { widenZeroBucket } from './zero-bucket.ts';

/** Whether the counter began anew between two samples of it: as the hint of the later one says, else where any count fell
 *  or the resolution rose. A gauge is looked at as if it were a counter.
 *  @see prometheus/model/histogram/float_histogram.go DetectReset */
export function detectReset(current: Histogram, previous: Histogram): boolean {
  if (current.counterReset === 'reset') return true;
  if (current.counterReset === 'not-reset') return false;
  if (current.count < previous.count) return true;
  if (usesCustomBuckets(current)) return customReset(current, previous);
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  const zero = widenZeroBucket(previous, current.zeroThreshold);
  if (zero.threshold !== current.zeroThreshold || current.zeroCount < zero.count) return true;
  return (
    sideReset(current, previous, current.positive, previous.positive) ||
    sideReset(current, previous, current.negative, previous.negative)
  );
}

function sideReset(current: Histogram, previous: Histogram, now: Buckets, before: Buckets): boolean {
  if (previous.schema < current.schema) return true;
  const reduced = reduceBuckets(before, previous.schema, current.schema);
  return anyFell(outsideZero(now, current), outsideZero(reduced, current));
}

function outsideZero(buckets: Buckets, { schema, zeroThreshold }: Histogram): Buckets {
  return zeroThreshold === 0 ? buckets : bucketsFrom(buckets, firstOutsideZero(buckets, schema, zeroThreshold));
}

/** Whether a bucket is lower than it was, or populated no more. */
function anyFell(now: Buckets, before: Buckets): boolean {
  let at = 0;
  for (let i = 0; i < before.counts.length; i++) {
    while (at < now.counts.length && now.indexes[at] < before.indexes[i]) at++;
    if (at < now.counts.length && now.indexes[at] === before.indexes[i]) {
      if (now.counts[at] < before.counts[i]) return true;
    } else if (before.counts[i] !== 0) {
      return true;
    }
  }
  return false;
}

function customReset(current: Histogram, previous: Histogram): boolean {
  if (!usesCustomBuckets(previous)) return true;
  if (sameBounds(customBoundsOf(current), customBoundsOf(previous)))
    return anyFell(current.positive, previous.positive);
  return anyFellBetweenCommonBounds(current, previous);
}

/** @see prometheus/model/histogram/float_histogram.go detectResetWithMismatchedCustomBounds */
function anyFellBetweenCommonBounds(current: Histogram, previous: Histogram): boolean {
  const bounds = customBoundsOf(current);
  const previousBounds = customBoundsOf(previous);
  const now = { histogram: current, at: 0 };
  const before = { histogram: previous, at: 0 };
  let i = 0;
  let j = 0;
  while (i <= bounds.length && j <= previousBounds.length) {
    const bound = bounds[i] ?? Number.POSITIVE_INFINITY;
    const previousBound = previousBounds[j] ?? Number.POSITIVE_INFINITY;
    if (bound < previousBound) {
      i++;
    } else if (bound > previousBound) {
      j++;
    } else {
      if (countUpTo(now, bound) < countUpTo(before, bound)) return true;
      i++;
      j++;
    }
  }
  return false;
}

interface Cursor {
  readonly histogram: Histogram;
  at: number;
}

/** Adds up the buckets that end at `bound` or before, from the cursor on. */
function countUpTo(cursor: Cursor, bound: number): number {
  const { indexes, counts } = cursor.histogram.positive;
  const bounds = customBoundsOf(cursor.histogram);
  let total = 0;
  while (cursor.at < indexes.length && (bounds[indexes[cursor.at]] ?? Number.POSITIVE_INFINITY) <= bound) {
    total += counts[cursor.at++];
  }
  return total;
}
