import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeInPace } from '#functions/cli/command.ts';
import { formatGoDuration, parseGoDuration } from '#functions/cli/tsdb/go-duration.ts';
import { formatSizes } from '#functions/cli/tsdb/size-histogram.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { ChunkBuilder } from '#shared/tsdb/chunk/chunk-builder.ts';
import { type NewSeries, writeBlock } from '#test/tsdb/block/block-files.ts';
import { databaseWith, freePath, write } from './tsdb-folder.ts';
import { tsdb } from './tsdb-output.ts';

const ULID = '01M827Y2FRD4TKPEPZEF84GB01';

function series(labels: Readonly<Record<string, string>>, values: readonly number[]): NewSeries {
  const builder = new ChunkBuilder();
  builder.append({ timestampsMs: Float64Array.from(values, (_, i) => 1000 + i), values: Float64Array.from(values) });
  return { labels: labelsFromRecord(labels), chunks: builder.finish() };
}

const SERIES = [
  series({ __name__: 'a', x: '1' }, [1, 2]),
  series({ __name__: 'a', x: '2' }, [3e7]),
  series({ __name__: 'b' }, [4]),
];
const BLOCK = writeBlock(SERIES, { ulid: ULID, minTime: 1000, maxTime: 1002 });
const SIZE = ['meta.json', 'index', 'tombstones', 'chunks/000001'].reduce(
  (sum, path) => sum + BLOCK.get(path)!.length,
  0,
);

test('tsdb list prints a table', async () => {
  const database = databaseWith({ [ULID]: BLOCK });
  const { code, stdout } = await tsdb('list', database);
  assert.equal(code, 0);
  assert.equal(
    stdout,
    'BLOCK ULID                  MIN TIME     MAX TIME     DURATION     NUM SAMPLES  NUM CHUNKS   NUM SERIES   SIZE\n' +
      `${ULID}  1000         1002         2ms          4            3            3            ${SIZE}\n`,
  );
  const human = (await tsdb('list', '-r', database)).stdout.split('\n')[1].split(/ {2,}/);
  assert.deepEqual(human.slice(1, 4), ['1970-01-01 00:00:01 +0000 UTC', '1970-01-01 00:00:01 +0000 UTC', '2ms']);
  assert.match(human[7], /^([0-9]+KiB)?[0-9]+B$/);
});

test('tsdb list passes over folders that are no blocks', async () => {
  const database = databaseWith({ [ULID]: BLOCK });
  write(join(database, 'wal', '00000000'), 'x');
  write(join(database, '01M827Y2FRD4TKPEPZEF84GB02', 'index'), 'x');
  write(join(database, `${ULID}.tmp-for-creation`, 'meta.json'), '{}');
  assert.equal((await tsdb('list', database)).stdout.trimEnd().split('\n').length, 2);
});

test('tsdb dump prints samples, series or OpenMetrics', async () => {
  const database = databaseWith({ [ULID]: BLOCK });
  const cases = [
    {
      args: ['dump'],
      expected:
        '{__name__="a", x="1"} 1 1000\n{__name__="a", x="1"} 2 1001\n{__name__="a", x="2"} 3e+07 1000\n{__name__="b"} 4 1000\n',
    },
    {
      args: ['dump', '--match=b', '--match', 'a{x="1"}', '--max-time=1000'],
      expected: '{__name__="a", x="1"} 1 1000\n{__name__="b"} 4 1000\n',
    },
    { args: ['dump', '--min-time=1001'], expected: '{__name__="a", x="1"} 2 1001\n' },
    { args: ['dump', '--min-time=1002'], expected: '' },
    {
      args: ['dump', '--format=seriesjson', '--match=a'],
      expected: '{"__name__":"a","x":"1"}\n{"__name__":"a","x":"2"}\n',
    },
    { args: ['dump-openmetrics', '--match=a{x="1"}'], expected: 'a{x="1"} 1 1.000\na{x="1"} 2 1.001\n# EOF\n' },
  ];
  for (const { args, expected } of cases) {
    assert.deepEqual(await tsdb(...args, database), { code: 0, stdout: expected, stderr: '' }, args.join(' '));
  }
});

test('tsdb dump refuses samples in a write-ahead log, unless they are not asked for', async () => {
  const database = databaseWith({ [ULID]: BLOCK });
  write(join(database, 'wal', '00000000'), '');
  assert.equal((await tsdb('dump', database)).code, 0);
  write(join(database, 'wal', '00000001'), 'samples');
  const refused = await tsdb('dump', database);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /write-ahead log are not supported: pass --max-time=1001/);
  assert.equal((await tsdb('dump', '--max-time=1001', database)).stdout.split('\n').length, 5);
});

test('tsdb analyze counts labels and sizes', async () => {
  const { code, stdout } = await tsdb('analyze', '--extended', '--limit=1', databaseWith({ [ULID]: BLOCK }));
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^Block ID: .+\nDuration: 2ms\nTotal Series: 3\nLabel names: 2\nPostings \(unique label pairs\): 4\n/,
  );
  assert.match(stdout, /Postings entries \(total label pairs\): 5\n/);
  assert.match(stdout, /\nMost common label pairs:\n2 __name__=a\n\n/);
  assert.match(stdout, /\nsamples per float chunk \(min\/avg\/max\): 1\/1\/2\n\[ 1, 10\]: 3 #{100}\n/);
});

