import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import { openBlock } from '#shared/tsdb/block/block-reader.ts';
import { BlockCorruptError } from '#shared/tsdb/block/block-source.ts';
import { verifyBlock } from '#shared/tsdb/block/verify-block.ts';
import { ChunkBuilder } from '#shared/tsdb/chunk/chunk-builder.ts';
import { ByteReader } from '#shared/tsdb/encoding/bytes.ts';
import { crc32c } from '#shared/tsdb/encoding/crc32c.ts';
import { type BlockFiles, sourceOf, writeBlock } from './block-files.ts';
import { ALL_TIME, chunkAt, manySeries, PLAN, ULID } from './series.ts';

const STONES = new Map([[7, [{ minMs: 1, maxMs: 2 }]]]);

test('verifyBlock() finds nothing wrong with what BlockWriter writes', async () => {
  const series = manySeries(300, 3);
  const report = await verifyBlock(sourceOf(ULID, writeBlock(series, { ...PLAN, segmentBytes: 9_000 })));
  const numSamples = series.flatMap(({ chunks }) => chunks).reduce((total, { bytes }) => total + bytes[1], 0);
  assert.deepEqual(report, { problems: [], numSeries: 300, numChunks: 900, numSamples });
});

test('verifyBlock() counts native histograms apart', async () => {
  const histogram = (count: number): Histogram => ({
    counterReset: 'unknown',
    schema: 0,
    zeroThreshold: 0.001,
    zeroCount: 1,
    count: count + 1,
    sum: 2 * count,
    positive: { indexes: Int32Array.of(0), counts: Float64Array.of(count) },
    negative: NO_BUCKETS,
  });
  const builder = new ChunkBuilder();
  const times = Float64Array.from({ length: 50 }, (_, i) => i * 1000);
  const histograms = Array.from(times, (_, i) => (i < 40 ? histogram(i) : undefined));
  builder.append({ timestampsMs: times, values: new Float64Array(50), histograms });
  const source = sourceOf(ULID, writeBlock([{ labels: ['__name__', 'h'], chunks: builder.finish() }], PLAN));
  const { problems, numSamples } = await verifyBlock(source);
  assert.deepEqual(problems, []);
  assert.equal(numSamples, 50);
  const { stats } = (await openBlock(source)).meta;
  assert.deepEqual([stats.numFloatSamples, stats.numHistogramSamples], [10, 40]);
});

/** What reading all of a block gives: what readers could see of a change. */
async function readAll(files: BlockFiles, useSidecar: boolean): Promise<string> {
  const reader = await openBlock(sourceOf(ULID, files), { useSidecar });
  const series = await reader.read(await reader.select([]), ALL_TIME);
  const { minTime, maxTime } = reader.meta;
  const chunks = series.map(({ labels, chunks }) => [
    labels,
    chunks.map((chunk) => ({ ...chunk, bytes: [...chunk.bytes] })),
  ]);
  const names = reader.labelNames();
  const postings = await Promise.all(
    names.flatMap((name) =>
      reader.labelValues(name).map(async (value) => [name, value, ...(await reader.postings(name, value))]),
    ),
  );
  return JSON.stringify({ minTime, maxTime, chunks, postings, tombstones: [...reader.tombstones] });
}

/** A block in which every byte is of interest. */
const SMALL = [
  { labels: ['__name__', 'a', 'job', 'x'], chunks: [chunkAt(0, 2), chunkAt(9000, 3)] },
  { labels: ['__name__', 'a', 'job', 'y'], chunks: [chunkAt(0, 2)] },
  { labels: ['__name__', 'b'], chunks: [chunkAt(5000, 1)] },
];

test('of a block with any byte changed, what is read is the same or an error names the file', async () => {
  const first = writeBlock(SMALL, PLAN);
  const [ref] = await (await openBlock(sourceOf(ULID, first))).select([]);
  const good = writeBlock(SMALL, PLAN, new Map([[ref, [{ minMs: 1, maxMs: 2 }]]]));
  assert.deepEqual((await verifyBlock(sourceOf(ULID, good))).problems, []);
  const expected = await readAll(good, true);
  assert.equal(await readAll(good, false), expected);
  const unseen: string[] = [];
  for (const [path, bytes] of good) {
    for (let i = 0; i < bytes.length; i++) {
      const damaged = new Map(good);
      const changed = bytes.slice();
      changed[i] ^= i % 3 === 0 ? 0xff : 1 << (i % 8);
      damaged.set(path, changed);
      const problems = (await verifyBlock(sourceOf(ULID, damaged))).problems;
      for (const useSidecar of [true, false]) {
        const actual = await readAll(damaged, useSidecar).catch((error) => {
          assert.ok(error instanceof BlockCorruptError, `${path} at ${i}: ${error.stack}`);
          assert.match(error.message, new RegExp(`^Cannot read block ${ULID}: \\S+ at offset \\d+: .`));
          return undefined;
        });
        // Without the sidecar nothing else says what is in meta.json.
        if (path === 'meta.json' && !useSidecar) continue;
        assert.ok(actual === undefined || actual === expected, `${path} at ${i} is read otherwise`);
      }
      if (problems.length === 0) unseen.push(`${path} at ${i}`);
    }
  }
  // Padding between series and postings, and spaces of meta.json.
  assert.ok(unseen.length <= 8, unseen.join());
});

