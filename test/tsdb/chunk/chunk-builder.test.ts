import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CounterReset, Histogram } from '#shared/model/histogram.ts';
import type { BuiltChunk } from '#shared/tsdb/chunk/built-chunk.ts';
import { ChunkBuilder } from '#shared/tsdb/chunk/chunk-builder.ts';
import { sampleCount } from '#shared/tsdb/chunk/encoding.ts';
import { resetOf } from '#shared/tsdb/chunk/histogram-encoding.ts';
import { GOLDEN } from './golden.ts';
import { columnsOf, decoded, hex, histogram, rowsOf, type TestSample } from './samples.ts';

const HOUR = 3_600_000;
/** Begins a chunk range. */
const T = 1_700_000_000_000 - (1_700_000_000_000 % (2 * HOUR));

function build(samples: readonly TestSample[], options = {}): BuiltChunk[] {
  const builder = new ChunkBuilder(options);
  builder.append(columnsOf(samples));
  return builder.finish();
}

/** Checks that chunks hold these samples, and that what is said of them is so. */
function assertHold(chunks: readonly BuiltChunk[], samples: readonly TestSample[]): void {
  const rows: unknown[] = [];
  for (const { encoding, bytes, minMs, maxMs, ...chunk } of chunks) {
    const columns = decoded(encoding, bytes);
    const { timestampsMs } = columns;
    assert.deepEqual([minMs, maxMs], [timestampsMs[0], timestampsMs.at(-1)]);
    assert.equal(chunk.sampleCount, sampleCount(encoding, bytes));
    rows.push(...rowsOf(columns));
  }
  assert.deepEqual(rows, rowsOf(columnsOf(samples)));
}

function every(stepMs: number, count: number, sample: (i: number) => Omit<TestSample, 't'>): TestSample[] {
  return Array.from({ length: count }, (_, i) => ({ t: T + i * stepMs, ...sample(i) }));
}

const counts = (chunks: readonly BuiltChunk[]) => chunks.map(({ sampleCount: count }) => count);
const encodings = (chunks: readonly BuiltChunk[]) => chunks.map(({ encoding }) => encoding);

test('ChunkBuilder cuts floats where the head of Prometheus cuts them', () => {
  const cases: readonly { readonly why: string; readonly samples: TestSample[]; readonly expected: number[] }[] = [
    { why: '2 h of 15 s make four', samples: every(15_000, 480, (i) => ({ v: i })), expected: [120, 120, 120, 120] },
    { why: 'the ranges of 2 h', samples: every(60_000, 300, () => ({ v: 1 })), expected: [120, 120, 60] },
    {
      why: 'a range is shared out evenly',
      samples: every(10_000, 720, () => ({ v: 1 })),
      expected: Array(6).fill(120),
    },
    { why: 'many samples a second', samples: every(1, 500, () => ({ v: 1 })), expected: [120, 120, 120, 120, 20] },
    {
      why: '1,005 bytes',
      samples: every(15_000, 240, (i) => ({ v: Math.sin(i) * 10 ** (i % 7) })),
      expected: [119, 118, 3],
    },
    {
      why: 'a slow series that becomes fast',
      samples: [...every(60_000, 30, () => ({ v: 1 })), ...every(1000, 400, () => ({ v: 1 })).map(later(30 * 60_000))],
      expected: [240, 118, 72],
    },
  ];
  for (const { why, samples, expected } of cases) {
    const chunks = build(samples);
    assertHold(chunks, samples);
    assert.deepEqual(counts(chunks), expected, why);
    for (const { bytes } of chunks) assert.ok(bytes.length <= 1024, `${why}: ${bytes.length} bytes`);
  }
});

function later(byMs: number): (sample: TestSample) => TestSample {
  return (sample) => ({ ...sample, t: sample.t + byMs });
}

test('ChunkBuilder uses XOR2 from the first sample with a start timestamp on', () => {
  const samples = every(15_000, 60, (i) => ({ v: i, st: i >= 20 && i < 40 ? T - 1 : 0 }));
  const chunks = build(samples);
  assert.deepEqual(encodings(chunks), [1, 4]);
  assert.deepEqual(counts(chunks), [20, 40]);
  assertHold(chunks, samples);
});

const COUNTER = { schema: 2, zeroThreshold: 0.5, zeroCount: 1, positive: { 1: 2, 2: 3 } };

