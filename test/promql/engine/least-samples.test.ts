import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelsFromRecord } from '#shared/model/labels.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { LatestFinder } from '#shared/promql/engine/instant-selector.ts';
import { leastSteps } from '#shared/promql/engine/least-samples.ts';
import { WindowFinder } from '#shared/promql/engine/window.ts';
import { engineWith, errorOf, fakeQuerier } from './engine-support.ts';

const TOO_MANY = errorOf('execution', 'query processing would load too many samples into memory in query execution');
const DAY_MS = 86_400_000;

/** A day at four samples a minute. */
function manySeries(count: number): SeriesSamples[] {
  const timestampsMs = Float64Array.from({ length: 5760 }, (_, i) => i * 15_000);
  return Array.from({ length: count }, (_, i) => {
    const labels = labelsFromRecord({ __name__: 'm', instance: String(i).padStart(6, '0') });
    return { labels, timestampsMs, values: new Float64Array(5760), staleFree: true };
  });
}

test('leastSteps() is never more than the steps that have samples, and close to them', () => {
  const series = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40 });
  const scope = fc.record({
    firstMs: fc.integer({ min: -500, max: 3000 }),
    stepMs: fc.integer({ min: 1, max: 300 }),
    steps: fc.integer({ min: 1, max: 60 }),
    coverMs: fc.integer({ min: 1, max: 500 }),
  });
  fc.assert(
    fc.property(series, scope, (gaps, { firstMs, stepMs, steps, coverMs }) => {
      let timeMs = 0;
      const timestampsMs = Float64Array.from(gaps, (gap) => (timeMs += gap));
      const times = { firstMs, stepMs };
      const latest = new LatestFinder(steps, times, coverMs).find(timestampsMs).count;
      const { from, to } = new WindowFinder(steps, times, coverMs).find(timestampsMs);
      const windows = from.filter((start, k) => to[k] - start >= 2).length;
      const ofOne = leastSteps(timestampsMs, steps, { times, coverMs, samples: 1 });
      const ofTwo = leastSteps(timestampsMs, steps, { times, coverMs, samples: 2 });
      assert.ok(ofOne <= latest, `${ofOne} > ${latest}`);
      assert.ok(ofTwo <= windows, `${ofTwo} > ${windows}`);
      // Of each stretch of time that is covered, less than two steps are missed.
      assert.ok(ofOne >= latest - 2 * gaps.length, `${ofOne} < ${latest}`);
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('a vector that is certain to have too many samples is refused before it is made', async () => {
  const querier = fakeQuerier(manySeries(1000));
  // Looks at the clock for each series that is computed: none may be.
  let looks = 0;
  const engine = engineWith({
    monotonicMs: () => {
      looks++;
      return 0;
    },
  });
  const queries = [
    'max_over_time(rate(m[5m])[30d:1s])',
    'sum(max_over_time(m[1d:1s]))',
    'max_over_time(max_over_time(m[5m:1s])[1d:1s])',
    'absent_over_time(count_over_time(m[1m])[30d:1s])',
  ];
  for (const query of queries) await assert.rejects(engine.instant(query, DAY_MS, { querier }), TOO_MANY, query);
  assert.ok(looks < 100, `looked ${looks} times at the clock`);
});

test('a vector of few samples in many steps is refused for its memory before it is made', async () => {
  const querier = fakeQuerier(
    manySeries(1000).map((one) => ({ ...one, timestampsMs: one.timestampsMs.map((t) => t / 100) })),
  );
  const engine = engineWith({ maxMemoryBytes: 200_000_000 });
  const tooLarge = errorOf('execution', /^query would take \d+ bytes of memory, at most 200000000 bytes are allowed$/);
  await assert.rejects(engine.instant('max_over_time(rate(m[1m])[30d:1m])', DAY_MS, { querier }), tooLarge);
});

test('what may fit is computed', async () => {
  const querier = fakeQuerier(manySeries(10));
  const engine = engineWith({ maxSamples: 200_000 });
  const { value } = await engine.instant('count(count_over_time(m[1d:15s]))', DAY_MS, { querier });
  assert.equal(value.kind, 'vector');
  await assert.rejects(engine.instant('count(count_over_time(m[1d:1s]))', DAY_MS, { querier }), TOO_MANY);
});
