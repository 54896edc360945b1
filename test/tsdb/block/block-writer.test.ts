import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartWriter } from '#shared/tsdb/block/block-part.ts';
import { BlockWriter } from '#shared/tsdb/block/block-writer.ts';
import { chunkRef, offsetOf, segmentOf, segmentPath } from '#shared/tsdb/block/chunk-meta.ts';
import { IndexWriter, indexSymbols } from '#shared/tsdb/block/index-writer.ts';
import { PostingsBuilder } from '#shared/tsdb/block/postings-builder.ts';
import { writeBlock } from './block-files.ts';
import { chunkAt, manySeries, PLAN, ULID } from './series.ts';

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

/** What upstream's writers (v0.316.0, segments of 64 bytes) make of the series below. */
const GOLDEN = {
  index: `
baaad70002000000210000000700085f5f6e616d655f5f04646f776e036a6f6202757002c3a903e8aa9ecde382ca00000a020102030501d00f00081d
103eca001001010402d00f001ae80700dcffffff1fea5538fe00000000000000000000000e020104030601cf0f009a8080801070694be00000000010
00000003000000030000000400000006cc4d8734000000080000000100000003a7692ed20000000c0000000200000004000000060015366400000008
0000000100000003a7692ed200000008000000010000000692983ace0000003d000000050200007402085f5f6e616d655f5f04646f776e8c0102085f
5f6e616d655f5f0275709c0102036a6f6202c3a9b00102036a6f6203e8aa9ec001ad8bf24c0000000000000005000000000000002e00000000000000
7300000000000000d0000000000000007300000000000000d055aaff11`.replaceAll('\n', ''),
  'chunks/000001': '85bd40dd010000000c010001d00f4045000000000000031a7b360c010001d00f4045000000000000031a7b36',
  'chunks/000002': '85bd40dd010000000c010001a01f4045000000000000d82c51ae0c010001cf0f4045000000000000b30ec9bd',
  tombstones: '0130ba3001059f1fc03e6deae94a',
};

const one = (timeHex: string, ms: number) => ({
  encoding: 1,
  bytes: new Uint8Array(Buffer.from(`0001${timeHex}4045000000000000`, 'hex')),
  minMs: ms,
  maxMs: ms,
});

test('BlockWriter writes index, segments and tombstones byte for byte as Prometheus does', () => {
  const series = [
    { labels: ['__name__', 'down', 'job', 'é'], chunks: [one('d00f', 1000)] },
    { labels: ['__name__', 'up'], chunks: [one('d00f', 1000), one('a01f', 2000)] },
    { labels: ['__name__', 'up', 'job', '語'], chunks: [one('cf0f', -1000)] },
  ];
  const plan = { ulid: ULID, minTime: -3000, maxTime: 3000, segmentBytes: 64 };
  const files = writeBlock(series, plan, new Map([[5, [{ minMs: -2000, maxMs: 4000 }]]]));
  for (const [path, expected] of Object.entries(GOLDEN)) assert.equal(hex(files.get(path)), expected, path);
  const meta = JSON.parse(new TextDecoder().decode(files.get('meta.json')));
  assert.deepEqual(meta.stats, { numSamples: 4, numFloatSamples: 4, numSeries: 3, numChunks: 4, numTombstones: 1 });
  assert.deepEqual(meta.compaction, { level: 1, sources: [ULID] });
});

test('BlockWriter counts samples by kind', () => {
  const histogram = { encoding: 2, bytes: Uint8Array.of(0, 7, 0), minMs: 0, maxMs: 6 };
  const float = { ...one('d00f', 1000), minMs: 10, maxMs: 10 };
  const files = writeBlock([{ labels: ['a', 'b'], chunks: [histogram, float] }], PLAN);
  const { stats } = JSON.parse(new TextDecoder().decode(files.get('meta.json')));
  assert.deepEqual(stats, { numSamples: 8, numFloatSamples: 1, numHistogramSamples: 7, numSeries: 1, numChunks: 2 });
});

