import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsFromRecord } from '#shared/model/labels.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { MemoryPool } from '#shared/promql/engine/memory-pool.ts';
import { QueryError } from '#shared/promql/engine/query-error.ts';
import { engineWith, errorOf, fakeQuerier, histogramOf } from './engine-support.ts';

/** One sample a series; a column of it at many steps takes far more than the samples. */
function manySeries(count: number): SeriesSamples[] {
  const timestampsMs = Float64Array.of(0);
  return Array.from({ length: count }, (_, i) => {
    const labels = labelsFromRecord({ __name__: 'm', instance: String(i).padStart(6, '0') });
    return { labels, timestampsMs, values: Float64Array.of(i) };
  });
}

/** 1000 steps. */
const TIMES = { startMs: 0, endMs: 99_900, stepMs: 100 };

test('the memory of one query is bounded, and of all queries together', () => {
  const pool = new MemoryPool({ maxBytes: 1000, maxQueryBytes: 800 });
  const first = pool.open();
  const second = pool.open();
  first.take(600);
  assert.throws(
    () => first.take(201),
    errorOf('execution', 'query would take 801 bytes of memory, at most 800 bytes are allowed'),
  );
  const whileOthers = 'query would take 401 bytes of memory while other queries have 600 bytes';
  assert.throws(
    () => second.take(401),
    errorOf('execution', `${whileOthers}, at most 1000 bytes are allowed for all queries together`),
  );
  second.take(400);
  first.resetTo(100);
  first.keep(50);
  assert.equal(pool.usedBytes, 550);
  first.close();
  second.close();
  assert.equal(pool.usedBytes, 0);
});

test('a query that needs more memory than it may have is refused', async () => {
  const querier = fakeQuerier(manySeries(1000));
  const cases = [
    // 1000 series of 1000 steps: 9 MB and something for each series.
    { query: 'm', enough: 10_000_000 },
    // The operands, and as much for the result.
    { query: 'm + m', enough: 40_000_000 },
    { query: 'last_over_time(m[5m])', enough: 10_000_000 },
    { query: 'sum(m)', enough: 20_000_000 },
  ];
  const tooLarge = errorOf('execution', /^query would take \d+ bytes of memory, at most \d+ bytes are allowed$/);
  for (const { query, enough } of cases) {
    await engineWith({ maxMemoryBytes: enough }).range(query, TIMES, { querier });
    const tight = engineWith({ maxMemoryBytes: enough / 2 });
    await assert.rejects(tight.range(query, TIMES, { querier }), tooLarge, query);
  }
});

test('native histograms that a query makes count with their buckets', async () => {
  const buckets = { indexes: Int32Array.from({ length: 160 }, (_, i) => i), counts: new Float64Array(160).fill(1) };
  const [series] = manySeries(1);
  const histograms = [histogramOf(160, 1, { positive: buckets })];
  const querier = fakeQuerier([{ ...series, histograms }]);
  const engine = engineWith({ maxMemoryBytes: 1_000_000 });
  await engine.range('m', TIMES, { querier });
  await assert.rejects(engine.range('-(m * 2) * 2', TIMES, { querier }), QueryError);
});

test('large queries at once take turns, so that each gets the memory it needs', async () => {
  const querier = fakeQuerier(manySeries(1000));
  const engine = engineWith({
    maxMemoryBytes: 100_000_000,
    monotonicMs: () => performance.now(),
    yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const sampler = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 2);
  // Each needs some 40 MB, of which it has at most 2.5 MB while it waits.
  const large = () => engine.range('sum by (instance) (m * 2)', TIMES, { querier });
  const results = await Promise.all(Array.from({ length: 10 }, large)).finally(() => clearInterval(sampler));
  assert.equal(results.length, 10);
  assert.ok(most < 250_000_000, `arrays took ${most} bytes`);
});

test('a large query that waits for its turn can be canceled', async () => {
  const querier = fakeQuerier(manySeries(1000));
  const engine = engineWith({
    maxMemoryBytes: 100_000_000,
    yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const controller = new AbortController();
  const first = engine.range('m * 2', TIMES, { querier });
  const second = engine.range('m * 2', TIMES, { querier, signal: controller.signal });
  const third = engine.range('m * 2', TIMES, { querier });
  setImmediate(() => controller.abort());
  await assert.rejects(second, errorOf('canceled', 'query was canceled in expression evaluation'));
  await Promise.all([first, third]);
});

test('a large query waits until the result of the one before is given back', async () => {
  const querier = fakeQuerier(manySeries(1000));
  const engine = engineWith({ maxMemoryBytes: 15_000_000 });
  let release = () => {};
  const holdMemory = (give: () => void) => {
    release = give;
  };
  await engine.range('m', TIMES, { querier, holdMemory });
  let isDone = false;
  const second = engine.range('m', TIMES, { querier }).then(() => {
    isDone = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isDone, false);
  release();
  release();
  await second;
});

test('a failed query holds no memory', async () => {
  const querier = fakeQuerier(manySeries(1000));
  const engine = engineWith({ maxMemoryBytes: 15_000_000 });
  const holdMemory = () => assert.fail('there is no result');
  await assert.rejects(engine.range('m + m + m', TIMES, { querier, holdMemory }), QueryError);
  await engine.range('m', TIMES, { querier });
});

test('the text of labels that a query makes counts', async () => {
  const querier = fakeQuerier(manySeries(1000));
  const long = 'x'.repeat(100_000);
  const cases = [
    `label_replace(m, "text", "${long}", "", "")`,
    `label_join(m, "text", "${long}", "a", "b")`,
    // Each multiplies by a thousand.
    `label_replace(label_replace(m, "a", "${'$1'.repeat(1000)}", "instance", "(.*)"), "b", "${'$1'.repeat(1000)}", "a", "(.*)")`,
  ];
  const tooLarge = errorOf('execution', /^query would take \d+ bytes of memory, at most 50000000 bytes are allowed$/);
  for (const query of cases) {
    await assert.rejects(engineWith({ maxMemoryBytes: 50_000_000 }).instant(query, 0, { querier }), tooLarge);
  }
});

test('a label longer than any text can be is refused', async () => {
  const querier = fakeQuerier(manySeries(1));
  const thousand = '$1'.repeat(1000);
  const query = ['a', 'b', 'c'].reduce((inner, name, i) => {
    return `label_replace(${inner}, "${name}", "${thousand}", "${['instance', 'a', 'b'][i]}", "(.*)")`;
  }, 'm');
  const tooLong = errorOf('execution', 'label value would be longer than 536870880 characters');
  const engine = engineWith({ maxMemoryBytes: 10_000_000_000 });
  await assert.rejects(engine.instant(query, 0, { querier }), tooLong);
});

test('matching many with many is refused at once', async () => {
  const querier = fakeQuerier(manySeries(20_000));
  const engine = engineWith();
  const found = /^found duplicate series for the match group \{\} on the right hand-side of the operation: /;
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(
    engine.range('m * on() group_left m', { ...TIMES, endMs: 9900 }, { querier }),
    errorOf('execution', found),
  );
  assert.ok(process.memoryUsage().arrayBuffers - before < 200_000_000);
});
