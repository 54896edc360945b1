import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import { getLabel, METRIC_NAME } from '#shared/model/labels.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { SampledSection } from '#shared/tsdb/batch.ts';
import { createHead } from '#shared/tsdb/head/head.ts';
import { createLayout } from '#shared/tsdb/layout.ts';
import { nameLabels, openTestStore } from '#test/support/stored-samples.ts';

const HOUR = 3_600_000;
const ALL = [createMatcher('__name__', '=~', '.+')];

/** A sample by its count where it is a histogram. */
type Shown = number | { readonly count: number };

function histogram(count: number): Histogram {
  const positive = { indexes: Int32Array.of(1, 4), counts: Float64Array.of(1, count - 1) };
  const zero = { zeroThreshold: 0, zeroCount: 0 };
  return { counterReset: 'unknown', schema: 0, ...zero, count, sum: count, positive, negative: NO_BUCKETS };
}

function open(nowMs: number) {
  const clock = createVirtualClock(nowMs);
  const store = openTestStore(createMemoryPorts({ clock, random: createSeededRandom(1) }));
  const head = createHead(store, { nowMs: () => clock.nowMs() });
  return {
    /** Writes series that are floats, or histograms of a count. */
    async write(slotMs: number, samples: Readonly<Record<string, Shown>>, more: Partial<SampledSection> = {}) {
      const { layout, body } = createLayout(Object.keys(samples).map(nameLabels), []);
      await store.layouts.put(layout, body);
      const shown = Object.values(samples);
      const values = Float64Array.from(shown, (sample) => (typeof sample === 'number' ? sample : 0));
      const histograms = shown.map((sample) => (typeof sample === 'number' ? undefined : histogram(sample.count)));
      const section: SampledSection = { kind: 'sampled', source: 't', layout: layout.id, values, histograms, ...more };
      await store.batches.append('s', { slotMs, timestampMs: slotMs, sections: [section] });
    },
    select: (minMs: number, maxMs: number) => head.querier().select(ALL, { minMs, maxMs }),
  };
}

function show(series: readonly SeriesSamples[]): string[] {
  return series.map(({ labels, timestampsMs, values, histograms, startTimestampsMs: starts }) => {
    const samples = Array.from(timestampsMs, (timeMs, i) => {
      const found = histograms?.[i];
      const stale = found === undefined && isStaleAt(wordsOf(values), i);
      const text = found === undefined ? (stale ? 'stale' : String(values[i])) : `{${found.count}}`;
      return `${text}@${timeMs / 1000}${starts === undefined ? '' : `<${starts[i] / 1000}`}`;
    });
    assert.ok(histograms === undefined || histograms.length === values.length);
    return [getLabel(labels, METRIC_NAME), ...samples].join(' ');
  });
}

test('native histograms are read beside floats, and in one series with them', async () => {
  const { write, select } = open(HOUR);
  await write(0, { a: 1, h: { count: 2 } });
  await write(15_000, { a: 2, h: 5 });
  await write(30_000, { a: 3, h: { count: 7 } });
  assert.deepEqual(show(await select(0, 1e6)), ['a 1@0 2@15 3@30', 'h {2}@0 5@15 {7}@30']);
  const [a, h] = await select(10_000, 20_000);
  assert.deepEqual([a.histograms, h.histograms], [undefined, undefined]);
  assert.deepEqual(show(await select(15_000, 30_000)), ['a 2@15 3@30', 'h 5@15 {7}@30']);
});

test('histograms with equal buckets share their indexes', async () => {
  const { write, select } = open(HOUR);
  await write(0, { h: { count: 2 } });
  await write(15_000, { h: { count: 3 } });
  const [{ histograms }] = await select(0, 1e6);
  assert.equal(histograms?.[0]?.positive.indexes, histograms?.[1]?.positive.indexes);
});

test('a stale marker is a float after histograms, across windows too', async () => {
  const { write, select } = open(3 * HOUR);
  await write(2 * HOUR - 15_000, { a: 1, h: { count: 2 } });
  await write(2 * HOUR, { a: 2 });
  await write(2 * HOUR + 15_000, { a: 3, h: { count: 4 } });
  assert.deepEqual(show(await select(HOUR, 3 * HOUR)), ['a 1@7185 2@7200 3@7215', 'h {2}@7185 stale@7200 {4}@7215']);
});

