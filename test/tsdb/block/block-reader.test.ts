import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMemoryObjectStore } from '#shared/adapters/memory/object-store.ts';
import { compareLabels, getLabel, type Labels, labelsFromPairs, labelsKey } from '#shared/model/labels.ts';
import { createMatcher, type Matcher, type MatchOperator } from '#shared/model/matcher.ts';
import { type BlockReader, openBlock } from '#shared/tsdb/block/block-reader.ts';
import { blockInStore, MAX_GAP_BYTES, readFile, readRanges } from '#shared/tsdb/block/block-source.ts';
import { indexSymbols } from '#shared/tsdb/block/index-writer.ts';
import { firstNotBelow, intersect, subtract, unite } from '#shared/tsdb/block/postings-math.ts';
import { type BlockFiles, type NewSeries, sourceOf, writeBlock } from './block-files.ts';
import { ALL_TIME, chunkAt, manySeries, PLAN, ULID } from './series.ts';

const SERIES = manySeries(400);
const FILES = writeBlock(SERIES, { ...PLAN, segmentBytes: 20_000 });

/** The block as a reader with a sidecar sees it, and as one without does. */
async function readersOf(files: BlockFiles): Promise<readonly BlockReader[]> {
  return Promise.all([true, false].map((useSidecar) => openBlock(sourceOf(ULID, files), { useSidecar })));
}

const matches = (labels: Labels, matchers: readonly Matcher[]) =>
  matchers.every((matcher) => matcher.matches(getLabel(labels, matcher.name)));

async function selected(reader: BlockReader, matchers: readonly Matcher[]): Promise<readonly Labels[]> {
  return (await reader.series(await reader.select(matchers), ALL_TIME)).map(({ labels }) => labels);
}

test('select() gives the series that match, in the order of labels', async () => {
  const cases: readonly (readonly [name: string, operator: MatchOperator, value: string][])[] = [
    [],
    [['__name__', '=', 'metric_1']],
    [['__name__', '=', 'metric_9']],
    [['__name__', '=', '']],
    [['__name__', '!=', '']],
    [
      ['__name__', '=~', 'metric_[12]'],
      ['job', '=', 'job-1'],
    ],
    [
      ['__name__', '=~', 'metric_[12]'],
      ['__name__', '!=', 'metric_1'],
      ['__name__', '!~', '.*9'],
    ],
    [['job', '=', '']],
    [['job', '!=', '']],
    [['job', '!=', 'job-1']],
    [
      ['job', '!=', 'job-1'],
      ['job', '!=', 'job-2'],
      ['job', '!=', 'nothing'],
    ],
    [['job', '!~', 'job-1|job-2']],
    [['job', '=~', 'job-1|']],
    [
      ['job', '=', 'job-1'],
      ['job', '=', 'job-2'],
    ],
    [
      ['job', '=', 'job-1'],
      ['job', '!=', ''],
    ],
    [['job', '=~', '.*']],
    [['job', '=~', '.+']],
    [['job', '!~', '.+']],
    [['job', '!~', '.*']],
    [
      ['zone', '=', '語'],
      ['id', '=~', '.*4'],
    ],
    [['zone', '=~', '[é-語]']],
    [
      ['zone', '=', '\u{1f600}'],
      ['job', '!=', 'job-0'],
    ],
    [['id', '=', '399']],
    [['id', '=', '0']],
    [['id', '=', '40']],
    [['id', '=', '4000']],
    [['none', '=', '']],
    [['none', '!=', 'x']],
    [['none', '=', 'x']],
    [['', '=', '']],
    [['', '=', 'x']],
  ];
  for (const reader of await readersOf(FILES)) {
    for (const list of cases) {
      const matchers = list.map(([name, operator, value]) => createMatcher(name, operator, value));
      const expected = SERIES.map(({ labels }) => labels).filter((labels) => matches(labels, matchers));
      assert.deepEqual(await selected(reader, matchers), expected, JSON.stringify(list));
    }
  }
});

test('each matcher is asked once for each value', async () => {
  const [reader] = await readersOf(FILES);
  const asked: string[] = [];
  const inner = createMatcher('zone', '=~', 'a|é');
  const matcher = { ...inner, matches: (value: string) => asked.push(value) > 0 && inner.matches(value) };
  await reader.select([matcher]);
  assert.deepEqual(asked, ['', 'a', 'b', 'é', '語', '\ufffd', '\u{1f600}']);
});

