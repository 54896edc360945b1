import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { Querier, SeriesSamples } from '#shared/model/storage.ts';
import { OverlayQuerier } from '#shared/rules/overlay-querier.ts';

const NAMES = ['a', 'b', 'c'].map((name) => ['__name__', name]);
const HISTOGRAM: Histogram = {
  counterReset: 'unknown',
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 1,
  count: 1,
  sum: 0,
  positive: NO_BUCKETS,
  negative: NO_BUCKETS,
};

test('later rules see histograms that earlier ones made, and markers after them', async () => {
  const [a, b, c] = NAMES;
  const stored: readonly SeriesSamples[] = [
    { labels: a, timestampsMs: Float64Array.of(1), values: Float64Array.of(5) },
    { labels: b, timestampsMs: Float64Array.of(1), values: Float64Array.of(0), histograms: [HISTOGRAM] },
  ];
  const base: Querier = { select: async () => stored, series: async () => [a, b] };
  const overlay = new OverlayQuerier(base, 2);
  overlay.add(a, { value: 0, histogram: HISTOGRAM });
  overlay.add(b, undefined);
  overlay.add(c, { value: 0, histogram: HISTOGRAM });
  const range = { minMs: 0, maxMs: 10 };
  const read = await overlay.select([createMatcher('__name__', '=~', '.+')], range);
  assert.deepEqual(
    read.map(({ labels }) => labels),
    NAMES,
  );
  assert.deepEqual(
    read.map(({ histograms }) => histograms),
    [[undefined, HISTOGRAM], [HISTOGRAM, undefined], [HISTOGRAM]],
  );
  assert.ok(isStaleAt(wordsOf(read[1].values), 1));
  assert.deepEqual([...read[0].timestampsMs], [1, 2]);
});
