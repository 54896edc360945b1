import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { BlockCorruptError } from '#shared/tsdb/block/block-source.ts';
import { createUlid } from '#shared/tsdb/block/ulid.ts';
import { createBlockQuerier, mergeQueriers } from '#shared/tsdb/block-set/block-querier.ts';
import { dropOldBlocks } from '#shared/tsdb/block-set/drop-blocks.ts';
import { importBlock } from '#shared/tsdb/block-set/import-block.ts';
import { createBlockManifest } from '#shared/tsdb/block-set/manifest.ts';
import { ChunkBuilder } from '#shared/tsdb/chunk/chunk-builder.ts';
import { sourceOf, writeBlock } from '../block/block-files.ts';

const NOW_MS = 1_000_000_000_000;
const HOUR_MS = 3_600_000;
const ALL = [createMatcher('__name__', '!=', '')];
const EVER = { minMs: 0, maxMs: 2 * NOW_MS };

type Points = readonly (readonly [timeMs: number, value: number | 'stale'])[];

function world() {
  const clock = createVirtualClock(NOW_MS);
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1) });
  let gets = 0;
  const records: MemoryPorts['records'] = {
    ...ports.records,
    get(partition, sort) {
      gets++;
      return ports.records.get(partition, sort);
    },
    write: (write) => ports.records.write(write),
  };
  let reads = 0;
  const objects: MemoryPorts['objects'] = {
    get(key, range) {
      reads++;
      return ports.objects.get(key, range);
    },
    put: (key, body, condition) => ports.objects.put(key, body, condition),
    list: (prefix, options) => ports.objects.list(prefix, options),
    delete: (key) => ports.objects.delete(key),
  };
  const manifest = createBlockManifest({ ...ports, records, objects });
  return {
    clock,
    ports,
    manifest,
    objects,
    records,
    recordGets: () => gets,
    objectReads: () => reads,
    querier: createBlockQuerier(objects, manifest),
    add: (block: ReturnType<typeof blockOf>) => importBlock(block, { objects: ports.objects, manifest }),
  };
}

function samplesOf(name: string, points: Points): SeriesSamples {
  const values = Float64Array.from(points, ([, value]) => (value === 'stale' ? 0 : value));
  points.forEach(([, value], i) => {
    if (value === 'stale') setStaleAt(wordsOf(values), i);
  });
  return {
    labels: labelsFromRecord({ __name__: name }),
    timestampsMs: Float64Array.from(points, ([time]) => time),
    values,
  };
}

let made = 0;

/** A block of series, ordered by name, all within the hour that ends now. */
function blockOf(
  series: readonly SeriesSamples[],
  options: { readonly deleted?: readonly [number, number]; readonly endMs?: number } = {},
) {
  const ulid = createUlid(NOW_MS + made, createSeededRandom(++made));
  const maxTime = options.endMs ?? NOW_MS;
  const stored = series.map((one) => {
    const builder = new ChunkBuilder();
    builder.append(one);
    return { labels: one.labels, chunks: builder.finish() };
  });
  const plan = { ulid, minTime: maxTime - HOUR_MS, maxTime };
  const deleted = options.deleted && { minMs: options.deleted[0], maxMs: options.deleted[1] };
  const probe = writeBlock(stored, plan);
  if (deleted === undefined) return sourceOf(ulid, probe);
  return sourceOf(ulid, writeBlock(stored, plan, new Map([[refOfFirst(probe), [deleted]]])));
}

/** The first series begins at the first place that a reference can name behind the symbols. */
function refOfFirst(files: ReadonlyMap<string, Uint8Array>): number {
  const index = files.get('index')!;
  const view = new DataView(index.buffer, index.byteOffset, index.length);
  return Math.ceil(Number(view.getBigUint64(index.length - 52 + 8)) / 16);
}

function text(series: readonly SeriesSamples[]): string[] {
  return series.map(({ labels, timestampsMs, values, histograms, staleFree }) => {
    const samples = Array.from(timestampsMs, (time, i) => {
      const histogram = histograms?.[i];
      const value = histogram === undefined ? values[i] : `h${histogram.count}/${histogram.counterReset}`;
      return `${Number.isNaN(value) ? 'stale' : value}@${time - NOW_MS}`;
    });
    return `${labels[1]} ${samples.join(' ')}${staleFree ? '' : ' (stale)'}`;
  });
}

