import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareLabels, formatLabels, labelsFromRecord } from '#shared/model/labels.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { isStaleAt, setStaleAt, wordsOf } from '#shared/model/stale.ts';
import { analyzeBlock } from '#shared/tsdb/block/analyze-block.ts';
import { analyzeChunks } from '#shared/tsdb/block/analyze-chunks.ts';
import { type BlockReader, openBlock } from '#shared/tsdb/block/block-reader.ts';
import { BlockCorruptError } from '#shared/tsdb/block/block-source.ts';
import { readSamples, type SampleSelection } from '#shared/tsdb/block/samples.ts';
import type { Tombstones } from '#shared/tsdb/block/tombstones.ts';
import { FLOAT } from '#shared/tsdb/block/typed-samples.ts';
import { ChunkBuilder } from '#shared/tsdb/chunk/chunk-builder.ts';
import { type NewSeries, sourceOf, writeBlock } from './block-files.ts';

const ULID = '01M827Y2FRD4TKPEPZEF84GBZ0';
const EVERYTHING: SampleSelection = { matcherSets: [[]], range: { minMs: -1e15, maxMs: 1e15 } };

function series(labels: Readonly<Record<string, string>>, times: readonly number[], value = 1): NewSeries {
  const builder = new ChunkBuilder();
  builder.append({ timestampsMs: Float64Array.from(times), values: Float64Array.from(times, () => value) });
  return { labels: labelsFromRecord(labels), chunks: builder.finish() };
}

function filesOf(list: readonly NewSeries[], tombstones?: Tombstones) {
  const ordered = list.toSorted((a, b) => compareLabels(a.labels, b.labels));
  return writeBlock(ordered, { ulid: ULID, minTime: 0, maxTime: 1000 }, tombstones);
}

async function openOf(list: readonly NewSeries[], tombstones?: Tombstones): Promise<BlockReader> {
  return openBlock(sourceOf(ULID, filesOf(list, tombstones)));
}

async function read(readers: readonly BlockReader[], selection = EVERYTHING): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { labels, timestampsMs, values, kinds } of readSamples(readers, selection)) {
    assert.ok(kinds.every((kind) => kind === FLOAT));
    found.push(`${formatLabels(labels)} ${Array.from(timestampsMs, (time, i) => `${values[i]}@${time}`).join(' ')}`);
  }
  return found;
}

const A = { __name__: 'a' };
const B = { __name__: 'b' };

test('readSamples() reads the range of the series that one of the sets of matchers holds for, each once', async () => {
  const reader = await openOf([series(A, [1, 2, 3]), series(B, [1, 5]), series({ job: 'x' }, [900])]);
  const isA = createMatcher('__name__', '=', 'a');
  const isAny = createMatcher('__name__', '!=', '');
  const cases = [
    { matcherSets: [[]], range: { minMs: 2, maxMs: 5 }, expected: ['a 1@2 1@3', 'b 1@5'] },
    { matcherSets: [[isA], [isAny]], range: { minMs: 0, maxMs: 1 }, expected: ['a 1@1', 'b 1@1'] },
    { matcherSets: [[isA, createMatcher('job', '=', 'x')]], range: { minMs: 0, maxMs: 999 }, expected: [] },
    { matcherSets: [[isAny]], range: { minMs: 4, maxMs: 4 }, expected: ['b '] },
    { matcherSets: [[]], range: { minMs: 1000, maxMs: 2000 }, expected: [] },
  ];
  for (const { expected, ...selection } of cases) assert.deepEqual(await read([reader], selection), expected);
});

test('readSamples() joins blocks by time, the first one counts', async () => {
  const first = await openOf([series(A, [10, 20, 30], 1), series(B, [5], 1)]);
  const second = await openOf([series(A, [5, 20, 25], 2), series({ __name__: 'aa' }, [7], 2)]);
  const third = await openOf([series(A, [40, 50], 3)]);
  assert.deepEqual(await read([first, second, third]), ['a 2@5 1@10 1@20 2@25 1@30 3@40 3@50', 'aa 2@7', 'b 1@5']);
  assert.deepEqual(await read([]), []);
});