/** Two histograms and how the second one's chunk is told from the first's: `undefined` when they share it. */
test('ChunkBuilder cuts histograms where a chunk cannot say how they go on', () => {
  const first = histogram(COUNTER);
  const gauge = histogram({ ...COUNTER, counterReset: 'gauge' });
  const custom = histogram({ schema: -53, customBounds: Float64Array.of(1, 2), positive: { 0: 1 } });
  const stale = 'stale' as const;
  const UNKNOWN = 0;
  const NOT_RESET = 0x40;
  const RESET = 0x80;
  const GAUGE = 0xc0;
  const cases: readonly {
    readonly why: string;
    readonly from?: Histogram | 'stale';
    readonly to: Histogram | 'stale';
    readonly header?: number;
  }[] = [
    { why: 'the same', to: first },
    { why: 'a higher bucket', to: histogram({ ...COUNTER, positive: { 1: 2, 2: 9 } }) },
    { why: 'a new bucket', to: histogram({ ...COUNTER, positive: { 0: 1, 1: 2, 2: 3, 7: 1 }, negative: { 3: 1 } }) },
    { why: 'a lower bucket', to: histogram({ ...COUNTER, positive: { 1: 9, 2: 2 } }), header: RESET },
    { why: 'a bucket less', to: histogram({ ...COUNTER, positive: { 1: 9 } }), header: RESET },
    {
      why: 'a lower zero bucket',
      to: histogram({ ...COUNTER, zeroCount: 0, positive: { 1: 9, 2: 3 } }),
      header: RESET,
    },
    { why: 'fewer observations', to: histogram({ ...COUNTER, positive: { 1: 1, 2: 3 } }), header: RESET },
    { why: 'an empty bucket less', from: histogram({ ...COUNTER, positive: { 0: 0, 1: 2, 2: 3 } }), to: first },
    { why: 'the hint', to: { ...first, counterReset: 'reset' }, header: RESET },
    { why: 'another schema', to: histogram({ ...COUNTER, schema: 1 }), header: UNKNOWN },
    { why: 'another zero threshold', to: histogram({ ...COUNTER, zeroThreshold: 1 }), header: UNKNOWN },
    { why: 'a gauge after a counter', to: gauge, header: GAUGE },
    { why: 'a counter after a gauge', from: gauge, to: first, header: NOT_RESET },
    {
      why: 'a lower gauge',
      from: gauge,
      to: { ...histogram({ positive: { 5: 1 } }), ...SCALE, counterReset: 'gauge' },
    },
    { why: 'other custom bounds', from: custom, to: { ...custom, customBounds: Float64Array.of(1, 3) }, header: RESET },
    { why: 'the same custom bounds', from: custom, to: { ...custom, customBounds: Float64Array.of(1, 2) } },
    { why: 'a stale marker', to: stale },
    { why: 'a histogram after a stale marker', from: stale, to: first, header: UNKNOWN },
    { why: 'a stale marker after a gauge', from: gauge, to: stale, header: NOT_RESET },
    { why: 'a stale marker after another', from: stale, to: stale },
    { why: 'counts that are not whole', to: histogram({ ...COUNTER, positive: { 1: 2.5, 2: 3 } }) },
  ];
  for (const { why, from = first, to, header } of cases) {
    const samples = [first, from, to].map((each, i) => ({
      t: T + i,
      ...(each === stale ? { v: stale } : { h: each }),
    }));
    const chunks = build(samples);
    assertHold(chunks, samples);
    const last = chunks[chunks.length - 1];
    assert.equal(last.minMs === T + 2, header !== undefined, why);
    if (header !== undefined) assert.equal(resetOf(last.encoding, last.bytes), header, why);
  }
});

const SCALE = { schema: 2, zeroThreshold: 0.5 };

test('ChunkBuilder cuts histograms at 1,024 bytes or so, after ten of them', () => {
  const wide = (i: number) =>
    histogram({ positive: Object.fromEntries(Array.from({ length: 40 }, (_, k) => [k, 1 + i * (k + 1) * (k % 3)])) });
  const samples = every(15_000, 200, (i) => ({ h: wide(i) }));
  const chunks = build(samples);
  assertHold(chunks, samples);
  for (const { bytes } of chunks) assert.ok(bytes.length < 2100, `${bytes.length} bytes`);
  const huge = every(15_000, 25, (i) => ({
    h: histogram({ positive: Object.fromEntries(Array.from({ length: 900 }, (_, k) => [k, 1e6 + i * k * k])) }),
  }));
  assert.deepEqual(counts(build(huge)), [10, 10, 5]);
});

test('ChunkBuilder says in the header of a chunk that was cut for its size that the counter goes on', () => {
  const samples = every(600_000, 30, (i) => ({ h: histogram({ positive: { 1: i } }) }));
  const chunks = build(samples);
  assert.deepEqual(counts(chunks), [12, 12, 6]);
  assert.deepEqual(
    chunks.map(({ encoding, bytes }) => resetOf(encoding, bytes)),
    [0, 0x40, 0x40],
  );
});