const t = (before: number) => NOW_MS - before;

test('blocks are read in the range, merged, and the earlier one wins', async () => {
  const { querier, add } = world();
  await add(
    blockOf([
      samplesOf('a', [
        [t(900), 1],
        [t(600), 2],
      ]),
      samplesOf('b', [[t(500), 'stale']]),
    ]),
  );
  await add(
    blockOf([
      samplesOf('a', [
        [t(700), 8],
        [t(600), 9],
        [t(300), 3],
      ]),
      samplesOf('c', [[t(10), 4]]),
    ]),
  );
  assert.deepEqual(text(await querier.select(ALL, EVER)), [
    'a 1@-900 8@-700 2@-600 3@-300',
    'b stale@-500 (stale)',
    'c 4@-10',
  ]);
  assert.deepEqual(text(await querier.select(ALL, { minMs: t(700), maxMs: t(301) })), [
    'a 8@-700 2@-600',
    'b stale@-500 (stale)',
  ]);
  assert.deepEqual(text(await querier.select([createMatcher('__name__', '=', 'c')], EVER)), ['c 4@-10']);
  assert.deepEqual(await querier.select(ALL, { minMs: 0, maxMs: t(2 * HOUR_MS) }), []);
  assert.deepEqual(await querier.series(ALL, EVER), [
    ['__name__', 'a'],
    ['__name__', 'b'],
    ['__name__', 'c'],
  ]);
});

test('what is deleted is not read', async () => {
  const { querier, add } = world();
  const a = samplesOf('a', [
    [t(900), 1],
    [t(800), 2],
    [t(700), 3],
    [t(600), 4],
  ]);
  await add(blockOf([a, samplesOf('b', [[t(800), 5]])], { deleted: [t(800), t(700)] }));
  assert.deepEqual(text(await querier.select(ALL, EVER)), ['a 1@-900 4@-600', 'b 5@-800']);
});

function histogram(count: number): Histogram {
  const positive = { indexes: Int32Array.of(1), counts: Float64Array.of(count) };
  const negative = { indexes: new Int32Array(), counts: new Float64Array() };
  const rest = { schema: 0, zeroThreshold: 0, zeroCount: 0, sum: count, positive, negative };
  return { ...rest, counterReset: 'unknown', count };
}

test('histograms and start timestamps come back; what was known of a reset ends where sources change', async () => {
  const { querier, add } = world();
  const of = (points: Points): SeriesSamples => {
    const floats = samplesOf('h', points);
    const histograms = points.map(([, value]) => histogram(Number(value)));
    const startTimestampsMs = floats.timestampsMs.map(() => t(1000));
    return { ...floats, histograms, startTimestampsMs };
  };
  await add(
    blockOf([
      of([
        [t(900), 1],
        [t(800), 2],
        [t(500), 5],
      ]),
    ]),
  );
  await add(
    blockOf([
      of([
        [t(700), 3],
        [t(600), 4],
        [t(500), 7],
      ]),
    ]),
  );
  const [series] = await querier.select(ALL, EVER);
  assert.deepEqual(text([series]), [
    'h h1/unknown@-900 h2/not-reset@-800 h3/unknown@-700 h4/not-reset@-600 h5/unknown@-500',
  ]);
  assert.deepEqual([...series.startTimestampsMs!], new Array(5).fill(t(1000)));
});

test('with the head, the answer of one alone is handed on as it is', async () => {
  const { querier, add } = world();
  const answer = [
    samplesOf('a', [
      [t(600), 7],
      [t(100), 8],
    ]),
  ];
  const head = { select: async () => answer, series: async () => answer.map(({ labels }) => labels) };
  const both = mergeQueriers([querier, head]);
  assert.equal(await both.select(ALL, EVER), answer);
  await add(
    blockOf([
      samplesOf('a', [
        [t(700), 1],
        [t(600), 2],
      ]),
    ]),
  );
  assert.deepEqual(text(await both.select(ALL, EVER)), ['a 1@-700 2@-600 8@-100 (stale)']);
  assert.deepEqual(await both.series(ALL, EVER), [['__name__', 'a']]);
});