test('BlockWriter refuses what would not be a block', () => {
  const a = { labels: ['__name__', 'a'], chunks: [chunkAt(0)] };
  const b = { labels: ['__name__', 'b'], chunks: [chunkAt(0)] };
  const cases = [
    { series: [b, a], expected: /series a to the index: it is not after b$/ },
    { series: [a, a], expected: /it is not after a$/ },
    { series: [{ ...a, chunks: [] }], expected: /series a to the block: it has no chunk$/ },
    {
      series: [{ ...a, chunks: [chunkAt(0), chunkAt(2000)] }],
      expected: /chunk minT 2000 is not higher than previous chunk maxT 2000$/,
    },
    { series: [{ ...a, chunks: [{ ...chunkAt(5000), maxMs: 1 }] }], expected: /chunk maxT 1 is less than minT 5000$/ },
    {
      series: [{ ...a, chunks: [chunkAt(-1)] }],
      expected: /a chunk has times -1 to 1999, outside of the block's 0 to 7200000$/,
    },
    { series: [{ ...a, chunks: [chunkAt(7_199_000)] }], expected: /outside of the block's/ },
    { series: [{ ...a, chunks: [{ ...chunkAt(0), encoding: 9 }] }], expected: /a chunk has the unknown encoding 9$/ },
  ];
  assert.throws(() => writeBlock([], PLAN), /Cannot finish block: it has no series$/);
  for (const { series, expected } of cases) assert.throws(() => writeBlock(series, PLAN), expected);
  const writer = new BlockWriter({ ...PLAN, symbols: ['__name__'] });
  assert.throws(() => writer.add(a.labels, a.chunks), /"a" is not among the symbols$/);
  assert.throws(() => new IndexWriter(['b', 'a']), /symbol "a" is not after "b"$/);
});

test('BlockWriter lets parts go while it writes', () => {
  const big = { ...chunkAt(0), bytes: new Uint8Array(5 * 1024 * 1024).fill(1, 0, 2) };
  const writer = new BlockWriter({ ...PLAN, symbols: ['n', '1', '2', '3'] });
  const early = ['1', '2', '3'].flatMap((value) => writer.add(['n', value], [big]));
  assert.deepEqual(
    early.map(({ path, bytes, last }) => [path, bytes.length > 8 * 1024 * 1024, last]),
    [['chunks/000001', true, false]],
  );
  const late = [...writer.finish()].map(({ path, last }) => ({ path, last }));
  assert.deepEqual(
    late.filter(({ last }) => last).map(({ path }) => path),
    ['chunks/000001', 'index', 'emberwatch.idx', 'tombstones', 'meta.json'],
  );
  assert.throws(() => writer.add(['n', '4'], [big]), /the block is finished/);
});

test('segments are cut before they are too long, also within a series', () => {
  const files = writeBlock(manySeries(40, 9), { ...PLAN, segmentBytes: 700 });
  const segments = [...files].filter(([path]) => path.startsWith('chunks/'));
  assert.ok(segments.length > 10);
  for (const [path, bytes] of segments) assert.ok(bytes.length <= 700, `${path} has ${bytes.length} bytes`);
  assert.equal(segments.at(-1)![0], segmentPath(segments.length - 1));
});

test('a chunk ref is a segment and an offset', () => {
  const ref = chunkRef(3, 0xffff_fff0);
  assert.deepEqual([segmentOf(ref), offsetOf(ref), segmentPath(3)], [3, 0xffff_fff0, 'chunks/000004']);
});

test('indexSymbols() orders as UTF-8, and has the empty symbol', () => {
  assert.deepEqual(indexSymbols(['\u{1f600}', 'b', '\uffee', 'a', 'b']), ['', 'a', 'b', '\uffee', '\u{1f600}']);
});

test('PostingsBuilder lists series by name and value', () => {
  const builder = new PostingsBuilder();
  builder.add(1, Uint32Array.of(0, 7, 2, 9));
  builder.add(4, Uint32Array.of(2, 3));
  builder.add(6, Uint32Array.of(0, 7, 2, 3));
  builder.add(9, Uint32Array.of());
  const lists = [...builder.lists(10)].map(({ name, value, refs }) => [name, value, ...refs]);
  assert.deepEqual(lists, [
    [-1, -1, 1, 4, 6, 9],
    [0, 7, 1, 6],
    [2, 3, 4, 6],
    [2, 9, 1],
  ]);
});

test('PartWriter keeps the position over parts', () => {
  const writer = new PartWriter('f', 4);
  for (const length of [3, 3, 1]) writer.write(new Uint8Array(length).fill(length));
  writer.pad(16);
  assert.equal(writer.position, 16);
  writer.end();
  assert.deepEqual(
    writer.take().map(({ bytes }) => bytes.length),
    [6, 10, 0],
  );
  assert.deepEqual(writer.take(), []);
});