test('histograms with times of their own, out-of-order and repeated ones dropped', async () => {
  const { write, select } = open(HOUR);
  await write(20_000, { h: { count: 2 } }, { timesMs: Float64Array.of(10_000), trackStaleness: true });
  await write(35_000, { h: { count: 2 } }, { timesMs: Float64Array.of(10_000), trackStaleness: true });
  await write(50_000, { h: { count: 3 } }, { timesMs: Float64Array.of(9_000) });
  assert.deepEqual(show(await select(0, 1e6)), ['h {2}@10 stale@50']);
});

test('start times are 0 where a batch has none', async () => {
  const { write, select } = open(HOUR);
  await write(0, { c: 1, d: 1 });
  await write(15_000, { c: 2, d: 2 }, { startTimesMs: Float64Array.of(5000, 0) });
  assert.deepEqual(show(await select(0, 1e6)), ['c 1@0<0 2@15<5', 'd 1@0<0 2@15<0']);
});

test('any range is read alike, whatever was read before', async () => {
  const endMs = 9 * HOUR;
  const random = createSeededRandom(5);
  const world = open(endMs);
  const names = ['a', 'b', 'c', 'd', 'h'];
  for (let slotMs = 0; slotMs < endMs; slotMs += 300_000) {
    if (random.next() < 0.05) continue;
    const present = names.filter((_, i) => i === 0 || random.next() > 0.02);
    const sample = (name: string): Shown => (name === 'h' ? { count: 2 + (slotMs % 7) } : slotMs / 1000);
    const startTimesMs = slotMs > 4 * HOUR ? new Float64Array(present.length).fill(1000) : undefined;
    await world.write(slotMs, Object.fromEntries(present.map((name) => [name, sample(name)])), { startTimesMs });
  }
  const all = show(await world.select(0, endMs)).map((line) => line.split(' '));
  const timeOf = (sample: string) => Number(/@(\d+)/.exec(sample)?.[1]) * 1000;
  const plain = (text: string) => text.replace(/<\d+$/, '');
  for (let i = 0; i < 60; i++) {
    const minMs = Math.floor(random.next() * endMs);
    const maxMs = minMs + Math.floor(random.next() * (endMs - minMs));
    const expected = all
      .map(([name, ...samples]) => [name, ...samples.filter((s) => timeOf(s) >= minMs && timeOf(s) <= maxMs)])
      .filter((line) => line.length > 1)
      .map((line) => line.map(plain).join(' '));
    const got = show(await world.select(minMs, maxMs)).map((line) => line.split(' ').map(plain).join(' '));
    assert.deepEqual(got, expected, `from ${minMs} to ${maxMs}`);
  }
});

test('what was read stays as it was when more is written', async () => {
  const { write, select } = open(4 * HOUR);
  await write(HOUR, { a: 1 });
  await write(2 * HOUR, { a: 2 });
  const before = await select(0, 4 * HOUR);
  const shown = show(before);
  for (let i = 1; i < 100; i++) await write(2 * HOUR + i * 15_000, { a: 2 + i });
  const after = await select(0, 4 * HOUR);
  assert.equal(after[0].values.length, 101);
  assert.deepEqual(show(before), shown);
});

test('select() reserves memory before it joins windows, and ends when it is not wanted', async () => {
  const clock = createVirtualClock(5 * HOUR);
  const store = openTestStore(createMemoryPorts({ clock, random: createSeededRandom(1) }));
  const head = createHead(store, { nowMs: () => clock.nowMs() });
  for (let slotMs = HOUR; slotMs < 4 * HOUR; slotMs += 600_000) await store.write(slotMs, { t: { a: slotMs } });
  const range = { minMs: 0, maxMs: 5 * HOUR };
  const refuse = () => {
    throw new RangeError('too much');
  };
  await assert.rejects(head.querier().select(ALL, range, { reserve: refuse }), /too much/);
  const signal = AbortSignal.abort(new Error('gone'));
  await assert.rejects(head.querier().select(ALL, range, { signal }), /gone/);
  assert.equal((await head.querier().select(ALL, range, { reserve: () => {} }))[0].values.length, 18);
});
