import { type Buckets, type CounterReset, type Histogram, usesCustomBuckets } from '#shared/model/histogram.ts';
import { type KahanSum, kahanAdd } from '#shared/model/kahan.ts';
import { type CombinedHistogram, combineCounterResets, divideHistogram, multiplyHistogram } from './arithmetic.ts';
import {
  type CompensatedBuckets,
  mergeCompensated,
  reduceCompensated,
  withoutEmptyCompensated,
} from './compensated-buckets.ts';
import { customBoundsOf, intersectBounds, mergeOverCommonBounds, sameBounds } from './custom-bounds.ts';
import { bucketsFrom, firstOutsideZero, mergeBuckets } from './merge-buckets.ts';
import { lengthWithinZero, widenZeroBucket } from './zero-bucket.ts';

/** What rounding lost of a histogram's numbers; columns are as long as the histogram's buckets. */
export interface Compensation {
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positive: Float64Array;
  readonly negative: Float64Array;
}

/** A sum of histograms with what rounding lost of it; none was lost while it is one histogram. */
export interface CompensatedHistogram {
  readonly histogram: Histogram;
  readonly compensation?: Compensation;
  /** Columns of the sum before this one, which the next one is written into. */
  readonly spare?: CompensatedSides;
}

interface CompensatedSides {
  readonly positive: CompensatedBuckets;
  readonly negative: CompensatedBuckets;
}

/** A sum of two or more. */
export interface CompensatedSum extends CombinedHistogram, CompensatedHistogram {
  readonly compensation: Compensation;
}

/** A sum while it is put together; the buckets and numbers of `histogram` are those of before. */
interface Terms extends CompensatedSides {
  readonly histogram: Histogram;
  readonly zeroCount: KahanSum;
  readonly count: KahanSum;
  readonly sum: KahanSum;
  readonly spare?: CompensatedSides;
}

/** Adds a histogram to a sum, as `addHistograms` does, but keeps what rounding loses. Starts with `{ histogram }`.
 *  Of the sums that lead to one another only the last two can be read: the columns of earlier ones are written over.
 *  @returns undefined when one has exponential buckets and the other custom ones.
 *  @see prometheus/model/histogram/float_histogram.go KahanAdd */
export function addCompensated(total: CompensatedHistogram, other: Histogram): CompensatedSum | undefined {
  const { histogram, compensation } = total;
  const custom = usesCustomBuckets(histogram);
  if (custom !== usesCustomBuckets(other)) return undefined;
  const { counterReset, collision } = combineCounterResets(histogram.counterReset, other.counterReset);
  const boundsReconciled = custom && !sameBounds(customBoundsOf(histogram), customBoundsOf(other));
  const start = termsOf(total);
  const terms = custom ? addCustom(start, other, boundsReconciled) : addExponential(start, other);
  kahanAdd(terms.count, other.count);
  kahanAdd(terms.sum, other.sum);
  const isFirst = compensation === undefined;
  return {
    ...finish(isFirst ? withOwnColumns(terms, histogram) : terms, counterReset),
    counterResetCollision: collision,
    boundsReconciled,
    spare: isFirst ? undefined : { positive: start.positive, negative: start.negative },
  };
}

function termsOf({ histogram, compensation, spare }: CompensatedHistogram): Terms {
  const { positive, negative, zeroCount, count, sum } = histogram;
  const lostOf = ({ counts }: Buckets, lost?: Float64Array) => lost ?? new Float64Array(counts.length);
  return {
    histogram,
    zeroCount: { sum: zeroCount, compensation: compensation?.zeroCount ?? 0 },
    count: { sum: count, compensation: compensation?.count ?? 0 },
    sum: { sum, compensation: compensation?.sum ?? 0 },
    positive: { buckets: positive, lost: lostOf(positive, compensation?.positive) },
    negative: { buckets: negative, lost: lostOf(negative, compensation?.negative) },
    spare,
  };
}

function finish(terms: Terms, counterReset: CounterReset): Required<Omit<CompensatedHistogram, 'spare'>> {
  const { histogram, zeroCount, count, sum, positive, negative } = terms;
  return {
    histogram: {
      ...histogram,
      counterReset,
      zeroCount: zeroCount.sum,
      count: count.sum,
      sum: sum.sum,
      positive: positive.buckets,
      negative: negative.buckets,
    },
    compensation: {
      zeroCount: zeroCount.compensation,
      count: count.compensation,
      sum: sum.compensation,
      positive: positive.lost,
      negative: negative.lost,
    },
  };
}

/** The first histogram is shared; sums after it write into columns, and so need their own. */
function withOwnColumns(terms: Terms, first: Histogram): Terms {
  const positive = ownColumns(terms.positive, first.positive);
  return { ...terms, positive, negative: ownColumns(terms.negative, first.negative) };
}

function ownColumns({ buckets, lost }: CompensatedBuckets, shared: Buckets): CompensatedBuckets {
  const { indexes, counts } = buckets;
  if (counts.length === 0 || counts.buffer !== shared.counts.buffer) return { buckets, lost };
  return { buckets: { indexes, counts: counts.slice() }, lost };
}

/** The sum as a histogram: what rounding lost is added at last. May have empty buckets. */
export function compensatedTotal({ histogram, compensation }: CompensatedHistogram): Histogram {
  if (compensation === undefined) return histogram;
  const { schema, zeroThreshold, positive, negative } = histogram;
  const add = (buckets: Buckets, lost: Float64Array): Buckets => {
    const rest = { indexes: buckets.indexes, counts: lost };
    const first = firstOutsideZero(rest, schema, zeroThreshold);
    return first === lost.length ? copyBuckets(buckets) : mergeBuckets(buckets, bucketsFrom(rest, first), 1);
  };
  return {
    ...histogram,
    zeroCount: histogram.zeroCount + compensation.zeroCount,
    count: histogram.count + compensation.count,
    sum: histogram.sum + compensation.sum,
    positive: add(positive, compensation.positive),
    negative: add(negative, compensation.negative),
  };
}