test('readSamples() reads more series than it holds at once', async () => {
  const many = Array.from({ length: 300 }, (_, i) => series({ __name__: 'a', n: String(i) }, [i]));
  assert.equal((await read([await openOf(many), await openOf(many.slice(100, 250))])).length, 300);
});

test('readSamples() leaves out what is deleted', async () => {
  const list = [series(A, [1, 2, 3, 4, 5]), series(B, [1, 2])];
  const refs = await (await openOf(list)).select([]);
  const tombstones: Tombstones = new Map([
    [
      refs[0],
      [
        { minMs: -5, maxMs: 1 },
        { minMs: 3, maxMs: 4 },
      ],
    ],
    [refs[1], [{ minMs: 1, maxMs: 2 }]],
  ]);
  assert.deepEqual(await read([await openOf(list, tombstones)]), ['a 1@2 1@5']);
});

test('readSamples() keeps stale markers also where blocks are joined', async () => {
  const builder = new ChunkBuilder();
  const values = Float64Array.of(1, 0);
  setStaleAt(wordsOf(values), 1);
  builder.append({ timestampsMs: Float64Array.of(1, 9), values });
  const stale = { labels: labelsFromRecord(A), chunks: builder.finish() };
  for await (const found of readSamples([await openOf([stale]), await openOf([series(A, [5])])], EVERYTHING)) {
    assert.deepEqual([...found.timestampsMs], [1, 5, 9]);
    assert.ok(isStaleAt(wordsOf(found.values), 2));
  }
});

test('readSamples() names the place of a damaged chunk', async () => {
  const files = filesOf([series(A, [1, 2, 3])]);
  files.get('chunks/000001')![14] ^= 0xff;
  const reader = await openBlock(sourceOf(ULID, files));
  await assert.rejects(read([reader]), (error) => {
    assert.ok(error instanceof BlockCorruptError);
    assert.deepEqual([error.path, error.offset], ['chunks/000001', 8]);
    return true;
  });
});

test('analyzeBlock() counts labels, and the time that their series are missing', async () => {
  const reader = await openOf([series({ ...A, x: 'é' }, [0, 999]), series({ ...A, x: 'y' }, [1, 2]), series(B, [0])]);
  const analysis = await analyzeBlock(reader);
  assert.deepEqual(
    [analysis.numSeries, analysis.numLabelNames, analysis.numLabelPairs, analysis.numLabels],
    [3, 2, 4, 5],
  );
  assert.deepEqual(analysis.churningNames[0], { key: '__name__', count: 2 });
  assert.deepEqual(
    analysis.churningPairs.filter(({ count }) => count > 0).map(({ key }) => key),
    ['__name__=a', '__name__=b'],
  );
  assert.deepEqual(analysis.commonPairs[0], { key: '__name__=a', count: 2 });
  assert.deepEqual(analysis.valueBytes, [
    { key: 'x', count: 3 },
    { key: '__name__', count: 2 },
  ]);
  assert.deepEqual(analysis.cardinality, [
    { key: '__name__', count: 2 },
    { key: 'x', count: 2 },
  ]);
  assert.deepEqual(analysis.metricSeries, [
    { key: 'a', count: 2 },
    { key: 'b', count: 1 },
  ]);
  const matched = await analyzeBlock(reader, [createMatcher('x', '=', 'y')]);
  assert.deepEqual([matched.numSeries, matched.metricSeries], [1, [{ key: 'a', count: 1 }]]);
});

test('analyzeChunks() measures the chunks of the series that match', async () => {
  const reader = await openOf([
    series(
      A,
      Array.from({ length: 150 }, (_, i) => i),
    ),
    series(B, [0]),
  ]);
  const sizes = await analyzeChunks(reader);
  assert.equal(sizes.numChunks, sizes.floatSamples.length);
  assert.equal(
    sizes.floatSamples.reduce((total, samples) => total + samples),
    151,
  );
  assert.deepEqual(sizes.histogramSamples, []);
  assert.deepEqual((await analyzeChunks(reader, [createMatcher('__name__', '=', 'b')])).floatSamples, [1]);
});
