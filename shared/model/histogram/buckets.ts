import { type Buckets, CUSTOM_BUCKETS_SCHEMA, type Histogram } from '#shared/model/histogram.ts';
import { bucketBound } from './schema.ts';

/** One bucket with its bounds; written over by whoever reads the next one into it. */
export interface BucketView {
  lower: number;
  upper: number;
  lowerInclusive: boolean;
  upperInclusive: boolean;
  count: number;
}

/** A view of an empty bucket at 0. */
export function createBucketView(): BucketView {
  return { lower: 0, upper: 0, lowerInclusive: false, upperInclusive: false, count: 0 };
}

/** The number of buckets from the lowest to the highest: negative, zero (when it has observations) and positive ones.
 *  Buckets that are stored with a count of 0 are among them. */
export function bucketsLength({ negative, zeroCount, positive }: Histogram): number {
  return negative.counts.length + (zeroCount > 0 ? 1 : 0) + positive.counts.length;
}

/** The count of the bucket at `position`, from the lowest. */
export function bucketCount({ negative, zeroCount, positive }: Histogram, position: number): number {
  const negatives = negative.counts.length;
  if (position < negatives) return negative.counts[negatives - 1 - position];
  const zeros = zeroCount > 0 ? 1 : 0;
  return position < negatives + zeros ? zeroCount : positive.counts[position - negatives - zeros];
}

/** Reads the bucket at `position`, from the lowest. Where the zero bucket reaches into another one, that one begins where
 *  the zero bucket ends.
 *  @see prometheus/model/histogram/float_histogram.go AllBucketIterator */
export function readBucket(histogram: Histogram, position: number, into: BucketView): void {
  const { negative, zeroCount, zeroThreshold } = histogram;
  const negatives = negative.counts.length;
  const zeros = zeroCount > 0 ? 1 : 0;
  if (position >= negatives && position < negatives + zeros) {
    readZeroBucket(histogram, into);
    return;
  }
  if (position < negatives) readNegativeBucket(histogram, negatives - 1 - position, into);
  else readPositiveBucket(histogram, position - negatives - zeros, into);
  if (into.upper < 0 && into.upper > -zeroThreshold) into.upper = -zeroThreshold;
  else if (into.lower > 0 && into.lower < zeroThreshold) into.lower = zeroThreshold;
}

/** Reads the zero bucket, which includes both ends. */
export function readZeroBucket({ zeroThreshold, zeroCount }: Histogram, into: BucketView): void {
  into.lower = -zeroThreshold;
  into.upper = zeroThreshold;
  into.lowerInclusive = true;
  into.upperInclusive = true;
  into.count = zeroCount;
}

/** Reads the bucket at `position` of the positive ones, from 0 up, with the bounds of its schema. */
export function readPositiveBucket(histogram: Histogram, position: number, into: BucketView): void {
  const { indexes, counts } = histogram.positive;
  const index = indexes[position];
  into.upper = bucketBound(histogram, index);
  into.lower = bucketBound(histogram, index - 1);
  setInclusive(histogram, index, into);
  into.count = counts[position];
}

/** Reads the bucket at `position` of the negative ones, from 0 down, with the bounds of its schema. */
export function readNegativeBucket(histogram: Histogram, position: number, into: BucketView): void {
  const { indexes, counts } = histogram.negative;
  const index = indexes[position];
  into.lower = -bucketBound(histogram, index);
  into.upper = -bucketBound(histogram, index - 1);
  setInclusive(histogram, index, into);
  into.count = counts[position];
}

/** A bucket includes its end away from 0; with custom bounds the upper one, and the first bucket both. */
function setInclusive({ schema }: Histogram, index: number, into: BucketView): void {
  const custom = schema === CUSTOM_BUCKETS_SCHEMA;
  into.lowerInclusive = custom ? index === 0 : into.lower < 0;
  into.upperInclusive = custom || into.upper > 0;
}

/** Which of its bounds a bucket includes: 0 the upper, 1 the lower, 2 none, 3 both.
 *  @see prometheus/util/jsonutil/marshal.go MarshalHistogram */
export function boundariesRule({ lowerInclusive, upperInclusive }: BucketView): 0 | 1 | 2 | 3 {
  if (lowerInclusive) return upperInclusive ? 3 : 1;
  return upperInclusive ? 0 : 2;
}

/** The populated buckets from the lowest to the highest, each an object of its own: for output. */
export function populatedBuckets(histogram: Histogram): readonly Readonly<BucketView>[] {
  const length = bucketsLength(histogram);
  const populated: BucketView[] = [];
  for (let position = 0; position < length; position++) {
    if (bucketCount(histogram, position) === 0) continue;
    const bucket = createBucketView();
    readBucket(histogram, position, bucket);
    populated.push(bucket);
  }
  return populated;
}

/** Whether both have the same buckets, whatever is in them. */
export function sameIndexes(a: Buckets, b: Buckets): boolean {
  if (a.indexes === b.indexes) return true;
  const { length } = a.indexes;
  if (b.indexes.length !== length) return false;
  for (let i = 0; i < length; i++) if (a.indexes[i] !== b.indexes[i]) return false;
  return true;
}
