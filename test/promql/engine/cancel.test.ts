import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsFromRecord } from '#shared/model/labels.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { engineWith, errorOf, fakeQuerier, querierOf } from './engine-support.ts';

const IN_EVALUATION = errorOf('canceled', 'query was canceled in expression evaluation');

/** So many series with a sample each second for an hour. */
function manySeries(count: number, samples: number): SeriesSamples[] {
  const timestampsMs = Float64Array.from({ length: samples }, (_, i) => i * 1000);
  const values = timestampsMs.map((timeMs) => (timeMs * 7919) % 1000);
  return Array.from({ length: count }, (_, i) => {
    return {
      labels: labelsFromRecord({ __name__: 'm_total', instance: String(i).padStart(6, '0') }),
      timestampsMs,
      values,
    };
  });
}

const real = engineWith({
  monotonicMs: () => performance.now(),
  yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  maxSamples: 1e9,
});

test('a canceled query ends while it waits for storage', async () => {
  const controller = new AbortController();
  let reading: AbortSignal | undefined;
  const never = querierOf((options) => {
    reading = options?.signal;
    return new Promise(() => {});
  });
  const pending = engineWith().instant('m', 0, { querier: never, signal: controller.signal });
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  await assert.rejects(pending, errorOf('canceled', 'query was canceled in query execution'));
  assert.equal(reading?.aborted, true, 'storage is told to stop');
  const timedOut = new AbortController();
  timedOut.abort(new DOMException('too late', 'TimeoutError'));
  await assert.rejects(
    engineWith().instant('m', 0, { querier: never, signal: timedOut.signal }),
    errorOf('timeout', 'query timed out in query execution'),
  );
});

/** Each would take some seconds. */
const HEAVY: readonly { query: string; series: SeriesSamples[]; stepMs: number; startMs?: number; steps?: number }[] = [
  { query: 'sum(quantile_over_time(0.9, m_total[10m]))', series: manySeries(2000, 3600), stepMs: 10_000 },
  {
    query: 'stddev_over_time(m_total[10h])',
    series: manySeries(1, 50_000),
    startMs: 36_000_000,
    stepMs: 1000,
    steps: 10_000,
  },
  {
    query: 'm_total + on(instance) m_total * on(instance) m_total - on(instance) m_total',
    series: manySeries(20_000, 600),
    stepMs: 10_000,
  },
  { query: 'abs(ceil(floor(sgn(m_total))))', series: manySeries(20_000, 600), stepMs: 10_000 },
  { query: 'max_over_time(sum(m_total)[50m:1s])', series: manySeries(2000, 3600), stepMs: 100_000 },
];

for (const { query, series, stepMs, startMs = 300_000, steps = 240 } of HEAVY) {
  test(`a canceled query ends at once in the middle of ${query}`, async () => {
    const controller = new AbortController();
    const times = { startMs, endMs: startMs + steps * stepMs, stepMs };
    const pending = real.range(query, times, { querier: fakeQuerier(series), signal: controller.signal });
    let canceledMs = 0;
    setTimeout(() => {
      canceledMs = performance.now();
      controller.abort();
    }, 30);
    await assert.rejects(pending, IN_EVALUATION);
    // A tenth of a second is the goal; a loaded machine gets more.
    assert.ok(performance.now() - canceledMs < 500, `took ${performance.now() - canceledMs} ms`);
  });
}

test('timers run while a heavy query does', async () => {
  const controller = new AbortController();
  const [{ query, series, stepMs }] = HEAVY;
  const times = { startMs: 300_000, endMs: 300_000 + 240 * stepMs, stepMs };
  const pending = real.range(query, times, { querier: fakeQuerier(series), signal: controller.signal });
  let turns = 0;
  const timer = setInterval(() => {
    if (++turns === 5) controller.abort();
  }, 5);
  await assert.rejects(pending, IN_EVALUATION);
  clearInterval(timer);
  assert.ok(turns >= 5);
});
