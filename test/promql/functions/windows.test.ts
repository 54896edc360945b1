import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { createEngine } from '#shared/promql/engine/engine.ts';

const engine = createEngine({ monotonicMs: () => 0, parser: { experimentalFunctions: true } });

async function evaluate(
  series: SeriesSamples,
  query: string,
  times: { startMs: number; endMs: number; stepMs: number },
) {
  const querier = { select: async () => [series], series: async () => [] };
  const { value } = await engine.range(query, times, { querier });
  assert.ok(value.kind === 'matrix');
  const result = new Map<number, number>();
  for (const one of value.series) for (const [i, time] of one.timestampsMs.entries()) result.set(time, one.values[i]);
  return result;
}

/** What each function does with the samples of one window, in the plainest way. */
const PLAIN: Readonly<Record<string, (window: readonly number[]) => number>> = {
  min_over_time: (window) => extreme(window, Math.min),
  max_over_time: (window) => extreme(window, Math.max),
  count_over_time: (window) => window.length,
  first_over_time: (window) => window[0],
  last_over_time: (window) => window.at(-1)!,
  quantile_over_time: (window) => plainQuantile(0.3, window),
  mad_over_time: (window) => {
    if (window.some(Number.isNaN)) return Number.NaN;
    const median = plainQuantile(0.5, window);
    return plainQuantile(
      0.5,
      window.map((value) => Math.abs(value - median)),
    );
  },
  resets: (window) => window.filter((value, i) => i > 0 && value < window[i - 1]).length,
  changes: (window) => {
    return window.filter((value, i) => i > 0 && value !== window[i - 1] && !bothNaN(value, window[i - 1])).length;
  },
};

function plainQuantile(phi: number, window: readonly number[]): number {
  const sorted = window.toSorted((a, b) => Number(Number.isNaN(b)) - Number(Number.isNaN(a)) || a - b);
  const rank = phi * (sorted.length - 1);
  const below = sorted[Math.floor(rank)];
  const weight = rank - Math.floor(rank);
  return weight === 0 ? below : below * (1 - weight) + sorted[Math.floor(rank) + 1] * weight;
}

function extreme(window: readonly number[], choose: (...values: number[]) => number): number {
  const numbers = window.filter((value) => !Number.isNaN(value));
  return numbers.length === 0 ? Number.NaN : choose(...numbers);
}

function bothNaN(a: number, b: number): boolean {
  return Number.isNaN(a) && Number.isNaN(b);
}

const sampleGaps = fc.array(
  fc.record({ gapMs: fc.integer({ min: 1, max: 40 }), value: fc.constantFrom(0, 1, 2, 3, 5, Number.NaN) }),
  { maxLength: 40 },
);

function callOf(name: string, rangeMs: number): string {
  return name === 'quantile_over_time' ? `${name}(0.3, m[${rangeMs}ms])` : `${name}(m[${rangeMs}ms])`;
}

test('sliding windows give what each window alone gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      sampleGaps,
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 150 }),
      fc.constantFrom(...Object.keys(PLAIN)),
      async (gaps, rangeMs, stepMs, name) => {
        let time = 0;
        const times = gaps.map(({ gapMs }) => (time += gapMs));
        const series: SeriesSamples = {
          labels: ['a', 'b'],
          timestampsMs: Float64Array.from(times),
          values: Float64Array.from(gaps, ({ value }) => value),
        };
        const result = await evaluate(series, callOf(name, rangeMs), { startMs: 0, endMs: 900, stepMs });
        for (let t = 0; t <= 900; t += stepMs) {
          const window = gaps.filter((_, i) => times[i] > t - rangeMs && times[i] <= t).map(({ value }) => value);
          const expected = window.length === 0 ? undefined : PLAIN[name](window);
          assert.ok(Object.is(result.get(t), expected), `${name} at ${t}: ${result.get(t)}, expected ${expected}`);
        }
      },
    ),
    { seed: 20_26, numRuns: 600 },
  );
});

test('a step of a range query has the value of the instant query at its time', async () => {
  const queries = [
    'rate(m[60ms])',
    'increase(m[90ms])',
    'delta(m[90ms])',
    'irate(m[60ms])',
    'deriv(m[60ms])',
    'predict_linear(m[60ms], 3)',
    'sum_over_time(m[50ms])',
    'avg_over_time(m[50ms])',
    'stddev_over_time(m[50ms])',
    'quantile_over_time(0.3, m[50ms])',
    'max_over_time(m[50ms:7ms])',
    'm > 1',
    'absent(m > 2)',
  ];
  await fc.assert(
    fc.asyncProperty(
      sampleGaps,
      fc.integer({ min: 5, max: 90 }),
      fc.constantFrom(...queries),
      async (gaps, stepMs, query) => {
        let time = 0;
        const timestampsMs = Float64Array.from(gaps, ({ gapMs }) => (time += gapMs));
        const series = { labels: [], timestampsMs, values: Float64Array.from(gaps, ({ value }) => value) };
        const range = await evaluate(series, query, { startMs: 0, endMs: 400, stepMs });
        for (let t = 0; t <= 400; t += stepMs) {
          const instant = await evaluate(series, query, { startMs: t, endMs: t, stepMs: 1 });
          assert.ok(
            Object.is(range.get(t), instant.get(t)),
            `${query} at ${t}: ${range.get(t)}, alone ${instant.get(t)}`,
          );
        }
      },
    ),
    { seed: 20_27, numRuns: 150 },
  );
});
