import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Histogram } from '#shared/model/histogram.ts';
import { compareLabels, labelsFromRecord } from '#shared/model/labels.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import { openBlock } from '#shared/tsdb/block/block-reader.ts';
import type { Tombstones } from '#shared/tsdb/block/tombstones.ts';
import { ChunkBuilder } from '#shared/tsdb/chunk/chunk-builder.ts';
import { tsdb } from '#test/functions/cli/tsdb-output.ts';
import { runOracle, skipWithoutOracle } from '#test/support/oracle.ts';
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
const DEMO_ULID = '01M827Y2FRD4TKPEPZEF84GBZ0';
const HOUR_MS = 3_600_000;
const BASE_MS = 1_800_000_000_000 - (1_800_000_000_000 % (2 * HOUR_MS));

const folder = mkdtempSync(join(tmpdir(), 'tsdb-cli-'));
after(() => rmSync(folder, { recursive: true }));

let databases = 0;

/** A database with blocks, and the write-ahead log without which promtool opens none. */
function databaseOf(blocks: ReadonlyMap<string, BlockFiles>): string {
  const database = join(folder, `database-${databases++}`);
  mkdirSync(join(database, 'wal'), { recursive: true });
  for (const [ulid, files] of blocks) {
    for (const [path, bytes] of files) {
      const file = join(database, ulid, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
  }
  return database;
}

/** The real promtool and ours print the same and end alike; only what is wrong with a command line is said in other words.
 *  @returns What they printed. */
async function assertSame(...args: readonly string[]): Promise<string> {
  const expected = await runOracle('promtool', ['tsdb', ...args]);
  const actual = await tsdb(...args);
  const message = args.join(' ');
  assert.equal(actual.stdout, expected.stdout, message);
  if (expected.stderr.startsWith('promtool: error:')) {
    assert.match(actual.stderr, /^emberwatch: .+\n$/, message);
    assert.equal(actual.code, 2, message);
  } else {
    assert.equal(actual.stderr, asOurs(expected.stderr), message);
    assert.equal(actual.code, expected.code, message);
  }
  return actual.stdout;
}

function asOurs(stderr: string): string {
  return stderr === '' ? '' : `emberwatch: ${stderr}`;
}

/** As `assertSame`, where upstream leaves open which of equal counts come first: the lists end where they are cut. */
async function assertSameAnalysis(...args: readonly string[]): Promise<void> {
  const all = ['analyze', '--limit=1000000', ...args];
  const expected = await runOracle('promtool', ['tsdb', ...all]);
  const actual = await tsdb(...all);
  assert.equal(actual.code, expected.code, actual.stderr);
  assert.equal(withoutTies(actual.stdout), withoutTies(expected.stdout));
  assert.ok(actual.stdout.length > 500, actual.stdout);
  // These lists have one order.
  for (const title of [
    'Label names with highest cumulative',
    'Highest cardinality labels',
    'Highest cardinality metric',
  ]) {
    assert.equal(sectionOf(actual.stdout, title), sectionOf(expected.stdout, title));
  }
}

function sectionOf(text: string, title: string): string {
  const from = text.indexOf(`\n${title}`);
  assert.ok(from > 0, title);
  const end = text.indexOf('\n\n', from);
  return text.slice(from, end < 0 ? undefined : end);
}

/** Lines with the same count, which follow one another, by name. */
function withoutTies(text: string): string {
  return text
    .split(/\n\n(?=Label|Most|Highest|Compaction)/)
    .map((section) => (/^(?:Label|Most|Highest)/.test(section) ? sorted(section) : section))
    .join('\n\n');
}

function sorted(section: string): string {
  const [title, ...lines] = section.trimEnd().split('\n');
  const counted = lines.map((line) => ({ line, count: Number(line.split(' ')[0]) }));
  counted.sort((a, b) => b.count - a.count || (a.line < b.line ? -1 : 1));
  return [title, ...counted.map(({ line }) => line)].join('\n');
}

function demoDatabase(): string {
  return databaseOf(new Map([[DEMO_ULID, readBlockFolder(sharedData(DEMO)!)]]));
}

/** Everything that promtool says of a database, ours says. */
async function assertSameTools(database: string): Promise<string> {
  await assertSame('list', database);
  await assertSame('list', '-r', database);
  await assertSame('dump-openmetrics', database);
  await assertSame('dump', '--format=seriesjson', database);
  await assertSameAnalysis('--extended', database);
  return assertSame('dump', database);
}

test('the block of the demo is listed, analyzed and dumped as promtool does', {
  skip: skipWithoutOracle('promtool') || skipWithout(DEMO),
}, async () => {
  const database = demoDatabase();
  const all = await assertSameTools(database);
  assert.equal(all.trimEnd().split('\n').length, 167_563);
  const { minTime } = JSON.parse(readFileSync(join(database, DEMO_ULID, 'meta.json'), 'utf8'));
  const middle = minTime + 400_000;
  for (const args of [
    [`--min-time=${middle}`, `--max-time=${middle + 30_000}`],
    ['--match={__name__=~"go_.*",instance=~".*:10001"}'],
    ['--match=go_goroutines', '--match', 'demo_disk_usage_bytes', '--match={__name__=~"go_g.*"}'],
    ['--match={}', '--max-time=0'],
    ['--match=absent'],
  ]) {
    await assertSame('dump', ...args, database);
    await assertSame('dump-openmetrics', database, ...args);
    await assertSame('dump', '--format', 'seriesjson', ...args, database);
  }
  await assertSameAnalysis('--match=demo_api_request_duration_seconds_bucket{method="GET"}', '--extended', database);
  await assertSameAnalysis('--match={job!="demo"}', database, DEMO_ULID).catch((error) => {
    // Nothing matches: the answer is short.
    if (!/Matched series: 0/.test(String(error.message))) throw error;
  });
});

test('a block with an index of version 1 is listed, analyzed and dumped as promtool does', {
  skip: skipWithoutOracle('promtool') || skipWithout(VERSION_1),
}, async () => {
  const files = readBlockFolder(sharedData(VERSION_1)!);
  const { ulid } = JSON.parse(new TextDecoder().decode(files.get('meta.json')));
  const database = databaseOf(new Map([[ulid, files]]));
  await assertSame('list', database);
  await assertSameAnalysis('--extended', database);
  await assertSame('dump', database);
});

test('a folder that is a block itself can be analyzed by its name', {
  skip: skipWithoutOracle('promtool') || skipWithout(DEMO),
}, async () => {
  const parent = join(folder, 'parent');
  cpSync(sharedData(DEMO)!, join(parent, 'demo'), { recursive: true });
  await assertSameAnalysis(parent, 'demo');
  await assertSame('list', parent);
});

const NO_BUCKETS = { indexes: new Int32Array(), counts: new Float64Array() };

function histogramAt(i: number, scale: number): Histogram {
  return {
    counterReset: 'unknown',
    schema: 2,
    zeroThreshold: 2.938735877055719e-39,
    zeroCount: i * scale,
    count: (i + 1_000_000 + 3 * i) * scale,
    sum: 1.5 * i,
    positive: { indexes: Int32Array.of(-1, 0, 3), counts: Float64Array.of(1_000_000 * scale, i * scale, 0) },
    negative: { indexes: Int32Array.of(2, 5), counts: Float64Array.of(i * scale, i * scale) },
  };
}

function customHistogramAt(i: number): Histogram {
  return {
    counterReset: 'unknown',
    schema: -53,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 3 * i,
    sum: i,
    positive: { indexes: Int32Array.of(0, 2), counts: Float64Array.of(i, 2 * i) },
    negative: NO_BUCKETS,
    customBounds: Float64Array.of(0.25, 2.5),
  };
}

/** Samples every 15 s, the last one a stale marker. */
function series(
  labels: Readonly<Record<string, string>>,
  {
    fromMs = BASE_MS,
    count = 100,
    histogram,
  }: { fromMs?: number; count?: number; histogram?: (i: number) => Histogram },
): NewSeries {
  const timestampsMs = Float64Array.from({ length: count }, (_, i) => fromMs + 15_000 * i);
  const values = Float64Array.from({ length: count }, (_, i) => (i % 7) * 10 ** ((i % 50) - 25));
  const histograms = histogram && Array.from({ length: count }, (_, i) => (i === count - 1 ? undefined : histogram(i)));
  setStaleAt(wordsOf(values), count - 1);
  const builder = new ChunkBuilder();
  builder.append({ timestampsMs, values, histograms });
  return { labels: labelsFromRecord(labels), chunks: builder.finish() };
}

function blockOf(ulid: string, list: readonly NewSeries[], tombstones?: Tombstones): BlockFiles {
  const chunks = list.flatMap((each) => each.chunks);
  const minTime = Math.min(...chunks.map(({ minMs }) => minMs));
  const maxTime = Math.max(...chunks.map(({ maxMs }) => maxMs)) + 1;
  const ordered = list.toSorted((a, b) => compareLabels(a.labels, b.labels));
  return writeBlock(ordered, { ulid, minTime, maxTime }, tombstones);
}

const FIRST = '01M827Y2FRD4TKPEPZEF84GB01';
const SECOND = '01M927Y2FRD4TKPEPZEF84GB02';

const MIXED: readonly NewSeries[] = [
  series({ __name__: 'floats', job: 'a"\\\n<é>' }, {}),
  series({ __name__: 'floats', job: 'b' }, { count: 400 }),
  series({ __name__: 'my.metric', 'my.label': '語', job: 'a' }, { count: 2 }),
  series({ job: 'nameless' }, { count: 1 }),
  series({ __name__: 'whole', job: 'a' }, { histogram: (i) => histogramAt(i, 1) }),
  series({ __name__: 'fractions', job: 'a' }, { histogram: (i) => histogramAt(i, 0.5) }),
  series({ __name__: 'custom', job: 'a' }, { histogram: customHistogramAt, count: 30 }),
];

test('native histograms, stale markers and odd names are dumped as promtool does', {
  skip: skipWithoutOracle('promtool'),
}, async () => {
  const all = await assertSameTools(databaseOf(new Map([[FIRST, blockOf(FIRST, MIXED)]])));
  for (const part of ['{count:0, sum:NaN}', '(2.5,+Inf]', '"my.label"="語"', '1000000', '500000']) {
    assert.ok(all.includes(part), part);
  }
});

test('what is deleted is not dumped, as promtool does', { skip: skipWithoutOracle('promtool') }, async () => {
  const source = sourceOf(FIRST, blockOf(FIRST, MIXED));
  const refs = await (await openBlock(source)).select([]);
  const tombstones: Tombstones = new Map([
    [refs[0], [{ minMs: 0, maxMs: BASE_MS + 10 * HOUR_MS }]],
    [
      refs[1],
      [
        { minMs: BASE_MS + 15_000, maxMs: BASE_MS + 30_000 },
        { minMs: BASE_MS + 60_000, maxMs: BASE_MS + 60_000 },
      ],
    ],
    [refs[2], [{ minMs: BASE_MS, maxMs: BASE_MS + 3 * HOUR_MS }]],
    [refs[3], [{ minMs: BASE_MS + 20_000, maxMs: BASE_MS + HOUR_MS }]],
  ]);
  const database = databaseOf(new Map([[FIRST, blockOf(FIRST, MIXED, tombstones)]]));
  await assertSameTools(database);
  await assertSame('dump', `--min-time=${BASE_MS + 30_000}`, `--max-time=${BASE_MS + 90_000}`, database);
  await assertSame(
    'dump',
    '--format=seriesjson',
    `--min-time=${BASE_MS + 25_000}`,
    `--max-time=${BASE_MS + 28_000}`,
    database,
  );
});

test('blocks that overlap, and ones that follow each other, are dumped as promtool does', {
  skip: skipWithoutOracle('promtool'),
}, async () => {
  const moved = (fromMs: number) => [
    series({ __name__: 'floats', job: 'b' }, { fromMs, count: 50 }),
    series({ __name__: 'other' }, { fromMs, count: 5 }),
    series({ __name__: 'whole', job: 'a' }, { fromMs, count: 20, histogram: (i) => histogramAt(i, 1) }),
  ];
  for (const fromMs of [BASE_MS + 2 * HOUR_MS, BASE_MS - 4 * HOUR_MS, BASE_MS + 37_000]) {
    const blocks = new Map([
      [FIRST, blockOf(FIRST, MIXED)],
      [SECOND, blockOf(SECOND, moved(fromMs))],
    ]);
    const database = databaseOf(blocks);
    await assertSameTools(database);
    await assertSameAnalysis(database, FIRST);
    await assertSame('dump', '--match=floats', `--max-time=${BASE_MS + 100_000}`, database);
  }
});

test('the command line is refused as promtool does', { skip: skipWithoutOracle('promtool') }, async () => {
  const database = databaseOf(new Map([[FIRST, blockOf(FIRST, MIXED)]]));
  const missing = join(folder, 'missing');
  const cases = [
    ['list', missing],
    ['analyze', missing],
    ['dump', missing],
    ['list', database, 'more'],
    ['list', '--frob'],
    ['list', '-x'],
    ['analyze', database, 'absent'],
    ['analyze', databaseOf(new Map())],
    ['analyze', '--limit', 'x', database],
    ['analyze', '--match={', database],
    ['analyze', '--limit'],
    ['dump', '--format=x', database],
    ['dump', '--match={', database],
    ['dump', '--min-time=x', database],
    ['dump', '--min-time=99999999999999999999', database],
    ['list', databaseOf(new Map())],
    ['dump', databaseOf(new Map())],
    ['frob'],
    [],
    ['create-blocks-from'],
    ['create-blocks-from', 'frob'],
    ['create-blocks-from', 'openmetrics'],
    ['create-blocks-from', 'openmetrics', missing, database],
    ['create-blocks-from', 'openmetrics', '--label=x', 'file', database],
    ['create-blocks-from', '--max-block-duration=5x', 'openmetrics', 'file', database],
    ['create-blocks-from', 'openmetrics', '--max-block-duration', '5', 'file', database],
  ];
  for (const args of cases) await assertSame(...args);
});

/** A table of blocks without their ids. */
function withoutIds(table: string): string {
  return table.replace(/^[0-9A-Z]{26}/gm, 'ID');
}

/** Both make blocks of a text: the same table, the same samples, the same chunks. */
async function assertSameBlocks(text: string | Uint8Array, ...flags: readonly string[]): Promise<readonly string[]> {
  const input = join(folder, 'input.om');
  writeFileSync(input, text);
  const [theirs, ours] = [databaseOf(new Map()), databaseOf(new Map())];
  const expected = await runOracle('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', ...flags, input, theirs]);
  const actual = await tsdb('create-blocks-from', 'openmetrics', ...flags, input, ours);
  assert.equal(actual.stderr.replace(/^.*left out.*\n/m, ''), asOurs(expected.stderr.replace(/^time=.*\n/m, '')));
  assert.equal(withoutIds(actual.stdout), withoutIds(expected.stdout));
  assert.equal(actual.code, expected.code);
  const dump = async (database: string) => (await runOracle('promtool', ['tsdb', 'dump', database])).stdout;
  const samples = await dump(ours);
  assert.equal(samples, await dump(theirs));
  assert.deepEqual(filesIn(ours), filesIn(theirs));
  if (expected.code === 0) assert.deepEqual((await tsdb('verify', ours)).code, 0);
  return samples.trimEnd().split('\n');
}

/** The chunks and the index of each block, in the order of time. */
function filesIn(database: string): unknown {
  const ids = readdirSync(database).filter((name) => name.length === 26);
  const metas = ids.map((id) => JSON.parse(readFileSync(join(database, id, 'meta.json'), 'utf8')));
  metas.sort((a, b) => a.minTime - b.minTime);
  return metas.map(({ ulid, minTime, maxTime, stats }) => {
    const files = ['index', 'chunks/000001'].map((path) => readFileSync(join(database, ulid, path)).toString('base64'));
    return { minTime, maxTime, stats, files };
  });
}

function lines(...list: readonly string[]): string {
  return [...list, '# EOF', ''].join('\n');
}

test('blocks made of OpenMetrics are those that promtool makes', { skip: skipWithoutOracle('promtool') }, async () => {
  const long = Array.from({ length: 3000 }, (_, i) => `a{n="${i % 3}"} ${Math.sin(i)} ${1_700_000_000 + 13 * i}.5`);
  const cases: readonly (readonly [text: string, ...flags: string[]])[] = [
    [lines('# TYPE a counter', 'a_total{x="1"} 1 1700000000', 'a_total{x="2"} 1 1700000000', 'b -Inf 1699990000')],
    [lines(...long)],
    [lines(...long), '-q'],
    [lines(...long), '-r', '--label=job=x', '--label', 'n:7', '--label=a='],
    [lines(...long), '--max-block-duration=6h'],
    [lines(...long), '--max-block-duration=17h59m'],
    [lines(...long), '--max-block-duration=10m'],
    [lines(...long), '--max-block-duration=3h', '--allow-incompatible-block-duration'],
    [lines('a 1 1', 'a 2 5000', 'a 3 9000000')],
    [lines('# TYPE h histogram', 'h_bucket{le="1"} 1 1700000000', 'h_bucket{le="+Inf"} 2 1700000000')],
    [lines('a NaN 1700000000', 'a 1e300 1700000001', 'a -0 1700000002', 'a +Inf 1700000003')],
    [lines('a{x="1"} 1 10', 'a{x="1"} 3 25', 'a{x="1"} 2 20', 'a{x="1"} 3 25', 'a{x="1"} 4 25', 'a{x="1"} 5 26')],
    [lines()],
    [lines('{"my.name","my.label"="x\\n"} 1 1')],
  ];
  for (const [text, ...flags] of cases) await assertSameBlocks(text, ...flags);
});

test('texts that promtool refuses are refused in its words', { skip: skipWithoutOracle('promtool') }, async () => {
  const many = Array.from({ length: 5000 }, (_, i) => `b{n="${i}"} 1 100`);
  const cases = [
    'a 1 1\n',
    'a 1 1',
    lines('a 1'),
    lines('a{b=1} 1 1'),
    lines('a 1 1', 'a{'),
    lines('a 1', 'a{'),
    lines('a{b="1",b="2"} 1 1'),
    `${lines('a 1 1')}a 2 2\n`,
    lines('a 5 100', ...many, 'a 4 50'),
    lines('a 5 100', ...many, 'a 4 100'),
    lines('a 5 1', 'a 5 9000', ...many, 'a 4 9000', 'a 3 8000'),
  ];
  for (const text of cases) await assertSameBlocks(text);
});

test('blocks made of the text of the demo are those that promtool makes', {
  skip: skipWithoutOracle('promtool') || skipWithout(DEMO_TEXT),
}, async () => {
  const samples = await assertSameBlocks(gunzipSync(readFileSync(sharedData(DEMO_TEXT)!)));
  assert.ok(samples.length > 100_000, `${samples.length} samples`);
});

test('what dump-openmetrics prints becomes the same samples again', {
  skip: skipWithoutOracle('promtool'),
}, async () => {
  const database = databaseOf(new Map([[FIRST, blockOf(FIRST, MIXED.slice(0, 2))]]));
  const { stdout } = await tsdb('dump-openmetrics', database);
  const again = await assertSameBlocks(stdout);
  assert.deepEqual(again, (await tsdb('dump', database)).stdout.trimEnd().split('\n'));
});
