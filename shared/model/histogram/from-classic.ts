import { formatFloatGeneral } from '#shared/model/float.ts';
import { CUSTOM_BUCKETS_SCHEMA, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import { compactHistogram } from './compact.ts';
import { HistogramError } from './error.ts';
import { deltasOf, spansOf } from './spans.ts';
import { checkSpannedHistogram } from './validate.ts';

/** A bucket of a classic histogram. */
export interface ClassicBucket {
  /** The value of its `le` label. */
  readonly upperBound: number;
  /** Observations of at most `upperBound`. */
  readonly cumulativeCount: number;
}

/** The samples of one classic histogram at one time. */
export interface ClassicHistogram {
  /** In the order of their coming: of two with the same bound the first counts. */
  readonly buckets: readonly ClassicBucket[];
  /** The value of `_count`; that of the last bucket when absent. */
  readonly count?: number;
  /** The value of `_sum`.
   *  @default 0 */
  readonly sum?: number;
}

/** Empty buckets that an integer histogram keeps between others. */
const MAX_EMPTY_INTEGER_BUCKETS = 2;

/** The native histogram with the bounds of a classic one as its custom bounds.
 *  @throws {HistogramError} Where counts are negative, fall with their bounds, or are not the sum of the buckets, with
 *  Prometheus's words.
 *  @see prometheus/util/convertnhcb/convertnhcb.go */
export function histogramFromClassic(classic: ClassicHistogram): Histogram {
  const ordered = orderBuckets(classic.buckets);
  const count = countOf(classic, ordered);
  const buckets =
    ordered.at(-1)?.upperBound === Number.POSITIVE_INFINITY
      ? ordered
      : [...ordered, { upperBound: Number.POSITIVE_INFINITY, cumulativeCount: count }];
  const isInteger = isInt64(count) && buckets.every(({ cumulativeCount }) => isInt64(cumulativeCount));
  checkTotal(buckets[buckets.length - 1], isInteger ? String(count) : formatFloatGeneral(count), count);
  const full = withCustomBounds(buckets, { count, sum: classic.sum ?? 0 });
  const histogram = compactHistogram(full, isInteger ? MAX_EMPTY_INTEGER_BUCKETS : 0);
  checkHistogram(histogram, isInteger);
  return histogram;
}

function isInt64(count: number): boolean {
  return Number.isInteger(count) && Math.abs(count) < 2 ** 63;
}

function checkHistogram(histogram: Histogram, isInteger: boolean): void {
  const { positive } = histogram;
  const positiveBuckets = isInteger ? deltasOf(positive) : positive.counts;
  const spans = { positiveSpans: spansOf(positive), positiveBuckets, negativeSpans: [], negativeBuckets: [] };
  try {
    checkSpannedHistogram({ ...histogram, ...spans, isInteger });
  } catch (error) {
    if (!(error instanceof HistogramError)) throw error;
    throw new HistogramError(`invalid${isInteger ? '' : ' float'} histogram: ${error.message}`, { cause: error });
  }
}

function checkTotal({ upperBound, cumulativeCount }: ClassicBucket, countText: string, count: number): void {
  if (count === cumulativeCount) return;
  const got = `le=${formatFloatGeneral(upperBound)} count=${formatFloatGeneral(cumulativeCount)}`;
  throw new HistogramError(`count mismatch: count=${countText} != ${got}`);
}

function countOf({ count }: ClassicHistogram, ordered: readonly ClassicBucket[]): number {
  if (count === undefined) {
    if (ordered.length === 0) throw new HistogramError('count must be provided when no buckets are present');
    return ordered[ordered.length - 1].cumulativeCount;
  }
  if (count < 0) throw new HistogramError(`count must be non-negative: count=${formatFloatGeneral(count)}`);
  return count;
}

function orderBuckets(buckets: readonly ClassicBucket[]): readonly ClassicBucket[] {
  const ordered: ClassicBucket[] = [];
  for (const bucket of buckets) {
    checkBucket(bucket);
    insert(ordered, bucket);
  }
  return ordered;
}

function checkBucket({ upperBound, cumulativeCount }: ClassicBucket): void {
  if (Number.isNaN(upperBound)) throw new HistogramError('bucket boundary must not be NaN');
  if (cumulativeCount < 0) {
    const got = `le=${formatFloatGeneral(upperBound)}, count=${formatFloatGeneral(cumulativeCount)}`;
    throw new HistogramError(`bucket count must be non-negative: ${got}`);
  }
}

function insert(ordered: ClassicBucket[], bucket: ClassicBucket): void {
  let at = ordered.length;
  while (at > 0 && ordered[at - 1].upperBound >= bucket.upperBound) at--;
  if (ordered[at]?.upperBound === bucket.upperBound) return;
  const { cumulativeCount: count } = bucket;
  if (at > 0 && count < ordered[at - 1].cumulativeCount) throw notCumulative(count, '<', ordered[at - 1]);
  if (at < ordered.length && count > ordered[at].cumulativeCount) throw notCumulative(count, '>', ordered[at]);
  ordered.splice(at, 0, bucket);
}

function notCumulative(count: number, relation: string, { cumulativeCount }: ClassicBucket): HistogramError {
  const got = `${formatFloatGeneral(count)} ${relation} ${formatFloatGeneral(cumulativeCount)}`;
  return new HistogramError(`count is not cumulative: ${got}`);
}

function withCustomBounds(
  buckets: readonly ClassicBucket[],
  { count, sum }: { readonly count: number; readonly sum: number },
): Histogram {
  const counts = new Float64Array(buckets.length);
  for (let i = 0; i < counts.length; i++) {
    counts[i] = i === 0 ? buckets[0].cumulativeCount : buckets[i].cumulativeCount - buckets[i - 1].cumulativeCount;
  }
  return {
    counterReset: 'unknown',
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum,
    positive: { indexes: Int32Array.from(counts.keys()), counts },
    negative: NO_BUCKETS,
    customBounds: Float64Array.from(buckets.slice(0, -1), ({ upperBound }) => upperBound),
  };
}
