import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { BackfilledBlock } from '#shared/tsdb/block/backfill.ts';
import { compatibleBlockMs, groupWindows, WindowCensus, windowOf } from '#shared/tsdb/block/backfill-plan.ts';
import { joinParts } from '#shared/tsdb/block/block-part.ts';
import { openBlock } from '#shared/tsdb/block/block-reader.ts';
import { readSamples } from '#shared/tsdb/block/samples.ts';
import { sourceOf } from './block-files.ts';

const ULID = '01M827Y2FRD4TKPEPZEF84GBZ0';
const HOUR_MS = 3_600_000;
const EVERYTHING = { matcherSets: [[]], range: { minMs: -1e15, maxMs: 1e15 } };

const A = labelsFromRecord({ __name__: 'a' });
const B = labelsFromRecord({ __name__: 'b' });

async function samplesOf(block: BackfilledBlock): Promise<readonly string[]> {
  const files = joinParts(block.finish({ ulid: ULID, rangeMs: 2 * HOUR_MS }));
  const reader = await openBlock(sourceOf(ULID, files));
  const samples: string[] = [];
  for await (const { labels, timestampsMs, values } of readSamples([reader], EVERYTHING)) {
    timestampsMs.forEach((time, i) => {
      samples.push(`${labels[1]} ${values[i]} ${time}`);
    });
  }
  return [`${reader.meta.minTime} to ${reader.meta.maxTime}`, ...samples];
}

test('BackfilledBlock orders series and ends right behind the last sample', async () => {
  const block = new BackfilledBlock();
  block.append(B, 1, 20);
  block.append(A, 2, 10);
  block.append([...B], 3, 30);
  assert.deepEqual(await samplesOf(block), ['10 to 31', 'a 2 10', 'b 1 20', 'b 3 30']);
});

test('BackfilledBlock leaves out what comes late among samples that are taken at once', async () => {
  const block = new BackfilledBlock();
  for (const [value, time] of [
    [1, 10],
    [3, 30],
    [2, 20],
    [3, 30],
    [4, 30],
    [5, 31],
  ]) {
    block.append(A, value, time);
  }
  assert.deepEqual(await samplesOf(block), ['10 to 32', 'a 1 10', 'a 3 30', 'a 5 31']);
  assert.equal(block.leftOut, 2);
});

test('BackfilledBlock refuses what comes later than that, as the head does', () => {
  const block = new BackfilledBlock();
  block.append(A, 1.5, 100);
  for (let i = 0; i < 5000; i++) block.append(B, i, i);
  block.append(A, 1.5, 100);
  const cases = [
    { value: 1, time: 99, expected: 'out of order sample' },
    {
      value: Number.NaN,
      time: 100,
      expected: 'duplicate sample for timestamp 100; overrides not allowed: existing 1.5, new value NaN',
    },
  ];
  for (const { value, time, expected } of cases) {
    assert.throws(() => block.append(A, value, time), { name: 'SampleRefusedError', message: expected });
  }
  assert.throws(() => block.append([], 1, 1), { message: 'empty labelset: invalid sample' });
  const fresh = new BackfilledBlock();
  for (let i = 0; i < 5000; i++) fresh.append(A, 1, i - 4999);
  assert.throws(() => fresh.append(A, 2, 0), { message: 'duplicate sample for timestamp' });
});

test('BackfilledBlock cannot finish without a sample', () => {
  assert.throws(() => [...new BackfilledBlock().finish({ ulid: ULID, rangeMs: HOUR_MS })], /it has no series/);
});

test('windows are counted, and grouped up to a number of samples', () => {
  const census = new WindowCensus(10);
  census.add(Float64Array.of(-1, 0, 9, 10, 35, 36, 37));
  census.add(Float64Array.of(5));
  assert.deepEqual(
    [...census.counts],
    [
      [-1, 1],
      [0, 3],
      [1, 1],
      [3, 3],
    ],
  );
  assert.equal(windowOf(-1, 10), -1);
  const cases = [
    { most: 1, expected: [[-1], [0], [1], [3]] },
    {
      most: 4,
      expected: [
        [-1, 0],
        [1, 3],
      ],
    },
    { most: 100, expected: [[-1, 0, 1, 3]] },
  ];
  for (const { most, expected } of cases) assert.deepEqual(groupWindows(census.counts, most), expected);
  assert.deepEqual(groupWindows(new Map(), 5), []);
});

test('blocks are as long as Prometheus compacts to', () => {
  const cases = [
    { hours: 0, expected: 2 },
    { hours: -5, expected: 2 },
    { hours: 5.9, expected: 2 },
    { hours: 6, expected: 6 },
    { hours: 17, expected: 6 },
    { hours: 54, expected: 54 },
    { hours: 1e9, expected: 2 * 3 ** 9 },
  ];
  for (const { hours, expected } of cases) assert.equal(compatibleBlockMs(hours * HOUR_MS), expected * HOUR_MS);
});