test('labelNames(), labelValues() and postings() are those of the series', async () => {
  for (const reader of await readersOf(FILES)) {
    assert.deepEqual([...reader.symbols()], indexSymbols(SERIES.flatMap(({ labels }) => labels)));
    assert.deepEqual(reader.labelNames(), ['__name__', 'id', 'job', 'zone']);
    assert.deepEqual(reader.labelValues('zone'), ['a', 'b', 'é', '語', '\ufffd', '\u{1f600}']);
    assert.equal(reader.labelValues('id').length, 400);
    assert.deepEqual(reader.labelValues('none'), []);
    assert.deepEqual(reader.labelValues(''), []);
    assert.deepEqual(await reader.postings('', ''), await reader.select([]));
    assert.equal((await reader.postings('id', '77')).length, 1);
    assert.equal((await reader.postings('id', 'x')).length, 0);
    assert.equal((await reader.postings('x', '77')).length, 0);
  }
});

test('read() gives the chunks of the range, byte for byte', async () => {
  const ranges = [ALL_TIME, { minMs: 10_005, maxMs: 10_005 }, { minMs: 0, maxMs: 0 }, { minMs: 5_000, maxMs: 9_000 }];
  for (const reader of await readersOf(FILES)) {
    const refs = await reader.select([]);
    for (const { minMs, maxMs } of ranges) {
      const actual = (await reader.read(refs, { minMs, maxMs })).map(({ labels, chunks }) => ({
        labels,
        chunks: chunks.map(({ ref: _, ...chunk }) => ({ ...chunk, bytes: [...chunk.bytes] })),
      }));
      const expected = SERIES.map(({ labels, chunks }) => ({
        labels,
        chunks: chunks.filter((chunk) => chunk.minMs <= maxMs && minMs <= chunk.maxMs).map(withBytes),
      })).filter(({ chunks }) => chunks.length > 0);
      assert.deepEqual(actual, expected);
    }
  }
});

const withBytes = ({ encoding, minMs, maxMs, bytes }: NewSeries['chunks'][number]) => ({
  minMs,
  maxMs,
  encoding,
  bytes: [...bytes],
});

test('any series are read as they were written', async () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 9 }).map((value) => value.toWellFormed());
  const chunks = fc
    .array(
      fc.record({ bytes: fc.uint8Array({ minLength: 2, maxLength: 60 }), gapMs: fc.nat(99), lengthMs: fc.nat(99) }),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((list) => {
      let endMs = -1;
      return list.map(({ bytes, gapMs, lengthMs }) => {
        const minMs = endMs + 1 + gapMs;
        endMs = minMs + lengthMs;
        return { encoding: 1, bytes, minMs, maxMs: endMs };
      });
    });
  const series = fc
    .uniqueArray(fc.record({ labels: fc.array(fc.tuple(text, text), { minLength: 1 }).map(labelsFromPairs), chunks }), {
      minLength: 1,
      maxLength: 30,
      selector: ({ labels }) => labelsKey(labels),
    })
    .map((list) => list.sort((a, b) => compareLabels(a.labels, b.labels)));
  await fc.assert(
    fc.asyncProperty(series, fc.integer({ min: 64, max: 3000 }), async (expected, segmentBytes) => {
      const objects = createMemoryObjectStore();
      for (const [path, bytes] of writeBlock(expected, { ...PLAN, segmentBytes })) {
        await objects.put(`blocks/${ULID}/${path}`, bytes);
      }
      for (const useSidecar of [true, false]) {
        const reader = await openBlock(blockInStore(objects, 'blocks/', ULID), { useSidecar });
        const read = await reader.read(await reader.select([]), ALL_TIME);
        assert.deepEqual(
          read.map(({ labels, chunks }) => ({ labels, chunks: chunks.map(withBytes) })),
          expected.map(({ labels, chunks }) => ({ labels, chunks: chunks.map(withBytes) })),
        );
      }
    }),
    { seed: 11, numRuns: 60 },
  );
});

test('with a sidecar a block is opened in one round, and chunks are read in the third', async () => {
  const source = sourceOf(ULID, FILES);
  const reader = await openBlock(source);
  assert.equal(source.count.rounds, 1);
  const refs = await reader.select([createMatcher('job', '=', 'job-1'), createMatcher('id', '=~', '1.')]);
  assert.equal(source.count.rounds, 2);
  assert.ok((await reader.read(refs, ALL_TIME)).length > 0);
  assert.equal(source.count.rounds, 3);
  await reader.read(await reader.select([]), ALL_TIME);
  assert.equal(source.count.rounds, 4);
});

test('chunks larger than what is guessed of them, and series far from each other, are read whole', async () => {
  const wide = (id: string) => ({
    labels: ['id', id],
    chunks: [{ ...chunkAt(0), bytes: new Uint8Array(90_000).fill(7) }],
  });
  const narrow = (id: string) => ({ labels: ['id', id], chunks: [chunkAt(0)] });
  const series = [narrow('a'), wide('b'), narrow('c'), wide('d')];
  for (const reader of await readersOf(writeBlock(series, PLAN))) {
    const refs = await reader.select([createMatcher('id', '!=', 'b')]);
    let reserved = 0;
    const read = await reader.read(refs, ALL_TIME, { reserve: (bytes) => (reserved += bytes) });
    assert.deepEqual(
      read.map(({ chunks }) => chunks[0].bytes.length),
      [series[0], series[2], series[3]].map((s) => s.chunks[0].bytes.length),
    );
    assert.ok(reserved > 0);
  }
});

