import type { Buckets, Histogram } from '#shared/model/histogram.ts';

/** What the size of a histogram depends on. */
export interface SizedBuckets extends Pick<Histogram, 'customBounds'> {
  readonly positive: Pick<Buckets, 'indexes'>;
  readonly negative: Pick<Buckets, 'indexes'>;
}

/** What upstream's histogram takes without its slices. */
const FIXED_BYTES = 168;

/** The bytes that the histogram takes in upstream's memory, which is what limits on samples count: a histogram counts as
 *  this by 16 in an instant vector, and with 8 more for its time in a range vector.
 *  @see prometheus/model/histogram/float_histogram.go Size */
export function histogramSizeBytes({ positive, negative, customBounds }: SizedBuckets): number {
  return FIXED_BYTES + sideBytes(positive) + sideBytes(negative) + 8 * (customBounds?.length ?? 0);
}

/** Eight bytes a bucket and eight a span of neighbours. */
function sideBytes({ indexes }: Pick<Buckets, 'indexes'>): number {
  let spans = 0;
  for (let i = 0; i < indexes.length; i++) if (i === 0 || indexes[i] !== indexes[i - 1] + 1) spans++;
  return 8 * (indexes.length + spans);
}