test('tsdb verify finds each changed byte', async () => {
  assert.deepEqual(await tsdb('verify', databaseWith({ [ULID]: BLOCK })), {
    code: 0,
    stdout: `${ULID}: ok: 3 series, 3 chunks, 4 samples\n`,
    stderr: '',
  });
  for (const path of ['index', 'chunks/000001', 'tombstones', 'meta.json']) {
    const damaged = Uint8Array.from(BLOCK.get(path)!);
    damaged[Math.floor(damaged.length / 2)] ^= 0xff;
    const { code, stdout, stderr } = await tsdb(
      'verify',
      databaseWith({ [ULID]: new Map(BLOCK).set(path, damaged) }),
      ULID,
    );
    assert.equal(code, 1, path);
    assert.match(stdout, /problem/, path);
    assert.match(stderr, new RegExp(`${path} at offset [0-9]+: `), path);
  }
  const missing = await tsdb('verify', databaseWith({}), 'absent');
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /no such file or directory/);
});

test('tsdb create-blocks-from openmetrics makes blocks that tsdb dump reads', async () => {
  const input = freePath();
  write(input, 'a{x="2"} 1 10\na{x="1"} 2 7210\na{x="1"} 3 7220.5\nb NaN 7230\n# EOF\n');
  const database = freePath();
  const made = await tsdb('create-blocks-from', 'openmetrics', '--label=job=x', input, database);
  assert.deepEqual([made.code, made.stderr, made.stdout.split('\n').length], [0, '', 4]);
  assert.equal(
    (await tsdb('dump', database)).stdout,
    '{__name__="a", job="x", x="1"} 2 7210000\n{__name__="a", job="x", x="1"} 3 7220500\n' +
      '{__name__="a", job="x", x="2"} 1 10000\n{__name__="b", job="x"} NaN 7230000\n',
  );
  assert.equal((await tsdb('verify', database)).code, 0);
  const ranges = readdirSync(database).map((id) => JSON.parse(readFileSync(join(database, id, 'meta.json'), 'utf8')));
  assert.deepEqual(
    ranges.map(({ minTime, maxTime }) => [minTime, maxTime]).sort((a, b) => a[0] - b[0]),
    [
      [10_000, 10_001],
      [7_210_000, 7_230_001],
    ],
  );
});

test('tsdb create-blocks-from openmetrics makes nothing of a text that does not parse', async () => {
  const cases = [
    { text: 'a 1 1\na{\n# EOF\n', expected: /^emberwatch: getting min and max timestamp: next: expected label name/ },
    { text: 'a 1 1\n', expected: /^emberwatch: getting min and max timestamp: next: data does not end with # EOF\n/ },
    {
      text: 'a 1\n# EOF\n',
      expected: /^emberwatch: getting min and max timestamp: expected timestamp for series got none\n/,
    },
  ];
  for (const { text, expected } of cases) {
    const [input, database] = [freePath(), freePath()];
    write(input, text);
    const { code, stderr } = await tsdb('create-blocks-from', 'openmetrics', input, database);
    assert.equal(code, 1);
    assert.match(stderr, expected);
    assert.deepEqual(readdirSync(database), []);
  }
});

test('tsdb commands refuse a command line that is wrong', async () => {
  const cases = [
    { args: ['list', 'a', 'b'], expected: /unexpected "b"/ },
    { args: ['dump', '--min-time=x'], expected: /--min-time is "x", expected a whole number/ },
    { args: ['dump', '--format=x'], expected: /--format is "x", expected prom or seriesjson/ },
    { args: ['analyze', '--limit=1.5'], expected: /--limit is "1.5"/ },
    { args: ['create-blocks-from', 'openmetrics'], expected: /argument FILE is missing/ },
    { args: ['create-blocks-from', 'openmetrics', '--label=x', 'f'], expected: /expected KEY=VALUE got 'x'/ },
    {
      args: ['create-blocks-from', 'openmetrics', '--max-block-duration=5', 'f'],
      expected: /missing unit in duration "5"/,
    },
  ];
  for (const { args, expected } of cases) {
    const { code, stderr } = await tsdb(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, expected);
  }
});

test('durations are read and printed as Go does', () => {
  const cases = [
    { input: '0', ms: 0, text: '0s' },
    { input: '1ms', ms: 1, text: '1ms' },
    { input: '14m35.001s', ms: 875_001, text: '14m35.001s' },
    { input: '1.5h', ms: 5_400_000, text: '1h30m0s' },
    { input: '-2s', ms: -2000, text: '-2s' },
    { input: '48h', ms: 172_800_000, text: '48h0m0s' },
  ];
  for (const { input, ms, text } of cases) {
    assert.equal(parseGoDuration(input), ms);
    assert.equal(formatGoDuration(ms), text);
  }
  for (const input of ['', 'x', '5', '5x', '1h-1m']) assert.throws(() => parseGoDuration(input), /^UsageError: time: /);
});

test('sizes are drawn in about ten buckets', () => {
  assert.equal(formatSizes('sizes', [], 3), 'sizes: N/A\n\n');
  assert.equal(
    formatSizes('sizes', [5, 12, 13], 4),
    'sizes (min/avg/max): 5/10/13\n[ 1, 10]: 1 #########################\n[11, 20]: 2 ##################################################\n[21, 30]: 0 \n\n',
  );
});

test('writeInPace() waits for a reader that is behind', async () => {
  const events: string[] = [];
  let drained = () => {};
  const output = {
    write: (text: string) => {
      events.push(text);
      return text !== 'full';
    },
    once: (_event: 'drain', listener: () => void) => {
      drained = listener;
    },
  };
  await writeInPace(output, 'room');
  const waiting = writeInPace(output, 'full').then(() => events.push('after'));
  await Promise.resolve();
  events.push('drained');
  drained();
  await waiting;
  assert.deepEqual(events, ['room', 'full', 'drained', 'after']);
});
