import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import type { RecordStore } from '#shared/ports/record-store.ts';
import { createHead } from '#shared/tsdb/head/head.ts';
import { formatSeries, openTestStore } from '#test/support/stored-samples.ts';

const HOUR = 3_600_000;
const ALL = [createMatcher('__name__', '=~', '.+')];
const EVER = { minMs: 0, maxMs: 1e13 };

/** @param wrap Is put around the records. */
function open(nowMs = 2.5 * HOUR, wrap: (records: RecordStore) => RecordStore = (records) => records) {
  const clock = createVirtualClock(nowMs);
  const memory = createMemoryPorts({ clock, random: createSeededRandom(1) });
  const ports = { ...memory, records: wrap(memory.records) };
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

/** Counts the queries, and the changes where `knowsChanges`. */
function countingRecords(records: RecordStore, { knowsChanges }: { readonly knowsChanges: boolean }) {
  const changes = new Map<string, number>();
  const counts = { queries: 0 };
  const store: RecordStore = {
    get: (partition, sort) => records.get(partition, sort),
    transact: (writes) => records.transact(writes),
    query(query) {
      counts.queries++;
      return records.query(query);
    },
    write(write) {
      changes.set(write.partition, (changes.get(write.partition) ?? 0) + 1);
      return records.write(write);
    },
    ...(knowsChanges && { changesOf: (partition: string) => changes.get(partition) ?? 0 }),
  };
  return { store, counts };
}

test('where changes are known, only what has changed is read', async () => {
  let counts = { queries: 0 };
  const { store, read, head } = open(2 * HOUR + 100_000, (records) => {
    const counting = countingRecords(records, { knowsChanges: true });
    counts = counting.counts;
    return counting.store;
  });
  const queries = async (work: () => Promise<unknown>) => {
    const before = counts.queries;
    await work();
    return counts.queries - before;
  };
  await store.write(2 * HOUR, { t: { a: 1 } }, { stream: 's' });
  await store.write(2 * HOUR, { u: { b: 1 } }, { stream: 'v' });
  assert.deepEqual(await read(), ['a 1@7200000', 'b 1@7200000']);
  assert.equal(await queries(read), 0);
  assert.equal(await queries(() => head.metadata()), 0);
  await store.write(2 * HOUR + 15_000, { t: { a: 2 } }, { stream: 's' });
  assert.deepEqual(await read(), ['a 1@7200000 2@7215000', 'b 1@7200000']);
  await store.write(2 * HOUR - 15_000, { t: { a: 0 } }, { stream: 's' });
  assert.deepEqual(await read(), ['a 0@7185000 1@7200000 2@7215000', 'b 1@7200000']);
  await store.write(2 * HOUR + 15_000, { w: { c: 1 } }, { stream: 'new' });
  assert.deepEqual(await read(), ['a 0@7185000 1@7200000 2@7215000', 'b 1@7200000', 'c 1@7215000']);
  assert.equal(await queries(read), 0);
});

test('readers at one time share what is read after they came', async () => {
  let counts = { queries: 0 };
  const { store, read } = open(undefined, (records) => {
    const counting = countingRecords(records, { knowsChanges: false });
    counts = counting.counts;
    return counting.store;
  });
  await store.write(0, { t: { a: 1 } });
  await read();
  const before = counts.queries;
  await read();
  const alone = counts.queries - before;
  const first = read();
  await store.write(15_000, { t: { a: 2 } });
  const others = Array.from({ length: 20 }, () => read());
  for (const lines of await Promise.all(others)) assert.deepEqual(lines, ['a 1@0 2@15000']);
  await first;
  assert.ok(counts.queries - before <= 4 * alone, `${counts.queries - before} queries, one reader makes ${alone}`);
});

test('a read that is canceled ends, and others that wait for what it reads get it', async () => {
  const gate: { open: () => void }[] = [];
  let isShut = false;
  const { store, head } = open(2.5 * HOUR, (records) => {
    const query: RecordStore['query'] = async (wanted) => {
      if (isShut && wanted.partition.startsWith('batch#')) {
        await new Promise<void>((resolve) => gate.push({ open: resolve }));
      }
      return records.query(wanted);
    };
    return new Proxy(records, {
      get: (target, name) => {
        if (name === 'query') return query;
        const member = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  });
  await store.write(0, { t: { a: 1 } });
  isShut = true;
  const controller = new AbortController();
  // Those who ask while one reads share the next reading, which the first of them begins.
  const first = head.querier().select(ALL, EVER);
  const canceled = head.querier().select(ALL, EVER, { signal: controller.signal });
  const waiting = head.querier().select(ALL, EVER, { signal: new AbortController().signal });
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort(new Error('it is over'));
  isShut = false;
  assert.ok(gate.length > 0);
  for (const { open } of gate) open();
  await assert.rejects(canceled, /^Error: it is over$|^Error: Reading was canceled$/);
  assert.deepEqual(formatSeries(await first), ['a 1@0']);
  assert.deepEqual(formatSeries(await waiting), ['a 1@0']);
  assert.deepEqual(formatSeries(await head.querier().select(ALL, EVER)), ['a 1@0']);
});
