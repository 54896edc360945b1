import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeChunk } from '#shared/tsdb/chunk/chunk.ts';
import { sampleCount, XOR, XOR2 } from '#shared/tsdb/chunk/encoding.ts';
import { createSampleColumns } from '#shared/tsdb/chunk/sample-columns.ts';
import { encodeXor } from '#shared/tsdb/chunk/xor.ts';
import { encodeXor2 } from '#shared/tsdb/chunk/xor2.ts';
import { columnsOf, decoded, rowsOf, type TestSample, type Value } from './samples.ts';

const CODECS = [
  { name: 'XOR', encoding: XOR, encode: encodeXor, startTimes: false },
  { name: 'XOR2', encoding: XOR2, encode: encodeXor2, startTimes: true },
] as const;

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value[]>(0, -0, 1, 2, 'stale', Number.POSITIVE_INFINITY, { high: 0x7ff80000, low: 1 }),
  fc.record({ high: word, low: word }),
  fc.record({ high: word, low: fc.constant(0) }),
  fc.double(),
);
const step = fc.oneof(
  fc.constant(15_000),
  fc.integer({ min: 14_990, max: 15_010 }),
  fc.integer({ min: 1, max: 2 ** 21 }),
  fc.integer({ min: 1, max: 2 ** 43 }),
);
const start = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -(2 ** 44), max: 2 ** 44 }));

function samplesFrom(steps: readonly (readonly [number, Value, number])[], first: number): TestSample[] {
  let t = first;
  return steps.map(([by, v, st]) => ({ t: (t += by), v, st }));
}

const run = fc
  .tuple(
    fc.array(fc.tuple(step, value, start), { minLength: 1, maxLength: 300 }),
    fc.integer({ min: -(2 ** 44), max: 2 ** 44 }),
  )
  .map(([steps, first]) => samplesFrom(steps, first));

for (const { name, encoding, encode, startTimes } of CODECS) {
  test(`an ${name} chunk has the samples that it was made of, bit by bit`, () => {
    fc.assert(
      fc.property(run, (samples) => {
        const known = startTimes ? samples : samples.map((sample) => ({ ...sample, st: 0 }));
        const chunk = encode(columnsOf(known), { from: 0, to: known.length });
        assert.equal(sampleCount(encoding, chunk), known.length);
        assert.deepEqual(rowsOf(decoded(encoding, chunk)), rowsOf(columnsOf(known)));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test(`an ${name} chunk is cut before the sample that finds it too large`, () => {
    const samples = samplesFrom(
      Array.from({ length: 300 }, (_, i) => [15_000, Math.sqrt(i), 0] as const),
      0,
    );
    const columns = columnsOf(samples);
    const chunk = encode(columns, { from: 10, to: 300, cutAboveBytes: 500 });
    const count = sampleCount(encoding, chunk);
    assert.ok(chunk.length > 500 && chunk.length < 520, `${chunk.length} bytes`);
    assert.deepEqual(rowsOf(decoded(encoding, chunk)), rowsOf(columns, 10, 10 + count));
    assert.ok(encode(columns, { from: 10, to: 10 + count - 1 }).length <= 500);
  });

  test(`an ${name} chunk holds 65,535 samples and no more`, () => {
    const columns = createSampleColumns(70_000);
    for (let i = 0; i < 70_000; i++) columns.timestampsMs[i] = i * 1000;
    const chunk = encode(columns, { from: 0, to: 70_000 });
    const { timestampsMs } = decoded(encoding, chunk);
    assert.equal(timestampsMs.length, 65_535);
    assert.equal(timestampsMs[65_534], 65_534_000);
  });

  test(`${name} refuses times that it cannot hold`, () => {
    const cases = [
      { times: [0.5], error: /0\.5 is not a whole number/ },
      { times: [2 ** 53], error: /9007199254740992 is not a whole number/ },
      { times: [Number.NaN], error: /NaN is not a whole number/ },
      { times: [5, 5], error: /time 5 is not after 5/ },
      { times: [5, 4], error: /time 4 is not after 5/ },
      { times: [1, Number.NaN], error: /time NaN is not after 1/ },
      { times: [1, 2.5], error: /1\.5 is not a whole number/ },
      { times: [1, 2, 4.5], error: /1\.5 ms between samples is not a whole number/ },
      { times: [0, 1, 2 ** 53 - 1, 2 ** 53], error: /9007199254740992 is beyond/ },
    ];
    for (const { times, error } of cases) {
      const columns = columnsOf(times.map((t) => ({ t })));
      assert.throws(() => encode(columns, { from: 0, to: times.length }), { name: 'RangeError', message: error });
    }
  });

  test(`${name} keeps the longest times`, () => {
    const samples = [{ t: -(2 ** 53) + 2 }, { t: -(2 ** 53) + 3 }, { t: 0 }, { t: 2 ** 53 - 1 }];
    const chunk = encode(columnsOf(samples), { from: 0, to: 4 });
    assert.deepEqual(rowsOf(decoded(encoding, chunk)), rowsOf(columnsOf(samples)));
  });

  test(`decodeChunk() of ${name} appends to columns and refuses those that are too short`, () => {
    const samples = [
      { t: 1, v: 1 },
      { t: 2, v: 2 },
    ];
    const chunk = encode(columnsOf(samples), { from: 0, to: 2 });
    const columns = createSampleColumns(3);
    assert.equal(decodeChunk(encoding, chunk, { columns, at: 1 }), 2);
    assert.deepEqual([...columns.values], [0, 1, 2]);
    assert.throws(() => decodeChunk(encoding, chunk, { columns, at: 2 }), /decode 2 samples at 2: .* room for 3/);
  });
}
