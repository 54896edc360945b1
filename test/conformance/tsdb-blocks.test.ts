import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { compareLabels, formatLabels, type Labels, labelsFromRecord } from '#shared/model/labels.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { type BlockSeries, openBlock, readMeta, type StoredChunk } from '#shared/tsdb/block/block-reader.ts';
import { verifyBlock } from '#shared/tsdb/block/verify-block.ts';
import { decodeChunk } from '#shared/tsdb/chunk/chunk.ts';
import { ChunkBuilder } from '#shared/tsdb/chunk/chunk-builder.ts';
import { sampleCount, XOR } from '#shared/tsdb/chunk/encoding.ts';
import { createSampleColumns } from '#shared/tsdb/chunk/sample-columns.ts';
import { runPromtool, skipWithoutOracle } from '#test/support/oracle.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';
import {
  type BlockFiles,
  type NewSeries,
  readBlockFolder,
  sourceOf,
  writeBlock,
} from '#test/tsdb/block/block-files.ts';

const DEMO = 'conformance/tsdb/demo-block';
const VERSION_1 = 'conformance/tsdb/index_format_v1';
const DEMO_TEXT = 'conformance/demo/demo-15min.openmetrics.txt.gz';
const LABEL_SETS = 'conformance/tsdb/20kseries.json';
const EVERYTHING = { minMs: -1e15, maxMs: 1e15 };
const ULID = '01M827Y2FRD4TKPEPZEF84GBZ0';

const folder = mkdtempSync(join(tmpdir(), 'blocks-'));
after(() => rmSync(folder, { recursive: true }));

/** A block that someone else wrote, whole. */
async function readWhole(files: BlockFiles) {
  const { ulid } = JSON.parse(new TextDecoder().decode(files.get('meta.json')));
  const source = sourceOf(ulid, files);
  const reader = await openBlock(source);
  return { source, reader, series: await reader.read(await reader.select([]), EVERYTHING) };
}

/** Reads a block, checks it, and writes it again: every file is the same. */
async function assertSameAgain(files: BlockFiles): Promise<number> {
  const { source, reader, series } = await readWhole(files);
  assert.deepEqual((await verifyBlock(source)).problems, []);
  const { ulid, minTime, maxTime, compaction } = reader.meta;
  const again = writeBlock(series, { ulid, minTime, maxTime, compaction });
  for (const [path, bytes] of files) assert.ok(Buffer.from(bytes).equals(again.get(path)!), `${path} differs`);
  return series.length;
}

