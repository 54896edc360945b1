import { detectReset } from '#shared/model/histogram/reset.ts';
import { type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';

/** What the nodes around a selector do with the buckets of its histograms: need them, or look only at counts and sums,
 *  or neither. */
export type BucketUse = 'needed' | 'ignored' | 'open';

/** Functions for which count and sum are enough, or not even they are looked at. */
const STATS_FUNCTIONS = new Set([
  'absent',
  'histogram_avg',
  'histogram_count',
  'histogram_sum',
  'start_timestamp',
  'timestamp',
]);

const BUCKET_FUNCTIONS = new Set([
  'changes',
  'histogram_fraction',
  'histogram_quantile',
  'histogram_quantiles',
  'histogram_stddev',
  'histogram_stdvar',
]);

const BUCKET_OPERATORS = new Set(['</', '>/', '==', '!=']);

/** The use of buckets inside of `expr`. @param around Outside of it.
 *  @see prometheus/promql/engine.go detectHistogramStatsDecoding */
export function bucketUseWithin(expr: Expr, around: BucketUse): BucketUse {
  switch (expr.kind) {
    case 'subquery':
      return 'needed';
    case 'aggregate':
      return expr.op === 'count_values' ? 'needed' : around;
    case 'binary':
      return BUCKET_OPERATORS.has(expr.op) ? 'needed' : around;
    case 'call':
      if (BUCKET_FUNCTIONS.has(expr.func)) return 'needed';
      return around === 'open' && STATS_FUNCTIONS.has(expr.func) ? 'ignored' : around;
    default:
      return around;
  }
}

/** When an expression looks at a series: at `firstMs`, then every `stepMs`, each time back to `deltaMs` before. */
export interface Looks {
  readonly firstMs: number;
  /** 0 when it looks once. */
  readonly stepMs: number;
  readonly deltaMs: number;
}

/** The series with histograms that have a count and a sum, but no buckets. Counter resets are found before the buckets
 *  go, but not across samples that no step looks at: upstream skips those. What is left is less to add, and upstream's
 *  annotations do not see buckets that nobody asked for.
 *  @see prometheus/promql/histogram_stats_iterator.go */
export function withoutBuckets(series: SeriesSamples, looks: Looks): SeriesSamples {
  const { histograms, timestampsMs } = series;
  if (histograms === undefined) return series;
  let before: Histogram | undefined;
  let beforeMs = Number.NEGATIVE_INFINITY;
  const stats = Array.from(histograms, (histogram, i) => {
    if (skipsBetween(looks, beforeMs, timestampsMs[i])) before = undefined;
    beforeMs = timestampsMs[i];
    if (histogram === undefined) return undefined;
    const reduced = statsOf(histogram, before);
    before = histogram;
    return reduced;
  });
  return { ...series, histograms: stats };
}

/** Whether a reader that stands on one sample jumps to the next one: the look that first needs the later sample begins
 *  after the earlier one.
 *  @see prometheus/storage/buffer.go BufferedSeriesIterator.Seek */
function skipsBetween({ firstMs, stepMs, deltaMs }: Looks, earlierMs: number, laterMs: number): boolean {
  if (stepMs <= deltaMs) return false;
  // The reader stops at the first sample that is not before a look's time.
  const step = Math.max(0, Math.floor((earlierMs - firstMs) / stepMs) + 1);
  const lookMs = firstMs + step * stepMs;
  return lookMs - deltaMs > earlierMs && laterMs >= lookMs - deltaMs;
}

function statsOf(histogram: Histogram, before: Histogram | undefined): Histogram {
  const { schema, count, sum } = histogram;
  const counterReset = resetHint(histogram, before);
  const buckets = { positive: NO_BUCKETS, negative: NO_BUCKETS };
  return { counterReset, schema, zeroThreshold: 0, zeroCount: 0, count, sum, ...buckets };
}

function resetHint(histogram: Histogram, before: Histogram | undefined): Histogram['counterReset'] {
  if (histogram.counterReset !== 'unknown' || before === undefined) return histogram.counterReset;
  return detectReset(histogram, before) ? 'reset' : 'not-reset';
}
