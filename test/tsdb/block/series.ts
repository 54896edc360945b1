import { compareLabels, type Labels, labelsFromPairs } from '#shared/model/labels.ts';
import type { NewChunk } from '#shared/tsdb/block/chunk-meta.ts';
import { createSampleColumns } from '#shared/tsdb/chunk/sample-columns.ts';
import { encodeXor } from '#shared/tsdb/chunk/xor.ts';
import type { NewSeries } from './block-files.ts';

export const ULID = '01M827Y2FRD4TKPEPZEF84GBZ0';

/** What `writeBlock` needs besides series; all times of tests are within it. */
export const PLAN = { ulid: ULID, minTime: 0, maxTime: 7_200_000 };
export const ALL_TIME = { minMs: PLAN.minTime, maxMs: PLAN.maxTime };

/** A chunk of floats, one each second. */
export function chunkAt(minMs: number, samples = 3): NewChunk {
  const columns = createSampleColumns(samples);
  for (let i = 0; i < samples; i++) {
    columns.timestampsMs[i] = minMs + i * 1000;
    columns.values[i] = minMs + i / 7;
  }
  const bytes = encodeXor(columns, { from: 0, to: samples });
  return { encoding: 1, bytes, minMs, maxMs: columns.timestampsMs[samples - 1] };
}

/** Series with labels of few and of many values, each with some chunks. */
export function manySeries(count: number, chunksEach = 2): readonly NewSeries[] {
  return Array.from({ length: count }, (_, i): Labels => {
    const pairs: [string, string][] = [
      ['__name__', `metric_${i % 5}`],
      ['id', `${i}`],
      ['zone', ['', 'a', 'b', 'é', '語', '\u{1f600}', '\ufffd'][i % 7]],
    ];
    return labelsFromPairs(i % 3 === 0 ? pairs : [...pairs, ['job', `job-${i % 4}`]]);
  })
    .sort(compareLabels)
    .map((labels, i) => ({
      labels,
      chunks: Array.from({ length: chunksEach }, (_, k) => chunkAt(k * 10_000 + i, 2 + ((i + k) % 5))),
    }));
}
