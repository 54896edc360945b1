import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Histogram } from '#shared/model/histogram.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { MatrixSeries } from '#shared/promql/engine/result.ts';
import { engineWith, matchingQuerier } from './engine-support.ts';

/** What a sample of a script is: a float, the count of a histogram, a stale marker or none. */
type Sample = number | { readonly count: number; readonly counterReset?: Histogram['counterReset'] } | 'stale' | '_';

function series(name: string, samples: readonly Sample[], startTimestampsMs?: Float64Array): SeriesSamples {
  const at = samples.flatMap((sample, i) => (sample === '_' ? [] : [i]));
  const values = new Float64Array(at.length);
  const histograms: (Histogram | undefined)[] = new Array(at.length).fill(undefined);
  for (const [k, i] of at.entries()) {
    const sample = samples[i];
    if (sample === 'stale') setStaleAt(wordsOf(values), k);
    else if (typeof sample === 'number') values[k] = sample;
    else if (sample !== '_') histograms[k] = histogram(sample.count, sample.counterReset);
  }
  const hasHistograms = histograms.some((one) => one !== undefined);
  const floats = {
    labels: labelsFromRecord({ __name__: name }),
    timestampsMs: Float64Array.from(at, (i) => i * 60_000),
    values,
  };
  return { ...floats, ...(hasHistograms ? { histograms } : {}), ...(startTimestampsMs ? { startTimestampsMs } : {}) };
}

function histogram(count: number, counterReset: Histogram['counterReset'] = 'unknown'): Histogram {
  return {
    counterReset,
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    count,
    sum: 2 * count,
    positive: { indexes: Int32Array.of(1), counts: Float64Array.of(count) },
    negative: { indexes: new Int32Array(0), counts: new Float64Array(0) },
  };
}

/** `1:5` is a float of 5 in minute 1, `2:h7` a histogram of 7 observations. */
function shown({ timestampsMs, values, histograms }: MatrixSeries): string {
  const floats = Array.from(timestampsMs, (timeMs, i) => ({ timeMs, text: String(values[i]) }));
  const counts = Array.from(histograms?.timestampsMs ?? [], (timeMs, i) => {
    const { count, counterReset } = histograms!.values[i];
    return { timeMs, text: `h${count}${counterReset === 'unknown' ? '' : ` ${counterReset}`}` };
  });
  const all = [...floats, ...counts].sort((a, b) => a.timeMs - b.timeMs);
  return all.map(({ timeMs, text }) => `${timeMs / 60_000}:${text}`).join(', ');
}

const DATA = [
  series('h', [{ count: 1 }, { count: 2 }, { count: 4 }, { count: 8 }]),
  series('mixed', [1, { count: 2 }, 3, { count: 4 }]),
  series('stopped', [{ count: 1 }, 'stale', '_', { count: 4 }]),
  series('gone', [5, 'stale', '_', '_']),
  series('hinted', [{ count: 1 }, { count: 2, counterReset: 'not-reset' }, { count: 1, counterReset: 'reset' }]),
];

const TIMES = { startMs: 0, endMs: 180_000, stepMs: 60_000 };

test('histograms are selected, repeated and negated like floats', async () => {
  const querier = matchingQuerier(DATA);
  const cases = [
    { query: 'h', expected: '0:h1, 1:h2, 2:h4, 3:h8' },
    { query: 'mixed', expected: '0:1, 1:h2, 2:3, 3:h4' },
    { query: 'stopped', expected: '0:h1, 3:h4' },
    { query: 'gone', expected: '0:5' },
    { query: 'h offset 1m', expected: '1:h1, 2:h2, 3:h4' },
    { query: 'h @ 60', expected: '0:h2, 1:h2, 2:h2, 3:h2' },
    { query: '-mixed', expected: '0:-1, 1:h-2 gauge, 2:-3, 3:h-4 gauge' },
    { query: 'hinted', expected: '0:h1, 1:h2 not-reset, 2:h1 reset, 3:h1 reset' },
    { query: 'last_over_time(hinted[1m:1m])', expected: '0:h1, 1:h2, 2:h1, 3:h1' },
    { query: 'timestamp(mixed)', expected: '0:0, 1:60, 2:120, 3:180' },
    { query: 'histogram_count(h)', expected: '0:1, 1:2, 2:4, 3:8' },
    { query: 'mixed smoothed', expected: '' },
  ];
  for (const { query, expected } of cases) {
    const { value } = await engineWith().range(query, TIMES, { querier });
    assert.ok(value.kind === 'matrix');
    assert.equal(value.series.map(shown).join('; '), expected, query);
  }
});

test('an instant query gives a histogram in place of a value', async () => {
  const { value } = await engineWith().instant('h', 180_000, { querier: matchingQuerier(DATA) });
  assert.ok(value.kind === 'vector');
  assert.equal(value.samples[0].histogram?.count, 8);
});

test('a range selector gives floats and histograms apart, without stale markers', async () => {
  const cases = [
    { query: 'mixed[3m]', expected: '1:h2, 2:3, 3:h4' },
    { query: 'stopped[10m]', expected: '0:h1, 3:h4' },
    { query: 'mixed[2m:1m]', expected: '2:3, 3:h4' },
    { query: 'gone[1m]', expected: '' },
  ];
  for (const { query, expected } of cases) {
    const { value } = await engineWith().instant(query, 180_000, { querier: matchingQuerier(DATA) });
    assert.ok(value.kind === 'matrix');
    assert.equal(value.series.map(shown).join('; '), expected, query);
  }
});

test('a selector that is smoothed or anchored reaches beyond its time', async () => {
  const ramp = series('ramp', [0, '_', 20, '_', 40]);
  const querier = matchingQuerier([ramp]);
  const range = async (query: string) => {
    const { value } = await engineWith().range(query, TIMES, { querier });
    assert.ok(value.kind === 'matrix');
    return value.series.map(shown).join('; ');
  };
  assert.equal(await range('ramp smoothed'), '0:0, 1:10, 2:20, 3:30');
  const instant = async (query: string) => {
    const { value } = await engineWith().instant(query, 180_000, { querier });
    assert.ok(value.kind === 'matrix');
    return value.series.map(shown).join('; ');
  };
  assert.equal(await instant('ramp[2m] anchored'), '1:0, 2:20, 3:20');
  assert.equal(await instant('ramp[2m] smoothed'), '1:10, 2:20, 3:30');
  const histograms = matchingQuerier(DATA);
  await assert.rejects(engineWith().instant('h[2m] anchored', 180_000, { querier: histograms }), {
    message: 'anchored modifier is not supported with histograms',
  });
});

test('start timestamps are seen where they are asked for', async () => {
  const began = series('m_total', [1, 2, 3, 4], Float64Array.of(0, 0, 110_000, 110_000));
  const querier = matchingQuerier([began]);
  const parser = { experimentalFunctions: true };
  const ask = async (useStartTimestamps: boolean, query = 'start_timestamp(m_total)') => {
    const { value } = await engineWith({ parser, useStartTimestamps }).range(query, TIMES, { querier });
    assert.ok(value.kind === 'matrix');
    return value.series.map(shown).join('; ');
  };
  assert.equal(await ask(true), '0:0, 1:0, 2:110, 3:110');
  assert.equal(await ask(false), '');
  assert.equal(await ask(true, 'start_timestamp(m_total + 0)'), '');
});
