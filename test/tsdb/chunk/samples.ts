import { compactHistogram } from '#shared/model/histogram/compact.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import { BitWriter } from '#shared/tsdb/chunk/bit-writer.ts';
import { decodeChunk } from '#shared/tsdb/chunk/chunk.ts';
import type { BuilderSamples } from '#shared/tsdb/chunk/chunk-builder.ts';
import { type ChunkEncoding, sampleCount } from '#shared/tsdb/chunk/encoding.ts';
import { GAUGE, type HistogramEncoding, UNKNOWN_RESET } from '#shared/tsdb/chunk/histogram-encoding.ts';
import { layoutOf, STALE_LAYOUT, unionIndexes } from '#shared/tsdb/chunk/histogram-layout.ts';
import { HistogramChunkWriter } from '#shared/tsdb/chunk/histogram-writer.ts';
import { createSampleColumns, HIGH, LOW, type SampleColumns } from '#shared/tsdb/chunk/sample-columns.ts';

/** A float whose bits count: 'stale', or a NaN by its words. */
export type Value = number | 'stale' | { readonly high: number; readonly low: number };

/** A sample as tests write it. */
export interface TestSample {
  readonly t: number;
  readonly st?: number;
  readonly v?: Value;
  readonly h?: Histogram;
}

/** The samples in columns. */
export function columnsOf(samples: readonly TestSample[]): SampleColumns & BuilderSamples {
  const columns = createSampleColumns(samples.length, { startTimestamps: true, histograms: true });
  samples.forEach(({ t, st = 0, v = 0, h }, i) => {
    columns.timestampsMs[i] = t;
    columns.startTimestampsMs![i] = st;
    columns.histograms![i] = h;
    if (typeof v === 'number') {
      columns.values[i] = v;
    } else {
      const { high, low } = v === 'stale' ? { high: 0x7ff00000, low: 2 } : v;
      columns.words[2 * i + HIGH] = high;
      columns.words[2 * i + LOW] = low;
    }
  });
  return columns;
}

/** Samples in a form that compares bits: `[time, start, high word, low word, histogram]`; of histograms the buckets that are
 *  not empty. */
export function rowsOf(columns: SampleColumns, from = 0, to = columns.timestampsMs.length): unknown[] {
  const rows: unknown[] = [];
  for (let i = from; i < to; i++) {
    const { timestampsMs, startTimestampsMs, words, histograms } = columns;
    const histogram = histograms?.[i];
    rows.push([
      timestampsMs[i],
      startTimestampsMs?.[i] ?? 0,
      words[2 * i + HIGH],
      words[2 * i + LOW],
      histogram && { ...compactHistogram(histogram), counterReset: undefined },
    ]);
  }
  return rows;
}

/** The samples of a chunk. */
export function decoded(encoding: ChunkEncoding, chunk: Uint8Array): SampleColumns {
  const columns = createSampleColumns(sampleCount(encoding, chunk), { startTimestamps: true, histograms: true });
  decodeChunk(encoding, chunk, { columns });
  return columns;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** A histogram from the counts of its buckets by index. */
export function histogram({
  positive = {},
  negative = {},
  ...rest
}: Partial<Omit<Histogram, 'positive' | 'negative'>> & {
  readonly positive?: Record<number, number>;
  readonly negative?: Record<number, number>;
}): Histogram {
  const totals = { counterReset: 'unknown', schema: 0, zeroThreshold: 0, zeroCount: 0, sum: 0 } as const;
  const count = [rest.zeroCount ?? 0, ...Object.values(positive), ...Object.values(negative)].reduce((a, b) => a + b);
  return { ...totals, count, ...rest, positive: bucketsOf(positive), negative: bucketsOf(negative) };
}

function bucketsOf(counts: Record<number, number>) {
  const indexes = Object.keys(counts).map(Number);
  indexes.sort((a, b) => a - b);
  return { indexes: Int32Array.from(indexes), counts: Float64Array.from(indexes, (index) => counts[index]) };
}

/** One chunk of all samples, none of which a chunk would be cut for. */
export function encodeHistograms(encoding: HistogramEncoding, samples: readonly TestSample[]): Uint8Array {
  const histograms = samples.flatMap(({ h }) => h ?? []);
  const layout = histograms.map(layoutOf).reduce(
    (a, b) => ({
      ...b,
      positive: unionIndexes(a.positive, b.positive),
      negative: unionIndexes(a.negative, b.negative),
    }),
    STALE_LAYOUT,
  );
  const chunk = new HistogramChunkWriter(new BitWriter(), encoding, layout);
  for (const { t, st = 0, h } of samples) chunk.append({ timestampMs: t, startTimestampMs: st, histogram: h });
  return chunk.finish(histograms[0]?.counterReset === 'gauge' ? GAUGE : UNKNOWN_RESET);
}
