import { goExp2, ldexp } from '#shared/model/go-math.ts';
import { type Buckets, CUSTOM_BUCKETS_SCHEMA, type Histogram } from '#shared/model/histogram.ts';

export const MIN_EXPONENTIAL_SCHEMA = -4;
export const MAX_EXPONENTIAL_SCHEMA = 8;
/** Schemas that writers may send, and that are brought down to `MAX_EXPONENTIAL_SCHEMA` when they come in. */
export const MAX_RESERVED_SCHEMA = 52;
/** Known to be a schema, but of a resolution that nothing can read. */
export const MIN_RESERVED_SCHEMA = -9;

/** @see prometheus/model/histogram/generic.go IsExponentialSchema */
export function isExponentialSchema(schema: number): boolean {
  return schema >= MIN_EXPONENTIAL_SCHEMA && schema <= MAX_EXPONENTIAL_SCHEMA;
}

/** Whether a histogram of the schema can be read, if need be after its resolution is reduced.
 *  @see prometheus/model/histogram/generic.go IsKnownSchema */
export function isKnownSchema(schema: number): boolean {
  return schema === CUSTOM_BUCKETS_SCHEMA || (schema >= MIN_RESERVED_SCHEMA && schema <= MAX_RESERVED_SCHEMA);
}

/** Bounds in [0.5, 1) by schema, 0 to 8. Every second one is that of the schema before; the others are a multiplication
 *  away from the one before them. Not the nearest floats, but those that upstream computes, bit by bit.
 *  @see client_golang/prometheus/histogram.go nativeHistogramBounds */
const FRACTIONS: readonly Float64Array[] = computeFractions();

function computeFractions(): readonly Float64Array[] {
  const all = [Float64Array.of(0.5)];
  for (let schema = 1; schema <= MAX_EXPONENTIAL_SCHEMA; schema++) {
    const coarser = all[schema - 1];
    const factor = goExp2(2 ** -schema);
    const fractions = new Float64Array(1 << schema);
    for (let i = 0; i < fractions.length; i++) {
      fractions[i] = i % 2 === 0 ? coarser[i / 2] : fractions[i - 1] * factor;
    }
    all.push(fractions);
  }
  return all;
}

/** The upper bound of bucket `index` with an exponential schema, −4 to 8; the lower bound of the one after it. The bucket
 *  that ends at 2^1024 ends at the largest float, so that ±Inf has one of its own.
 *  @see prometheus/model/histogram/generic.go getBoundExponential */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) {
    const exponent = index * 2 ** -schema;
    return exponent === 1024 ? Number.MAX_VALUE : ldexp(1, exponent);
  }
  const fraction = FRACTIONS[schema][index & ((1 << schema) - 1)];
  const exponent = (index >> schema) + 1;
  return fraction === 0.5 && exponent === 1025 ? Number.MAX_VALUE : ldexp(fraction, exponent);
}

/** The upper bound of bucket `index`, as an absolute value; ±Inf at the ends of custom bounds.
 *  @throws {RangeError} Where custom bounds have no such bucket.
 *  @see prometheus/model/histogram/generic.go getBound */
export function bucketBound({ schema, customBounds }: Histogram, index: number): number {
  if (schema !== CUSTOM_BUCKETS_SCHEMA) return exponentialBound(index, schema);
  const length = customBounds?.length ?? 0;
  if (index === -1) return Number.NEGATIVE_INFINITY;
  if (index === length) return Number.POSITIVE_INFINITY;
  if (customBounds === undefined || index < -1 || index > length) {
    throw new RangeError(`index ${index} out of bounds for custom bounds of length ${length}`);
  }
  return customBounds[index];
}

/** The bucket of schema `to` that holds bucket `index` of schema `from`, which is not lower.
 *  @see prometheus/model/histogram/float_histogram.go targetIdx */
export function targetIndex(index: number, from: number, to: number): number {
  return ((index - 1) >> Math.min(from - to, 31)) + 1;
}

/** The same observations in the wider buckets of a lower schema.
 *  @param to At most `from`.
 *  @see prometheus/model/histogram/generic.go reduceResolution */
export function reduceBuckets(buckets: Buckets, from: number, to: number): Buckets {
  if (from === to || buckets.indexes.length === 0) return buckets;
  const indexes = new Int32Array(buckets.indexes.length);
  const counts = new Float64Array(indexes.length);
  let length = 0;
  for (let i = 0; i < indexes.length; i++) {
    const index = targetIndex(buckets.indexes[i], from, to);
    if (length > 0 && indexes[length - 1] === index) {
      counts[length - 1] += buckets.counts[i];
    } else {
      indexes[length] = index;
      counts[length++] = buckets.counts[i];
    }
  }
  return { indexes: indexes.subarray(0, length), counts: counts.subarray(0, length) };
}

/** The histogram at a lower resolution; itself when it has that schema already.
 *  @param schema Exponential and at most the histogram's.
 *  @throws {RangeError} When the histogram has custom buckets, or a lower resolution than that.
 *  @see prometheus/model/histogram/float_histogram.go CopyToSchema */
export function reduceResolution(histogram: Histogram, schema: number): Histogram {
  const from = histogram.schema;
  if (schema === from) return histogram;
  if (from === CUSTOM_BUCKETS_SCHEMA) {
    throw new RangeError(`cannot reduce resolution to ${schema} when there are custom buckets`);
  }
  if (schema === CUSTOM_BUCKETS_SCHEMA) throw new RangeError('cannot reduce resolution to custom buckets schema');
  if (schema > from) throw new RangeError(`cannot copy from schema ${from} to ${schema}`);
  const positive = reduceBuckets(histogram.positive, from, schema);
  const negative = reduceBuckets(histogram.negative, from, schema);
  return { ...histogram, schema, positive, negative };
}
