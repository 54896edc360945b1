import fc from 'fast-check';
import { type Buckets, type CounterReset, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';

const COUNTS = [0, 0, 1, 2.5, 1e16, 3e-7];

function buckets(): fc.Arbitrary<Buckets> {
  return fc
    .dictionary(fc.integer({ min: -2, max: 5 }).map(String), fc.constantFrom(...COUNTS), { maxKeys: 5 })
    .map((counts) => {
      const indexes = Object.keys(counts)
        .map(Number)
        .toSorted((a, b) => a - b);
      if (indexes.length === 0) return NO_BUCKETS;
      return { indexes: Int32Array.from(indexes), counts: Float64Array.from(indexes, (index) => counts[index]) };
    });
}

/** Histograms with few buckets that mostly, but not always, fit to one another: some of them empty, of either sign, with a
 *  few schemas and zero thresholds, with numbers that lose bits in a sum. */
export function histograms(hints: readonly CounterReset[] = ['unknown', 'not-reset', 'reset', 'gauge']) {
  const histogram = fc.record({
    counterReset: fc.constantFrom(...hints),
    schema: fc.constantFrom(0, 0, 0, 0, 0, 1),
    zeroThreshold: fc.constantFrom(1e-3, 1e-3, 1e-3, 1e-3, 0.5),
    zeroCount: fc.constantFrom(...COUNTS),
    count: fc.constantFrom(1, 2.5, 1e16, 3e-7, Number.MAX_VALUE),
    sum: fc.constantFrom(1, -2.5, 1e16, 3e-7, Number.NaN),
    positive: buckets(),
    negative: buckets(),
  });
  // Lists are shared where they are equal, as storage does with those of a series.
  return fc.array(histogram, { minLength: 1, maxLength: 8 }).map((list) => {
    const shared = new Map<string, Int32Array>();
    const share = (side: Buckets): Buckets => {
      const key = side.indexes.join();
      if (!shared.has(key)) shared.set(key, side.indexes);
      return { indexes: shared.get(key)!, counts: side.counts };
    };
    return list.map((one): Histogram => ({ ...one, positive: share(one.positive), negative: share(one.negative) }));
  });
}

/** The same, with one list of buckets in all. */
export function alikeHistograms() {
  return histograms().map((list) =>
    list.map((one, i): Histogram => {
      const { schema, zeroThreshold, positive, negative } = list[0];
      const counts = (side: Buckets) => Float64Array.from(side.indexes, (_, k) => COUNTS[(i * 7 + k) % COUNTS.length]);
      const like = (side: Buckets) => ({ indexes: side.indexes, counts: counts(side) });
      return { ...one, schema, zeroThreshold, positive: like(positive), negative: like(negative) };
    }),
  );
}