function copyBuckets(buckets: Buckets): Buckets {
  return buckets.counts.length === 0 ? buckets : { indexes: buckets.indexes, counts: buckets.counts.slice() };
}

/** Multiplies a sum and what rounding lost of it by a factor that is not negative. */
export function multiplyCompensated(total: CompensatedHistogram, factor: number): CompensatedHistogram {
  return scale(total, multiplyHistogram(total.histogram, factor), (value) => value * factor);
}

/** Divides a sum and what rounding lost of it by a positive number. */
export function divideCompensated(total: CompensatedHistogram, divisor: number): CompensatedHistogram {
  return scale(total, divideHistogram(total.histogram, divisor), (value) => value / divisor);
}

function scale(
  { compensation }: CompensatedHistogram,
  histogram: Histogram,
  by: (value: number) => number,
): CompensatedHistogram {
  if (compensation === undefined) return { histogram };
  const { zeroCount, count, sum, positive, negative } = compensation;
  const scaled = { zeroCount: by(zeroCount), count: by(count), sum: by(sum) };
  return { histogram, compensation: { ...scaled, positive: positive.map(by), negative: negative.map(by) } };
}

function addCustom(start: Terms, other: Histogram, boundsReconciled: boolean): Terms {
  const { histogram, positive, spare } = start;
  if (!boundsReconciled) {
    return { ...start, positive: mergeCompensated(positive, other.positive, { spare: spare?.positive }) };
  }
  const common = intersectBounds(customBoundsOf(histogram), customBoundsOf(other));
  const merged = mergeOverCommonBounds(histogram, other, { common, sign: 1, lost: positive.lost });
  return {
    ...start,
    histogram: { ...histogram, customBounds: common },
    positive: { buckets: merged.buckets, lost: merged.compensation },
  };
}

function addExponential(start: Terms, other: Histogram): Terms {
  const { terms, otherCount, otherCompensation } = reconcileCompensated(start, other);
  kahanAdd(terms.zeroCount, otherCount);
  kahanAdd(terms.zeroCount, otherCompensation);
  const schema = Math.min(terms.histogram.schema, other.schema);
  const histogram = { ...terms.histogram, schema };
  const add = (side: 'positive' | 'negative') =>
    addSide(
      { sum: terms[side], schema: terms.histogram.schema },
      { added: other[side], schema: other.schema },
      {
        histogram,
        spare: start.spare?.[side],
      },
    );
  return { ...terms, histogram, positive: add('positive'), negative: add('negative') };
}

function addSide(
  { sum, schema: sumSchema }: { readonly sum: CompensatedBuckets; readonly schema: number },
  { added, schema: addedSchema }: { readonly added: Buckets; readonly schema: number },
  { histogram, spare }: { readonly histogram: Histogram; readonly spare?: CompensatedBuckets },
): CompensatedBuckets {
  const { schema, zeroThreshold } = histogram;
  const left = sumSchema === schema ? sum : reduceCompensated(sum.buckets, sum.lost, { from: sumSchema, to: schema });
  if (addedSchema === schema) {
    return mergeCompensated(left, bucketsFrom(added, firstOutsideZero(added, schema, zeroThreshold)), { spare });
  }
  const { buckets, lost } = reduceCompensated(added, undefined, { from: addedSchema, to: schema });
  const first = firstOutsideZero(buckets, schema, zeroThreshold);
  return mergeCompensated(left, bucketsFrom(buckets, first), { lostOfAdded: lost.subarray(first), spare });
}

interface ReconciledSum {
  readonly terms: Terms;
  readonly otherCount: number;
  readonly otherCompensation: number;
}

/** As `reconcileZeroBuckets`, with what rounding loses. */
function reconcileCompensated(start: Terms, other: Histogram): ReconciledSum {
  let terms = start;
  let zero = { threshold: other.zeroThreshold, count: other.zeroCount, compensation: 0 };
  while (zero.threshold !== terms.histogram.zeroThreshold) {
    const { zeroThreshold } = terms.histogram;
    if (zeroThreshold > zero.threshold) zero = widenZeroBucket(other, zeroThreshold);
    else if (zero.threshold > zeroThreshold) terms = widenTerms(terms, zero.threshold);
    else break;
  }
  return { terms, otherCount: zero.count, otherCompensation: zero.compensation };
}

function widenTerms(terms: Terms, threshold: number): Terms {
  const { histogram, zeroCount, positive, negative } = terms;
  const current = { ...histogram, zeroCount: zeroCount.sum, positive: positive.buckets, negative: negative.buckets };
  const lost = { zeroCount: zeroCount.compensation, positive: positive.lost, negative: negative.lost };
  const zero = widenZeroBucket(current, threshold, lost);
  const outside = ({ buckets, lost: lostOfSide }: CompensatedBuckets): CompensatedBuckets => {
    const first = lengthWithinZero(buckets, histogram.schema, zero.threshold);
    return withoutEmptyCompensated(bucketsFrom(buckets, first), lostOfSide.subarray(first));
  };
  return {
    ...terms,
    histogram: { ...histogram, zeroThreshold: zero.threshold },
    zeroCount: { sum: zero.count, compensation: zero.compensation },
    positive: outside(positive),
    negative: outside(negative),
  };
}
