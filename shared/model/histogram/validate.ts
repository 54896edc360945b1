import { formatFloatGeneral } from '#shared/model/float.ts';
import { CUSTOM_BUCKETS_SCHEMA } from '#shared/model/histogram.ts';
import { HistogramError } from './error.ts';
import { isExponentialSchema, MAX_EXPONENTIAL_SCHEMA, MIN_EXPONENTIAL_SCHEMA } from './schema.ts';
import type { Span, SpannedHistogram } from './spans.ts';

const MIN_INDEX = -(2 ** 31);
const MAX_INDEX = 2 ** 31 - 1;

const NEGATIVE_OFFSET = 'histogram has a span whose offset is negative';
const SPANS_MISMATCH = 'histogram spans specify different number of buckets than provided';
const INDEX_OUT_OF_RANGE = 'histogram has a span whose bucket index is out of range';
const NEGATIVE_BUCKET = 'histogram has a bucket whose observation count is negative';

/** Refuses a histogram that no client can have made: spans and buckets of different lengths, negative counts, bounds that
 *  do not rise, fields of the other kind of schema. Of an integer histogram also counts that do not add up.
 *  @throws {HistogramError} With Prometheus's words.
 *  @see prometheus/model/histogram/float_histogram.go Validate
 *  @see prometheus/model/histogram/histogram.go Validate */
export function checkSpannedHistogram(histogram: SpannedHistogram): void {
  const { schema, isInteger } = histogram;
  let inBuckets = 0;
  if (schema === CUSTOM_BUCKETS_SCHEMA) checkCustom(histogram);
  else if (isExponentialSchema(schema)) inBuckets += checkExponential(histogram);
  else throw invalidSchema(schema);
  if (!isInteger && histogram.count < 0) {
    throw new HistogramError(
      `observation count is  ${formatFloatGeneral(histogram.count)}: histogram's observation count is negative`,
    );
  }
  inBuckets += onSide('positive', () => checkCounts(histogram.positiveBuckets, isInteger));
  if (isInteger) checkTotal(histogram, inBuckets + histogram.zeroCount);
}

/** A schema that is neither exponential nor custom. */
export function invalidSchema(schema: number): HistogramError {
  const exponential = `between ${MIN_EXPONENTIAL_SCHEMA} and ${MAX_EXPONENTIAL_SCHEMA} for exponential buckets`;
  const wanted = `which must be ${exponential}, or ${CUSTOM_BUCKETS_SCHEMA} for custom buckets`;
  return new HistogramError(`histogram has an invalid schema, ${wanted}, got schema ${schema}`);
}

function checkCustom(histogram: SpannedHistogram): void {
  const { customBounds = new Float64Array(0), positiveSpans, positiveBuckets } = histogram;
  const fail = (message: string) => new HistogramError(`custom buckets: ${message}`);
  checkCustomBounds(customBounds, fail);
  checkCustomSpans(positiveSpans, { buckets: positiveBuckets.length, bounds: customBounds.length }, fail);
  if (histogram.zeroCount !== 0) throw fail('must have zero count of 0');
  if (histogram.zeroThreshold !== 0) throw fail('must have zero threshold of 0');
  if (histogram.negativeSpans.length > 0) throw fail('must not have negative spans');
  if (histogram.negativeBuckets.length > 0) throw fail('must not have negative buckets');
}

function checkCustomBounds(bounds: Float64Array, fail: (message: string) => HistogramError): void {
  for (let i = 0; i < bounds.length; i++) {
    if (Number.isNaN(bounds[i])) throw fail('histogram custom bounds must not be NaN');
    if (i > 0 && bounds[i] <= bounds[i - 1]) {
      const got = `previous bound is ${formatFixed(bounds[i - 1])} and current is ${formatFixed(bounds[i])}`;
      throw fail(`${got}: histogram custom bounds must be in strictly increasing order`);
    }
  }
  if (bounds.at(-1) === Number.POSITIVE_INFINITY) {
    throw fail('last +Inf bound must not be explicitly defined: histogram custom bounds must be finite');
  }
}

