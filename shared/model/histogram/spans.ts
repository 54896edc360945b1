import { type Buckets, type CounterReset, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';

/** A run of buckets without a gap.
 *  @see prometheus/model/histogram/histogram.go Span */
export interface Span {
  /** Empty buckets before it; of the first span, its first index. */
  readonly offset: number;
  readonly length: number;
}

/** A histogram as formats carry it: the buckets' places as spans. */
export interface SpannedHistogram {
  readonly counterReset: CounterReset;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  /** Buckets of an integer histogram are written as differences to the one before. */
  readonly isInteger: boolean;
  readonly positiveSpans: readonly Span[];
  readonly negativeSpans: readonly Span[];
  readonly positiveBuckets: ArrayLike<number>;
  readonly negativeBuckets: ArrayLike<number>;
  readonly customBounds?: Float64Array;
}

/** Buckets from spans and their counts.
 *  @param counts As many as the spans are long: see `checkSpannedHistogram`. */
export function bucketsFromSpans(spans: readonly Span[], counts: ArrayLike<number>): Buckets {
  if (counts.length === 0) return NO_BUCKETS;
  return { indexes: spanIndexes(spans, counts.length), counts: Float64Array.from(counts) };
}

/** Buckets from spans and differences between neighbouring counts.
 *  @param deltas As many as the spans are long: see `checkSpannedHistogram`. */
export function bucketsFromDeltas(spans: readonly Span[], deltas: ArrayLike<number>): Buckets {
  if (deltas.length === 0) return NO_BUCKETS;
  const counts = new Float64Array(deltas.length);
  let count = 0;
  for (let i = 0; i < counts.length; i++) {
    count += deltas[i];
    counts[i] = count;
  }
  return { indexes: spanIndexes(spans, counts.length), counts };
}

function spanIndexes(spans: readonly Span[], length: number): Int32Array {
  const indexes = new Int32Array(length);
  let at = 0;
  let index = 0;
  for (const span of spans) {
    index += span.offset;
    for (let i = 0; i < span.length; i++) indexes[at++] = index++;
  }
  return indexes;
}

/** The spans of buckets: as few as there can be. */
export function spansOf({ indexes }: Buckets): readonly Span[] {
  const spans: Span[] = [];
  for (let start = 0; start < indexes.length; ) {
    let end = start + 1;
    while (end < indexes.length && indexes[end] === indexes[end - 1] + 1) end++;
    const offset = start === 0 ? indexes[0] : indexes[start] - indexes[start - 1] - 1;
    spans.push({ offset, length: end - start });
    start = end;
  }
  return spans;
}

/** Differences between neighbouring counts, as integer histograms are written. */
export function deltasOf({ counts }: Buckets): Float64Array {
  return counts.map((count, i) => (i === 0 ? count : count - counts[i - 1]));
}

/** The histogram that spans and buckets say.
 *  @param spanned Passes `checkSpannedHistogram`. */
export function histogramFromSpans(spanned: SpannedHistogram): Histogram {
  const { counterReset, schema, zeroThreshold, zeroCount, count, sum, isInteger, customBounds } = spanned;
  const toBuckets = isInteger ? bucketsFromDeltas : bucketsFromSpans;
  const totals = { counterReset, schema, zeroThreshold, zeroCount, count, sum };
  const positive = toBuckets(spanned.positiveSpans, spanned.positiveBuckets);
  const negative = toBuckets(spanned.negativeSpans, spanned.negativeBuckets);
  return customBounds === undefined
    ? { ...totals, positive, negative }
    : { ...totals, positive, negative, customBounds };
}