function saveBlock(database: string, ulid: string, files: BlockFiles): void {
  // Without one, promtool does not open a database.
  mkdirSync(join(database, 'wal'), { recursive: true });
  for (const [path, bytes] of files) {
    const file = join(database, ulid, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}

test('a block of the real Prometheus is read, and written again byte for byte', {
  skip: skipWithout(DEMO),
}, async () => {
  assert.equal(await assertSameAgain(readBlockFolder(sharedData(DEMO)!)), 957);
});

test('a block with an index of version 1 is read', { skip: skipWithout(VERSION_1) }, async () => {
  const { source, reader, series } = await readWhole(readBlockFolder(sharedData(VERSION_1)!));
  assert.deepEqual((await verifyBlock(source)).problems, []);
  assert.deepEqual(reader.labelNames(), ['bar', 'foo']);
  assert.equal(series.length, reader.meta.stats.numSeries);
  for (const value of ['0', '7', '99', '100']) {
    const refs = await reader.select([createMatcher('bar', '=', value)]);
    const expected = series.filter(({ labels }) => labels[0] === 'bar' && labels[1] === value);
    assert.deepEqual(await reader.series(refs, EVERYTHING), expected.map(withoutSamples));
  }
});

function withoutSamples({ ref, labels, chunks }: BlockSeries<StoredChunk>): BlockSeries {
  return { ref, labels, chunks: chunks.map(({ minMs, maxMs, ref }) => ({ minMs, maxMs, ref })) };
}

test('blocks that promtool makes of OpenMetrics are read, and written again byte for byte', {
  skip: skipWithoutOracle('promtool') || skipWithout(DEMO_TEXT),
}, async () => {
  const text = join(folder, 'demo.om');
  writeFileSync(text, gunzipSync(readFileSync(sharedData(DEMO_TEXT)!)));
  const database = join(folder, 'from-text');
  await runPromtool('tsdb', 'create-blocks-from', 'openmetrics', text, database);
  let series = 0;
  for (const ulid of readdirSync(database)) series += await assertSameAgain(readBlockFolder(join(database, ulid)));
  assert.ok(series > 900, `${series} series`);
});

test('the meta of a block with another version is refused', {
  skip: skipWithout('conformance/tsdb/repair_index_version'),
}, async () => {
  const ulid = '01BZJ9WJQPWHGNC2W4J9TA62KC';
  const path = sharedData(`conformance/tsdb/repair_index_version/${ulid}/meta.json`)!;
  const files = new Map([['meta.json', new Uint8Array(readFileSync(path))]]);
  await assert.rejects(readMeta(sourceOf(ulid, files)), /unexpected meta file version 2$/);
});

/** Series of integers that promtool prints as they are, in the first two hours after `BASE_MS`. */
const BASE_MS = 1_800_000_000_000 - (1_800_000_000_000 % 7_200_000);
const PLAN = { ulid: ULID, minTime: BASE_MS, maxTime: BASE_MS + 7_200_000 };

function integerSeries(labels: Labels, { samples, seed }: { samples: number; seed: number }): NewSeries {
  const timestampsMs = Float64Array.from({ length: samples }, (_, i) => BASE_MS + 15_000 * i + (seed % 7));
  const values = Float64Array.from({ length: samples }, (_, i) => (i * (seed % 13)) % 1009);
  const builder = new ChunkBuilder();
  builder.append({ timestampsMs, values });
  return { labels, chunks: builder.finish() };
}

/** Lines as `promtool tsdb dump` prints them. */
function dump(series: readonly NewSeries[]): readonly string[] {
  return series.flatMap(({ labels, chunks }) =>
    chunks.flatMap(({ encoding, bytes }) => {
      const columns = createSampleColumns(sampleCount(XOR, bytes));
      decodeChunk(encoding, bytes, { columns });
      return Array.from(columns.timestampsMs, (time, i) => `${allLabels(labels)} ${columns.values[i]} ${time}`);
    }),
  );
}

/** All labels within braces. */
function allLabels(labels: Labels): string {
  const pairs: string[] = [];
  for (let i = 0; i < labels.length; i += 2) pairs.push(`${labels[i]}=${JSON.stringify(labels[i + 1])}`);
  return `{${pairs.join(', ')}}`;
}

test('promtool lists, analyzes and dumps a block that we write', { skip: skipWithoutOracle('promtool') }, async () => {
  const series = ['job-a', 'job-b', 'é', '語']
    .flatMap((job) => Array.from({ length: 25 }, (_, i) => ['__name__', `metric_${i % 5}`, 'id', `${i}`, 'job', job]))
    .sort(compareLabels)
    .map((labels, i) => integerSeries(labels, { samples: 100 + 30 * (i % 9), seed: i }));
  const files = writeBlock(series, { ...PLAN, segmentBytes: 8_000 });
  assert.ok(files.has('chunks/000002'));
  const database = join(folder, 'ours');
  saveBlock(database, ULID, files);
  const samples = dump(series);

  const { stats } = JSON.parse(new TextDecoder().decode(files.get('meta.json')));
  const [, row] = (await runPromtool('tsdb', 'list', database)).trim().split('\n');
  const counts = row.trim().split(/\s+/).slice(4, 7).map(Number);
  assert.deepEqual(counts, [samples.length, stats.numChunks, series.length]);

  const analysis = await runPromtool('tsdb', 'analyze', database, ULID);
  assert.match(analysis, /^Total Series: 100$/m);
  assert.match(analysis, /^Label names: 3$/m);
  assert.match(analysis, /^Postings \(unique label pairs\): 34$/m);

  const dumped = (await runPromtool('tsdb', 'dump', '--sandbox-dir-root', folder, database)).trim().split('\n');
  assert.deepEqual(dumped, samples);
  const some = await runPromtool('tsdb', 'dump', '--sandbox-dir-root', folder, '--match={job="語",id=~"1."}', database);
  assert.deepEqual(
    some.trim().split('\n'),
    samples.filter((line) => line.includes('job="語"') && /id="1.",/.test(line)),
  );
});

test('promtool leaves out what our tombstones delete', {
  skip: skipWithoutOracle('promtool'),
}, async () => {
  const series = [integerSeries(['__name__', 'a'], { samples: 10, seed: 1 })];
  const source = sourceOf(ULID, writeBlock(series, PLAN));
  const [ref] = await (await openBlock(source)).select([]);
  const stones = new Map([[ref, [{ minMs: BASE_MS, maxMs: BASE_MS + 60_001 }]]]);
  const database = join(folder, 'deleted');
  saveBlock(database, ULID, writeBlock(series, PLAN, stones));
  const dumped = (await runPromtool('tsdb', 'dump', '--sandbox-dir-root', folder, database)).trim().split('\n');
  assert.deepEqual(dumped, dump(series).slice(5));
});

test('of 20,000 label sets with long texts, select() finds each', {
  skip: skipWithout(LABEL_SETS) || skipWithoutOracle('promtool'),
}, async () => {
  const lines = readFileSync(sharedData(LABEL_SETS)!, 'utf8').trim().split('\n');
  const chunks = integerSeries([], { samples: 2, seed: 3 }).chunks;
  const sets = lines.map((line) => labelsFromRecord(JSON.parse(line))).sort(compareLabels);
  const series = sets.filter((labels, i) => i === 0 || compareLabels(labels, sets[i - 1]) !== 0);
  const files = writeBlock(
    series.map((labels) => ({ labels, chunks })),
    PLAN,
  );
  for (const useSidecar of [true, false]) {
    const reader = await openBlock(sourceOf(ULID, files), { useSidecar });
    for (let i = 0; i < series.length; i += 997) {
      const matchers = [];
      for (let k = 0; k < series[i].length; k += 2) matchers.push(createMatcher(series[i][k], '=', series[i][k + 1]));
      const found = await reader.series(await reader.select(matchers), EVERYTHING);
      assert.ok(
        found.some(({ labels }) => compareLabels(labels, series[i]) === 0),
        formatLabels(series[i]),
      );
    }
  }
  const database = join(folder, 'many');
  saveBlock(database, ULID, files);
  const analysis = await runPromtool('tsdb', 'analyze', database, ULID);
  assert.match(analysis, new RegExp(`^Total Series: ${series.length}$`, 'm'));
});