test('of a block with a file cut or missing, an error names the file', async () => {
  const good = writeBlock(SMALL, PLAN, STONES);
  for (const path of ['index', 'chunks/000001', 'emberwatch.idx', 'meta.json', 'tombstones']) {
    const bytes = good.get(path)!;
    for (const length of [0, 1, 4, 8, 9, bytes.length >> 1, bytes.length - 1]) {
      if (length >= bytes.length) continue;
      const cut = new Map(good).set(path, bytes.slice(0, length));
      const { problems } = await verifyBlock(sourceOf(ULID, cut));
      assert.ok(problems.length > 0 && problems.some((problem) => problem.path === path), `${path} of ${length} bytes`);
    }
  }
  for (const path of ['index', 'chunks/000001', 'meta.json']) {
    const without = new Map(good);
    without.delete(path);
    const { problems } = await verifyBlock(sourceOf(ULID, without));
    assert.match(problems[0].message, new RegExp(`${path} at offset \\d+: the file is missing`));
  }
});

/** The block with bytes changed, and the checksum around them made right again. */
function forge(
  files: BlockFiles,
  path: string,
  change: (bytes: Uint8Array) => { start: number; end: number },
): BlockFiles {
  const bytes = files.get(path)!.slice();
  const { start, end } = change(bytes);
  new DataView(bytes.buffer).setUint32(end, crc32c(bytes, start, end));
  return new Map(files).set(path, bytes);
}

test('verifyBlock() finds what checksums do not tell', async () => {
  const good = writeBlock(SMALL, PLAN);
  const offset = 8;
  const cases: readonly { readonly what: string; readonly files: BlockFiles; readonly expected: RegExp }[] = [
    {
      what: 'a chunk with other times',
      files: forge(good, 'chunks/000001', (bytes) => {
        const length = bytes[offset];
        // Behind the count of samples: the time of the first, 0.
        bytes[offset + 4] = 2;
        return { start: offset + 1, end: offset + 2 + length };
      }),
      expected: /chunks\/000001 at offset 8: the chunk has times 1 to 1001, expected 0 to 1000$/,
    },
    {
      what: 'postings of a series that has not the label',
      files: forge(good, 'index', (bytes) => {
        const toc = new ByteReader(bytes, bytes.length - 52);
        toc.skip(32);
        const start = (toc.u64be() + 3) & ~3;
        const length = new DataView(bytes.buffer).getUint32(start);
        bytes[start + 4 + length - 1]++;
        return { start: start + 4, end: start + 4 + length };
      }),
      expected: /index at offset \d+: the postings of ="" are not the series that have it$/,
    },
    {
      what: 'tombstones of a series that is not there',
      files: writeBlock(SMALL, PLAN, STONES),
      expected: /tombstones at offset 0: there is no series 7$/,
    },
    {
      what: 'a count that is wrong',
      files: new Map(good).set(
        'meta.json',
        new TextEncoder().encode(
          new TextDecoder().decode(good.get('meta.json')).replace('"numSeries": 3', '"numSeries": 4'),
        ),
      ),
      expected: /meta.json at offset 0: numSeries is 4, expected 3$/,
    },
    {
      what: 'a sidecar of another block',
      files: new Map(good).set('emberwatch.idx', writeBlock(SMALL.slice(1), PLAN).get('emberwatch.idx')!),
      expected: /emberwatch.idx at offset 0: it is not that of the index$/,
    },
  ];
  for (const { what, files, expected } of cases) {
    const { problems } = await verifyBlock(sourceOf(ULID, files));
    assert.ok(
      problems.some(({ message }) => expected.test(message)),
      `${what}: ${problems.join('\n')}`,
    );
  }
});

test('a block of another id is refused', async () => {
  const other = '01M827Y2FRD4TKPEPZEF84GBZ1';
  await assert.rejects(openBlock(sourceOf(other, writeBlock(SMALL, PLAN))), {
    name: 'BlockCorruptError',
    message: `Cannot read block ${other}: meta.json at offset 0: it is of block ${ULID}`,
  });
});
