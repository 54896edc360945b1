import { customBoundsOf, sameBounds } from '#shared/model/histogram/custom-bounds.ts';
import { type Buckets, CUSTOM_BUCKETS_SCHEMA, type Histogram } from '#shared/model/histogram.ts';
import { GAUGE, NOT_RESET, RESET, type ResetHeader, UNKNOWN_RESET } from './histogram-encoding.ts';
import { type HistogramLayout, unionIndexes } from './histogram-layout.ts';

/** What is known of a chunk that histograms are appended to. */
export interface HistogramChunkState {
  readonly reset: ResetHeader;
  /** Has all buckets that any of its histograms has. */
  readonly layout: HistogramLayout;
  /** The last sample; absent after a stale marker. */
  readonly last?: Histogram;
}

/** Whether a sample can be appended to a chunk: `layout` is the chunk's from then on. If not, a new chunk is cut, and
 *  `reset` is why. */
export type HistogramFit =
  | { readonly kind: 'fits'; readonly layout: HistogramLayout }
  | { readonly kind: 'cut'; readonly reset: ResetHeader };

/** Decides by what Prometheus decides by: a chunk has one schema, one zero threshold and one list of custom bounds; either
 *  gauges or counters that do not reset in it; nothing but stale markers after a stale marker.
 *  @param histogram Absent for a stale marker, which is never a gauge.
 *  @see prometheus/tsdb/chunkenc/histogram.go appendable, appendableGauge */
export function fitHistogram(chunk: HistogramChunkState, histogram: Histogram | undefined): HistogramFit {
  if (histogram?.counterReset === 'gauge') return fitGauge(chunk, histogram);
  if (chunk.reset === GAUGE) return { kind: 'cut', reset: NOT_RESET };
  if (histogram === undefined) return { kind: 'fits', layout: chunk.layout };
  return fitCounter(chunk, histogram);
}

function fitGauge({ reset, layout, last }: HistogramChunkState, histogram: Histogram): HistogramFit {
  if (reset !== GAUGE || last === undefined || !sameScale(layout, histogram)) return { kind: 'cut', reset: GAUGE };
  return { kind: 'fits', layout: widened(layout, histogram) };
}

function fitCounter({ layout, last }: HistogramChunkState, histogram: Histogram): HistogramFit {
  if (histogram.counterReset === 'reset') return { kind: 'cut', reset: RESET };
  if (last === undefined) return { kind: 'cut', reset: UNKNOWN_RESET };
  if (histogram.count < last.count) return { kind: 'cut', reset: RESET };
  if (histogram.schema !== layout.schema || histogram.zeroThreshold !== layout.zeroThreshold) {
    return { kind: 'cut', reset: UNKNOWN_RESET };
  }
  if (
    !sameScale(layout, histogram) ||
    histogram.zeroCount < last.zeroCount ||
    anyFell(last.positive, histogram.positive) ||
    anyFell(last.negative, histogram.negative)
  ) {
    return { kind: 'cut', reset: RESET };
  }
  return { kind: 'fits', layout: widened(layout, histogram) };
}

function sameScale(layout: HistogramLayout, histogram: Histogram): boolean {
  if (histogram.schema !== layout.schema || histogram.zeroThreshold !== layout.zeroThreshold) return false;
  if (histogram.schema !== CUSTOM_BUCKETS_SCHEMA) return true;
  return sameBounds(customBoundsOf(histogram), layout.customBounds ?? NO_BOUNDS);
}

const NO_BOUNDS = new Float64Array(0);

/** The layout with the buckets of `histogram` too; itself when it has them. */
function widened(layout: HistogramLayout, { positive, negative }: Histogram): HistogramLayout {
  const widerPositive = unionIndexes(layout.positive, positive.indexes);
  const widerNegative = unionIndexes(layout.negative, negative.indexes);
  if (widerPositive === layout.positive && widerNegative === layout.negative) return layout;
  return { ...layout, positive: widerPositive, negative: widerNegative };
}

/** Whether a bucket is lower than it was, or is missing though it was not empty. */
function anyFell(before: Buckets, now: Buckets): boolean {
  for (let i = 0, j = 0; i < before.indexes.length; i++) {
    while (j < now.indexes.length && now.indexes[j] < before.indexes[i]) j++;
    const found = j < now.indexes.length && now.indexes[j] === before.indexes[i];
    if (found ? before.counts[i] > now.counts[j] : before.counts[i] !== 0) return true;
  }
  return false;
}