test('ChunkBuilder writes counts as floats from the chunk on that has one which is not whole', () => {
  const samples = every(600_000, 24, (i) => ({ h: histogram({ positive: { 1: i === 15 ? 15.5 : i } }) }));
  const chunks = build(samples);
  assert.deepEqual(encodings(chunks), [2, 3]);
  assert.deepEqual(counts(chunks), [12, 12]);
  assertHold(chunks, samples);
  const large = [{ t: T, h: histogram({ positive: { 1: 2 ** 51 } }) }];
  assert.deepEqual(encodings(build(large)), [3]);
});

test('ChunkBuilder makes the chunks of floats and histograms in turn', () => {
  const h = histogram(COUNTER);
  const samples: TestSample[] = [
    { t: T, v: 1 },
    { t: T + 1, v: 'stale' },
    { t: T + 2, h },
    { t: T + 3, v: 'stale' },
    { t: T + 4, v: 2 },
    { t: T + 5, v: 'stale' },
    { t: T + 6, h },
    { t: T + 7, h, st: T },
    { t: T + 8, v: 'stale' },
  ];
  const chunks = build(samples);
  assert.deepEqual(encodings(chunks), [1, 2, 1, 2, 5]);
  assert.deepEqual(counts(chunks), [2, 2, 2, 1, 2]);
  assertHold(chunks, samples);
});

test('ChunkBuilder makes the same chunks whether samples come at once or in parts', () => {
  const parts = new ChunkBuilder();
  const samples = every(15_000, 500, (i) => (i % 200 < 150 ? { v: i } : { h: histogram({ positive: { 1: i } }) }));
  const columns = columnsOf(samples);
  for (let from = 0; from < samples.length; from += 7) {
    parts.append(columns, { from, to: Math.min(from + 7, samples.length) });
  }
  assert.deepEqual(parts.finish(), build(samples));
});

test('ChunkBuilder begins anew after a series', () => {
  const builder = new ChunkBuilder();
  for (const { samples, encoding, bytes } of GOLDEN) {
    if (encoding === 6 || encoding === 4) continue;
    builder.append(columnsOf(samples));
    const chunks = builder.finish();
    if (chunks.length === 1) assert.equal(hex(chunks[0].bytes), bytes);
    assertHold(chunks, samples);
  }
  assert.deepEqual(builder.finish(), []);
});

test('ChunkBuilder refuses times that do not rise', () => {
  const builder = new ChunkBuilder();
  builder.append(columnsOf([{ t: 5 }]));
  assert.throws(() => builder.append(columnsOf([{ t: 5 }])), /time 5 is not after 5/);
  assert.throws(() => builder.append(columnsOf([{ t: Number.NaN }])), /time NaN is not after 5/);
});

test('chunks of any histograms have the samples that they were made of', () => {
  const buckets = fc.dictionary(
    fc.integer({ min: -30, max: 30 }).map(String),
    fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 2 ** 50 })),
    { maxKeys: 8 },
  );
  const anyHistogram = fc
    .record({
      counterReset: fc.constantFrom<CounterReset>('unknown', 'unknown', 'gauge', 'gauge', 'reset'),
      schema: fc.constantFrom(0, 0, 0, -4, 8),
      zeroThreshold: fc.constantFrom(0, 0, 0.001, 2 ** -128, 1e-300),
      zeroCount: fc.integer({ min: 0, max: 3 }),
      sum: fc.double({ noNaN: true }),
      positive: buckets,
      negative: buckets,
      count: fc.integer({ min: 0, max: 100 }),
      scale: fc.constantFrom(1, 1, 1, 0.3),
    })
    .map(({ scale, ...parts }) => {
      const made = histogram(parts);
      return { ...made, count: made.count * scale };
    });
  const sample = fc.oneof(
    { weight: 8, arbitrary: anyHistogram.map((h) => ({ h })) },
    fc.constant({ v: 'stale' as const }),
    fc.double({ noNaN: true }).map((v) => ({ v })),
  );
  const list = fc.array(fc.tuple(sample, fc.integer({ min: 1, max: 1e7 }), fc.constantFrom(0, 0, 0, 7)), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(list, (entries) => {
      let t = T;
      const samples = entries.map(([each, step, st]) => ({ ...each, t: (t += step), st }));
      assertHold(build(samples), samples);
    }),
    { seed: 1, numRuns: 300 },
  );
});
