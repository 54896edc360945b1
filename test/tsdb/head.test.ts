import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { createHead } from '#shared/tsdb/head/head.ts';
import { formatSeries, openTestStore } from '#test/support/stored-samples.ts';

const HOUR = 3_600_000;
const ALL = [createMatcher('__name__', '=~', '.+')];
const EVER = { minMs: 0, maxMs: 1e13 };

function open(nowMs = 2.5 * HOUR) {
  const clock = createVirtualClock(nowMs);
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1) });
  const store = openTestStore(ports);
  const head = createHead(store, { nowMs: () => clock.nowMs() });
  const read = async (range = EVER) => formatSeries(await head.querier().select(ALL, range));
  return { ports, store, head, read };
}

test('select() returns samples in time order, series in label order', async () => {
  const { store, read } = open();
  await store.write(0, { t: { b: 1, a: 10 } });
  await store.write(15_000, { t: { b: 2, a: 11 } });
  assert.deepEqual(await read(), ['a 10@0 11@15000', 'b 1@0 2@15000']);
  assert.deepEqual(await read({ minMs: 1, maxMs: 15_000 }), ['a 11@15000', 'b 2@15000']);
  assert.deepEqual(await read({ minMs: 1, maxMs: 14_999 }), []);
});

test('the first batch of a slot wins', async () => {
  const { store, read } = open();
  assert.equal(await store.write(0, { t: { a: 1 } }), 'written');
  assert.equal(await store.write(0, { t: { a: 2 } }), 'duplicate');
  assert.deepEqual(await read(), ['a 1@0']);
});

test('a batch is seen as soon as it is committed, late ones included', async () => {
  const { store, read } = open();
  await store.write(0, { t: { a: 1 } });
  await store.write(30_000, { t: { a: 3 } });
  assert.deepEqual(await read(), ['a 1@0 3@30000']);
  await store.write(15_000, { t: { a: 2 } });
  assert.deepEqual(await read(), ['a 1@0 2@15000 3@30000']);
});

test('staleness', async (t) => {
  await t.test('a series that the next batch of its source lacks is stale there', async () => {
    const { store, read } = open();
    await store.write(0, { t: { a: 1, b: 1 } });
    await store.write(15_000, { t: { a: 2 } });
    await store.write(30_000, { t: { a: 3, b: 3 } });
    assert.deepEqual(await read(), ['a 1@0 2@15000 3@30000', 'b 1@0 stale@15000 3@30000']);
  });
  await t.test('all series of a source that is gone are stale', async () => {
    const { store, read } = open();
    await store.write(0, { t: { a: 1 }, u: { b: 1 } });
    await store.write(15_000, { t: { a: 2 } });
    await store.write(30_000, {});
    assert.deepEqual(await read(), ['a 1@0 2@15000 stale@30000', 'b 1@0 stale@15000']);
  });
  await t.test('a lost batch and an unknown section make nothing stale', async () => {
    const { store, read } = open();
    await store.write(0, { t: { a: 1 } });
    await store.write(30_000, { t: 'unknown' });
    await store.write(45_000, { t: { a: 2 } });
    assert.deepEqual(await read(), ['a 1@0 2@45000']);
  });
  await t.test('a sample at the same time wins over the marker of another source', async () => {
    const { store, read } = open();
    await store.write(0, { t: { a: 1 } });
    await store.write(15_000, { u: { a: 2 } });
    assert.deepEqual(await read(), ['a 1@0 2@15000']);
  });
  await t.test('is found across windows', async () => {
    const { store, read } = open();
    await store.write(2 * HOUR - 15_000, { t: { a: 1, b: 1 } });
    await store.write(2 * HOUR, { t: { a: 2 } });
    assert.deepEqual(await read({ minMs: 2 * HOUR, maxMs: 3 * HOUR }), ['a 2@7200000', 'b stale@7200000']);
  });
  await t.test('is found across windows, also when the batch before the border comes late', async () => {
    const { store, read } = open(2 * HOUR + 20_000);
    await store.write(2 * HOUR - 30_000, { t: { a: 1 } });
    await store.write(2 * HOUR, { t: { a: 3 } });
    assert.deepEqual(await read(), ['a 1@7170000 3@7200000']);
    await store.write(2 * HOUR - 15_000, { t: { a: 2, b: 2 } });
    assert.deepEqual(await read(), ['a 1@7170000 2@7185000 3@7200000', 'b 2@7185000 stale@7200000']);
  });
  await t.test('series with explicit times do not become stale', async () => {
    const { store, read } = open();
    await store.write(0, { t: { a: 1, b: 1 } }, { timesMs: { a: -5_000 } });
    await store.write(15_000, { t: {} });
    assert.deepEqual(await read({ minMs: -1e6, maxMs: 1e6 }), ['a 1@-5000', 'b 1@0 stale@15000']);
  });
});

test('explicit times: out-of-order and repeated samples are dropped', async () => {
  const { store, read } = open();
  await store.write(20_000, { t: { a: 1 } }, { timesMs: { a: 10_000 } });
  await store.write(35_000, { t: { a: 2 } }, { timesMs: { a: 10_000 } });
  await store.write(50_000, { t: { a: 3 } }, { timesMs: { a: 9_000 } });
  await store.write(65_000, { t: { a: 4 } }, { timesMs: { a: 60_000 } });
  assert.deepEqual(await read(), ['a 1@10000 4@60000']);
});

test('a batch above 8 KB goes to the window object and reads the same', async () => {
  const { store, read, ports } = open();
  const samples = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`m${i}`, Math.sin(i) * 1e9]));
  await store.write(0, { t: samples });
  await store.write(15_000, { t: samples });
  assert.equal(await store.write(15_000, { t: samples }), 'duplicate');
  const { objects } = await ports.objects.list('windows/');
  assert.equal(objects.length, 1);
  const lines = await read();
  assert.equal(lines.length, 3000);
  assert.ok(lines.includes(`m7 ${Math.sin(7) * 1e9}@0 ${Math.sin(7) * 1e9}@15000`));
});

test('a missing object is an error, never a gap', async () => {
  const { store, read, ports } = open();
  const samples = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`m${i}`, Math.sin(i) * 1e9]));
  await store.write(0, { t: samples });
  const { objects } = await ports.objects.list('windows/');
  await ports.objects.delete(objects[0].key);
  await assert.rejects(read(), /Cannot read \d+ bytes at 4 of object "windows\/s\/000000000000000": it is missing/);
});