function checkCustomSpans(
  spans: readonly Span[],
  { buckets, bounds }: { readonly buckets: number; readonly bounds: number },
  fail: (message: string) => HistogramError,
): void {
  let inSpans = 0;
  let end = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    if (offset < 0) throw fail(`span number ${i + 1} with offset ${offset}: ${NEGATIVE_OFFSET}`);
    inSpans += length;
    end += offset + length;
  }
  if (inSpans !== buckets) throw fail(`spans need ${inSpans} buckets, have ${buckets} buckets: ${SPANS_MISMATCH}`);
  if (bounds + 1 < end) {
    const got = `only ${bounds} custom bounds defined which is insufficient to cover total span length of ${end}`;
    throw fail(`${got}: histogram custom bounds are too few`);
  }
}

/** Returns the observations in negative buckets. */
function checkExponential(histogram: SpannedHistogram): number {
  const { positiveSpans, negativeSpans, positiveBuckets, negativeBuckets, isInteger, zeroCount } = histogram;
  onSide('positive', () => checkSpans(positiveSpans, positiveBuckets.length));
  onSide('negative', () => checkSpans(negativeSpans, negativeBuckets.length));
  const inBuckets = onSide('negative', () => checkCounts(negativeBuckets, isInteger));
  if (!isInteger && zeroCount < 0) {
    throw new HistogramError(
      `zero bucket has observation count of ${formatFloatGeneral(zeroCount)}: ${NEGATIVE_BUCKET}`,
    );
  }
  if (histogram.customBounds !== undefined) {
    throw new HistogramError('histogram with exponential schema must not have custom bounds');
  }
  return inBuckets;
}

/** Says of which buckets an error is. */
function onSide<T>(side: 'positive' | 'negative', check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof HistogramError)) throw error;
    throw new HistogramError(`${side} side: ${error.message}`, { cause: error });
  }
}

/** @see prometheus/model/histogram/generic.go checkHistogramSpans */
function checkSpans(spans: readonly Span[], buckets: number): void {
  let inSpans = 0;
  let end = 0;
  for (const [i, { offset, length }] of spans.entries()) {
    const name = `span number ${i + 1}`;
    if (i > 0 && offset < 0) throw new HistogramError(`${name} with offset ${offset}: ${NEGATIVE_OFFSET}`);
    if (i === 0 && offset === MIN_INDEX) {
      throw new HistogramError(`${name} starts at bucket index ${offset}: ${INDEX_OUT_OF_RANGE}`);
    }
    inSpans += length;
    end += offset + length;
    if (end - 1 > MAX_INDEX) throw new HistogramError(`${name} ends at bucket index ${end - 1}: ${INDEX_OUT_OF_RANGE}`);
  }
  if (inSpans !== buckets) {
    throw new HistogramError(`spans need ${inSpans} buckets, have ${buckets} buckets: ${SPANS_MISMATCH}`);
  }
}

/** Returns the sum of the counts. */
function checkCounts(buckets: ArrayLike<number>, areDeltas: boolean): number {
  let total = 0;
  let count = 0;
  for (let i = 0; i < buckets.length; i++) {
    count = areDeltas ? count + buckets[i] : buckets[i];
    if (count < 0) {
      const got = areDeltas ? String(count) : formatFloatGeneral(count);
      throw new HistogramError(`bucket number ${i + 1} has observation count of ${got}: ${NEGATIVE_BUCKET}`);
    }
    total += count;
  }
  return total;
}

function checkTotal({ sum, count }: SpannedHistogram, inBuckets: number): void {
  const got = `${inBuckets} observations found in buckets, but the Count field is ${count}`;
  if (Number.isNaN(sum) && inBuckets > count) {
    const rule = "histogram's observation count should be at least the number of observations found in the buckets";
    throw new HistogramError(`${got}: ${rule}`);
  }
  if (!Number.isNaN(sum) && inBuckets !== count) {
    const rule = 'should equal the number of observations found in the buckets (in absence of NaN)';
    throw new HistogramError(`${got}: histogram's observation count ${rule}`);
  }
}

/** Formats a float as Go's `%f`: six digits after the point, whatever its size. */
function formatFixed(value: number): string {
  if (!Number.isFinite(value)) return formatFloatGeneral(value);
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}
