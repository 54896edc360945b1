import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_BUCKETS } from '#shared/model/histogram.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { ProtobufReader } from '#test/conformance/fuzz/protobuf-reader.ts';
import { snappyDecode } from '#test/conformance/fuzz/snappy-decode.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { writeRequests } from './remote-write.ts';
import { snappyLiterals } from './snappy-literals.ts';

const PROPERTY = { seed: 1, numRuns: 200 };

test('snappyLiterals() writes what snappy reads', () => {
  for (const length of [0, 1, 60, 127, 128, 65_536, 65_537, 200_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) % 256);
    assert.deepEqual(snappyDecode(snappyLiterals(bytes)), bytes);
  }
});

test('ProtobufWriter writes numbers and texts that read back the same', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer(), fc.double(), fc.string(), (nat, integer, double, text) => {
      const writer = new ProtobufWriter();
      writer.message(1, () => {
        writer.int64(2, nat);
        writer.sint64(300, integer);
        writer.double(4, double);
        writer.string(5, text);
        writer.packedDoubles(6, [double, 1]);
        writer.packedSint64(7, [integer, -1]);
      });
      const outer = new ProtobufReader(writer.bytes());
      assert.ok(outer.next());
      const message = outer.message();
      const read = () => [message.next(), message.field];
      assert.deepEqual([read(), message.uint()], [[true, 2], nat]);
      assert.deepEqual([read(), message.sint()], [[true, 300], integer]);
      assert.deepEqual([read(), message.double()], [[true, 4], double]);
      assert.deepEqual([read(), message.string()], [[true, 5], text.toWellFormed()]);
      assert.deepEqual([read(), message.packedDoubles()], [[true, 6], Float64Array.of(double, 1)]);
      assert.deepEqual(
        [read(), message.packedSints()],
        [
          [true, 7],
          [integer, -1],
        ],
      );
      assert.equal(message.next(), false);
    }),
    PROPERTY,
  );
});

test('ProtobufWriter writes a negative int64 in ten bytes', () => {
  const writer = new ProtobufWriter();
  writer.int64(1, -2);
  assert.equal(Buffer.from(writer.bytes()).toString('hex'), '08feffffffffffffffff01');
});

const HISTOGRAM = {
  counterReset: 'unknown',
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
} as const;

test('writeRequests() sends the runs of a series that mixes floats and histograms one after the other', () => {
  const values = new Float64Array(5);
  setStaleAt(wordsOf(values), 3);
  const series: SeriesSamples = {
    labels: ['__name__', 'm'],
    timestampsMs: Float64Array.of(1, 2, 3, 4, 5),
    values,
    histograms: [undefined, HISTOGRAM, HISTOGRAM, undefined, undefined],
  };
  const fields = [...writeRequests([series])].map((request) => fieldsOfSeries(request));
  assert.deepEqual(fields, [
    [1, 2],
    [1, 4, 4],
    [1, 2],
    [1, 2],
  ]);
});

/** The field numbers of the only series of a request. */
function fieldsOfSeries(request: Uint8Array): number[] {
  const reader = new ProtobufReader(request);
  assert.ok(reader.next());
  const series = reader.message();
  const fields: number[] = [];
  while (series.next()) {
    fields.push(series.field);
    series.skip();
  }
  return fields;
}
