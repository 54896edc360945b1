import type { Buckets, Histogram } from '#shared/model/histogram.ts';

/** The histogram without empty buckets, except in gaps of at most `maxEmptyBuckets` between others, which are filled with
 *  them. Itself when there is nothing to do.
 *  @see prometheus/model/histogram/float_histogram.go Compact */
export function compactHistogram(histogram: Histogram, maxEmptyBuckets = 0): Histogram {
  const positive = compactBuckets(histogram.positive, maxEmptyBuckets);
  const negative = compactBuckets(histogram.negative, maxEmptyBuckets);
  if (positive === histogram.positive && negative === histogram.negative) return histogram;
  return { ...histogram, positive, negative };
}

/** As `compactHistogram`, for one side of it. */
export function compactBuckets(buckets: Buckets, maxEmptyBuckets = 0): Buckets {
  const populated = withoutEmpty(buckets);
  return maxEmptyBuckets > 0 ? fillGaps(populated, maxEmptyBuckets) : populated;
}

function withoutEmpty(buckets: Buckets): Buckets {
  const { indexes, counts } = buckets;
  let length = 0;
  for (let i = 0; i < counts.length; i++) if (counts[i] !== 0) length++;
  if (length === counts.length) return buckets;
  const kept = { indexes: new Int32Array(length), counts: new Float64Array(length) };
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    kept.indexes[at] = indexes[i];
    kept.counts[at++] = counts[i];
  }
  return kept;
}

function fillGaps(buckets: Buckets, maxEmptyBuckets: number): Buckets {
  const { indexes, counts } = buckets;
  let missing = 0;
  for (let i = 1; i < indexes.length; i++) {
    const gap = indexes[i] - indexes[i - 1] - 1;
    if (gap <= maxEmptyBuckets) missing += gap;
  }
  if (missing === 0) return buckets;
  const filled = {
    indexes: new Int32Array(indexes.length + missing),
    counts: new Float64Array(indexes.length + missing),
  };
  let at = 0;
  for (let i = 0; i < indexes.length; i++) {
    if (i > 0 && indexes[i] - indexes[i - 1] - 1 <= maxEmptyBuckets) {
      for (let index = indexes[i - 1] + 1; index < indexes[i]; index++) filled.indexes[at++] = index;
    }
    filled.indexes[at] = indexes[i];
    filled.counts[at++] = counts[i];
  }
  return filled;
}