test('the manifest is read once in a while, and a new block is seen within 30 s', async () => {
  const { clock, ports, manifest, add, querier, recordGets } = world();
  for (let i = 0; i < 10; i++) await querier.select(ALL, EVER);
  assert.equal(recordGets(), 1);
  const elsewhere = createBlockManifest(ports);
  await importBlock(blockOf([samplesOf('a', [[t(1), 1]])]), { objects: ports.objects, manifest: elsewhere });
  assert.deepEqual(await querier.select(ALL, EVER), []);
  await clock.advanceTo(NOW_MS + 30_000);
  assert.equal((await querier.select(ALL, EVER)).length, 1);
  await add(blockOf([samplesOf('b', [[t(1), 1]])]));
  assert.equal((await manifest.blocks()).length, 2);
});

test('what was read of a block is not read again', async () => {
  const { add, querier, objectReads } = world();
  await add(blockOf([samplesOf('a', [[t(900), 1]])]));
  await querier.select(ALL, EVER);
  const before = objectReads();
  assert.equal((await querier.select(ALL, EVER)).length, 1);
  assert.equal(objectReads(), before);
});

test('a block that is missing or damaged is an error that names it', async () => {
  const { add, querier, ports } = world();
  const block = blockOf([samplesOf('a', [[t(900), 1]])]);
  await add(block);
  await ports.objects.delete(`blocks/${block.id}/chunks/000001`);
  await assert.rejects(querier.select(ALL, EVER), (error: Error) => {
    assert.ok(error instanceof BlockCorruptError);
    return error.message.includes(`${block.id}: chunks/000001`);
  });
  await ports.objects.delete(`blocks/${block.id}/index`);
});

test('memory is reserved before it is taken, and an abort ends reading', async () => {
  const { add, querier } = world();
  const points = Array.from({ length: 100 }, (_, i) => [t(100 - i), i] as const);
  await add(blockOf([samplesOf('a', points)]));
  let bytes = 0;
  await querier.select(ALL, EVER, { reserve: (more) => (bytes += more) });
  assert.ok(bytes >= 1600, `${bytes} bytes`);
  const refuse = () => {
    throw new RangeError('too much');
  };
  await assert.rejects(querier.select(ALL, EVER, { reserve: refuse }), /too much/);
  await assert.rejects(querier.select(ALL, EVER, { signal: AbortSignal.abort(new Error('gone')) }), /gone/);
});

test('importing again changes nothing, and a damaged block is refused', async () => {
  const { add, manifest, ports } = world();
  const block = blockOf([samplesOf('a', [[t(900), 1]])]);
  assert.equal((await add(block)).kind, 'added');
  assert.equal((await add(block)).kind, 'known');
  assert.equal((await manifest.read()).blocks.length, 1);
  const good = blockOf([samplesOf('b', [[t(900), 1]])]);
  const damaged: typeof good = {
    ...good,
    async read(path, range) {
      const file = await good.read(path, range);
      if (path === 'chunks/000001' && file !== undefined) file.body[file.body.length - 1] ^= 1;
      return file;
    },
  };
  await assert.rejects(add(damaged), new RegExp(`Cannot import block ${good.id}: .*chunks/000001`));
  assert.deepEqual((await ports.objects.list(`blocks/${good.id}/`)).objects, []);
});

test('writers of the manifest at the same time lose nothing', async () => {
  const { add, manifest } = world();
  await Promise.all([1, 2, 3, 4].map((i) => add(blockOf([samplesOf('a', [[t(i), i]])]))));
  assert.equal((await manifest.read()).blocks.length, 4);
});

test('a block past the retention is dropped at once and deleted an hour later', async () => {
  const { add, manifest, ports, querier } = world();
  const old = blockOf([samplesOf('a', [[t(5 * HOUR_MS + 1), 1]])], { endMs: t(5 * HOUR_MS) });
  await add(old);
  await add(blockOf([samplesOf('b', [[t(1), 1]])]));
  const drop = (nowMs: number) =>
    dropOldBlocks({ objects: ports.objects, manifest }, { nowMs, retentionMs: 4 * HOUR_MS });
  const files = async () => (await ports.objects.list(`blocks/${old.id}/`)).objects.length;
  assert.equal(await drop(NOW_MS), 0);
  assert.equal((await querier.select(ALL, EVER)).length, 1);
  assert.ok((await files()) > 0);
  assert.equal(await drop(NOW_MS + HOUR_MS / 2), 0);
  assert.equal(await drop(NOW_MS + HOUR_MS + 1), 1);
  assert.equal(await files(), 0);
  assert.deepEqual((await manifest.read()).dropped, []);
});