test('a series entry larger than what is guessed of it is read whole', async () => {
  const series = [{ labels: ['id', 'a'], chunks: Array.from({ length: 200 }, (_, i) => chunkAt(i * 10_000)) }];
  for (const reader of await readersOf(writeBlock(series, PLAN))) {
    const [{ chunks }] = await reader.read(await reader.select([]), ALL_TIME);
    assert.equal(chunks.length, 200);
  }
});

test('an index that does not fit into what is read at first is read in parts', async () => {
  const series = Array.from({ length: 9000 }, (_, i) => ({
    labels: ['id', `${i}`.padStart(100, '0'), 'name', `${i % 3}`],
    chunks: [chunkAt(0)],
  }));
  const source = sourceOf(ULID, writeBlock(series, PLAN));
  const reader = await openBlock(source, { useSidecar: false });
  assert.ok(source.count.rounds <= 4);
  const refs = await reader.select([createMatcher('name', '=', '1'), createMatcher('id', '=~', '.*77')]);
  const ids = (await reader.series(refs, ALL_TIME)).map(({ labels }) => Number(labels[1]));
  assert.deepEqual(
    ids,
    series.map((_, i) => i).filter((i) => i % 3 === 1 && i % 100 === 77),
  );
});

test('the index takes at most 150 bytes of memory a series, where each has a label of its own', async () => {
  const series = Array.from({ length: 3000 }, (_, i) => ({
    labels: ['__name__', 'container_memory_bytes', 'id', `/kubepods/pod${i}`.padStart(40, '0'), 'job', 'cadvisor'],
    chunks: [chunkAt(0)],
  })).sort((a, b) => (a.labels[3] < b.labels[3] ? -1 : 1));
  const [reader] = await readersOf(writeBlock(series, PLAN));
  assert.ok(reader.indexMemoryBytes / series.length <= 150, String(reader.indexMemoryBytes / series.length));
});

test('readRanges() joins near ranges, and leaves far ones apart', async () => {
  const file = Uint8Array.from({ length: 400_000 }, (_, i) => i % 251);
  const source = sourceOf(ULID, new Map([['f', file]]));
  const ranges = [
    { offset: 300_000, length: 10 },
    { offset: 5, length: 10 },
    { offset: 10, length: 2 },
    { offset: 15 + MAX_GAP_BYTES, length: 7 },
    { offset: 399_999, length: 10 },
  ];
  const read = await readRanges(source, 'f', ranges);
  assert.deepEqual(
    read,
    ranges.map(({ offset, length }) => file.slice(offset, offset + length)),
  );
  assert.equal(source.count.reads, 3);
  await assert.rejects(readRanges(source, 'g', [{ offset: 1, length: 1 }]), {
    name: 'BlockCorruptError',
    message: `Cannot read block ${ULID}: g at offset 1: the file is missing`,
  });
});

test('readFile() reads a large file in parts', async () => {
  const file = new Uint8Array(20 * 1024 * 1024);
  for (let i = 0; i < file.length; i += 999) file[i] = i % 251;
  const source = sourceOf(ULID, new Map([['f', file]]));
  assert.ok(Buffer.from((await readFile(source, 'f'))!).equals(file));
  assert.deepEqual([source.count.reads, source.count.rounds], [3, 2]);
  assert.equal(await readFile(source, 'g'), undefined);
});

test('an aborted read ends', async () => {
  const [reader] = await readersOf(FILES);
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(reader.select([createMatcher('job', '=', 'job-1')], { signal }), /enough/);
  await assert.rejects(reader.read(await reader.select([]), ALL_TIME, { signal }), /enough/);
});

test('lists of postings are united, intersected and subtracted', () => {
  const list = (...refs: number[]) => Uint32Array.of(...refs);
  assert.deepEqual(unite([list(1, 9), list(), list(2, 4_000_000_000)]), list(1, 2, 9, 4_000_000_000));
  assert.deepEqual(intersect([list(1, 2, 3, 9), list(2, 9), list(0, 2, 5, 7, 9, 11)]), list(2, 9));
  assert.deepEqual(intersect([list(1), list()]), list());
  assert.deepEqual(subtract(list(1, 2, 3, 9), list(0, 2, 2, 9, 10)), list(1, 3));
  const long = Uint32Array.from({ length: 1000 }, (_, i) => 3 * i);
  for (const wanted of [0, 1, 3, 1500, 2997, 2998]) {
    assert.equal(firstNotBelow(long, wanted), Math.ceil(wanted / 3));
    assert.equal(firstNotBelow(long, wanted, 100), Math.max(100, Math.ceil(wanted / 3)));
  }
});
