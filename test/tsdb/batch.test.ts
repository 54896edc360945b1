import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createZstdCompression } from '#shared/adapters/node/compression.ts';
import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from '#shared/model/histogram.ts';
import { type Batch, decodeBatch, encodeBatch, type SampledSection } from '#shared/tsdb/batch.ts';

const compression = createZstdCompression();

/** All bits of a float but those of a NaN, which is one. */
const float = fc.double();
const count = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.double({ noNaN: true }), fc.constant(-0));

const buckets = fc
  .uniqueArray(fc.record({ index: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), count }), {
    selector: ({ index }) => index,
    maxLength: 6,
  })
  .map((list) => {
    const rising = list.toSorted((a, b) => a.index - b.index);
    return {
      indexes: Int32Array.from(rising, ({ index }) => index),
      counts: Float64Array.from(rising, ({ count }) => count),
    };
  });

const histogram: fc.Arbitrary<Histogram> = fc
  .record({
    counterReset: fc.constantFrom('unknown' as const, 'reset' as const, 'not-reset' as const, 'gauge' as const),
    schema: fc.integer({ min: -4, max: 8 }),
    zeroThreshold: float,
    zeroCount: count,
    count,
    sum: float,
    positive: buckets,
    negative: buckets,
    bounds: fc.option(fc.array(float, { maxLength: 3 })),
  })
  .map(({ bounds, ...rest }) =>
    bounds === null ? rest : { ...rest, schema: CUSTOM_BUCKETS_SCHEMA, customBounds: Float64Array.from(bounds) },
  );

const section: fc.Arbitrary<SampledSection> = fc
  .record({
    samples: fc.array(fc.record({ value: float, histogram: fc.option(histogram, { nil: undefined }), start: float })),
    hasHistograms: fc.boolean(),
    hasStartTimes: fc.boolean(),
    hasTimes: fc.boolean(),
  })
  .map(({ samples, hasHistograms, hasStartTimes, hasTimes }) => ({
    kind: 'sampled',
    source: 'job/target',
    layout: '00112233445566778899aabbccddeeff',
    remembered: undefined,
    pending: undefined,
    values: Float64Array.from(samples, ({ value }) => value),
    timesMs: hasTimes ? Float64Array.from(samples, ({ start }) => start) : undefined,
    startTimesMs: hasStartTimes ? Float64Array.from(samples, ({ start }) => start) : undefined,
    histograms: hasHistograms ? samples.map((sample) => sample.histogram) : undefined,
    trackStaleness: false,
  }));

test('decodeBatch(encodeBatch(x)) is x, native histograms and start times included', () => {
  fc.assert(
    fc.property(fc.array(section, { maxLength: 3 }), (sections) => {
      const batch: Batch = { slotMs: 15_000, timestampMs: 15_001, sections };
      assert.deepEqual(decodeBatch(encodeBatch(batch, compression), compression), batch);
    }),
    { seed: 11, numRuns: 200 },
  );
});

test('custom bounds are stored once in a section, and shared when read', () => {
  const one = (): Histogram => ({
    counterReset: 'unknown',
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 3,
    sum: 4.5,
    positive: { indexes: Int32Array.of(0, 2), counts: Float64Array.of(1, 2) },
    negative: { indexes: new Int32Array(), counts: new Float64Array() },
    customBounds: Float64Array.from({ length: 50 }, (_, i) => Math.sqrt(i)),
  });
  const encoded = (histograms: readonly Histogram[]) => {
    const values = new Float64Array(histograms.length);
    const layout = '00112233445566778899aabbccddeeff';
    const sections: SampledSection[] = [{ kind: 'sampled', source: 's', layout, values, histograms }];
    return encodeBatch({ slotMs: 0, timestampMs: 0, sections }, uncompressed);
  };
  assert.ok(encoded([one(), one()]).length - encoded([one()]).length < 50);
  const [section] = decodeBatch(encoded([one(), one()]), uncompressed).sections as SampledSection[];
  assert.equal(section.histograms?.[0]?.customBounds, section.histograms?.[1]?.customBounds);
});

const uncompressed = { compress: (bytes: Uint8Array) => bytes, decompress: (bytes: Uint8Array) => bytes };

test('a section with a flag that is not known is refused', () => {
  const values = Float64Array.of(1);
  const sections: SampledSection[] = [
    { kind: 'sampled', source: 's', layout: '00112233445566778899aabbccddeeff', values },
  ];
  // Frame header 16 bytes, timestamp 8, section count 1, source 2: then the flags.
  const reopened = {
    ...uncompressed,
    decompress: (bytes: Uint8Array) => bytes.with(11, 0x80 | 0x00).with(12, 1),
  };
  const frame = encodeBatch({ slotMs: 0, timestampMs: 0, sections }, uncompressed);
  assert.throws(() => decodeBatch(frame, reopened), /Cannot decode section "s": flags are 128, at most 127 are known/);
});
