import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Querier, SeriesSamples } from '#shared/model/storage.ts';
import { engineWith, errorOf, fakeQuerier, histogramOf, querierOf, ramps } from './engine-support.ts';

const TOO_MANY = errorOf('execution', 'query processing would load too many samples into memory in query execution');
const INSTANCES = ['a', 'b', 'c'];

/** Ten steps. */
const TIMES = { startMs: 0, endMs: 90_000, stepMs: 10_000 };

/** One series of a histogram of one bucket each 10 s. */
function histograms(): SeriesSamples[] {
  const [series] = ramps('h', ['a']);
  return [{ ...series, histograms: Array.from(series.values, (_, i) => histogramOf(i, i)) }];
}

/** The numbers are those of `stats=true` in Prometheus 3.16. */
test('a query may hold as many samples as Prometheus lets it', async () => {
  const floats = fakeQuerier(ramps('m', INSTANCES));
  const cases = [
    { query: '1', querier: floats, enough: 10 },
    // Three series of ten steps.
    { query: 'm', querier: floats, enough: 30 },
    // The last window of ten samples and its result, while those of two series are held.
    { query: 'count_over_time(m[10m])', querier: floats, enough: 40 },
    // Both operands and the result, and six samples of the last step that are compared.
    { query: 'm + m', querier: floats, enough: 96 },
    { query: 'sum(m)', querier: floats, enough: 30 },
    { query: 'm @ 10', querier: floats, enough: 30 },
    // A histogram weighs 12: (168 + 8 of a span + 8 of a bucket + 8 of its time) / 16.
    { query: 'h', querier: fakeQuerier(histograms()), enough: 120 },
  ];
  for (const { query, querier, enough } of cases) {
    const result = await engineWith({ maxSamples: enough }).range(query, TIMES, { querier });
    assert.equal(result.stats.peakSamples, enough, query);
    const tight = engineWith({ maxSamples: enough - 1 });
    await assert.rejects(tight.range(query, TIMES, { querier }), TOO_MANY, query);
  }
});

test('too many steps are refused before there is a column of them', async () => {
  const querier = fakeQuerier(ramps('m', ['a']));
  const queries = [
    'sum_over_time(vector(1)[1000000000s:1s])',
    'sum_over_time(vector(time())[1000000000s:1s])',
    'count_over_time(m[30d:1ms])',
    'max_over_time(count_over_time(m[30d:1ms])[30d:1ms])',
  ];
  for (const query of queries) await assert.rejects(engineWith().instant(query, 1e12, { querier }), TOO_MANY, query);
});

test('storage asks before it reads', async () => {
  const bytesPerSample = 16;
  const reading = (samples: number): Querier =>
    querierOf(async (options) => {
      options?.reserve?.(samples * bytesPerSample);
      return [];
    });
  const engine = engineWith({ maxMemoryBytes: 900_000_000 });
  await engine.instant('m', 0, { querier: reading(1e6) });
  await assert.rejects(engine.instant('m', 0, { querier: reading(1e9) }), TOO_MANY);
  const small = engineWith({ maxMemoryBytes: 1_000_000 });
  const tooLarge = errorOf(
    'execution',
    /^query would take 16000000 bytes of memory, at most 1000000 bytes are allowed$/,
  );
  await assert.rejects(small.instant('m', 0, { querier: reading(1e6) }), tooLarge);
});

test('a query whose time is over ends', async () => {
  let now = 0;
  const engine = engineWith({ monotonicMs: () => now, timeoutMs: 100 });
  const slow = querierOf(async () => {
    now += 101;
    return [];
  });
  await assert.rejects(
    engine.instant('m', 0, { querier: slow }),
    errorOf('timeout', 'query timed out in query execution'),
  );
  const patient = await engine.instant('m', 0, { querier: slow, timeoutMs: 200 });
  assert.equal(patient.value.kind, 'vector');
});

test('a query does not wait for storage longer than it has time', async () => {
  const never = querierOf(() => new Promise(() => {}));
  const slept: number[] = [];
  const engine = engineWith({ timeoutMs: 100, sleep: async (durationMs) => void slept.push(durationMs) });
  await assert.rejects(
    engine.instant('m', 0, { querier: never }),
    errorOf('timeout', 'query timed out in query execution'),
  );
  assert.deepEqual(slept, [101]);
});

test('evaluation looks at the clock, not only reading', async () => {
  let readings = 0;
  const engine = engineWith({ monotonicMs: () => (++readings > 6 ? 1000 : 0), timeoutMs: 100 });
  await assert.rejects(
    engine.instant('m + m + m', 0, { querier: fakeQuerier([]) }),
    errorOf('timeout', 'query timed out in expression evaluation'),
  );
});

/** A querier whose reads are let through one by one. */
function gate() {
  const waiting: (() => void)[] = [];
  const querier = querierOf(async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return [];
  });
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { querier, waiting, settled };
}

test('more queries than may run at once wait for their turn, in order', async () => {
  const { querier, waiting, settled } = gate();
  const engine = engineWith({ maxConcurrency: 2 });
  const done: number[] = [];
  const all = [0, 1, 2, 3].map((i) => engine.instant('m', 0, { querier }).then(() => void done.push(i)));
  await settled();
  assert.equal(waiting.length, 2);
  for (let i = 0; i < 4; i++) {
    waiting[i]();
    await settled();
  }
  await Promise.all(all);
  assert.deepEqual(done, [0, 1, 2, 3]);
});

test('a query in the queue can be canceled or run out of time, and its turn goes to the next one', async () => {
  const { querier, waiting, settled } = gate();
  const canceled = new AbortController();
  const wake: (() => void)[] = [];
  const sleep = () => new Promise<void>((resolve) => wake.push(resolve));
  const engine = engineWith({ maxConcurrency: 1, sleep });
  const running = engine.instant('m', 0, { querier });
  await settled();
  const impatient = engine.instant('m', 0, { querier, signal: canceled.signal });
  const late = engine.instant('m', 0, { querier, timeoutMs: 5 });
  const last = engine.instant('m', 0, { querier });
  canceled.abort();
  await assert.rejects(impatient, errorOf('canceled', 'query was canceled in query queue'));
  // The sleepers are those of the running query's reading, then of the queue.
  wake[2]();
  await assert.rejects(late, errorOf('timeout', 'query timed out in query queue'));
  waiting[0]();
  await running;
  await settled();
  waiting[1]();
  assert.equal((await last).value.kind, 'vector');
});

test('a failed query leaves its place and its memory to others', async () => {
  const broken = querierOf(async (options) => {
    options?.reserve?.(800);
    throw new Error('block 01ABC is missing');
  });
  const engine = engineWith({ maxConcurrency: 1, maxMemoryBytes: 1000 });
  for (let i = 0; i < 3; i++) {
    await assert.rejects(
      engine.instant('m', 0, { querier: broken }),
      errorOf('execution', 'expanding series: block 01ABC is missing'),
    );
  }
});
