import type { Histogram } from '#shared/model/histogram.ts';
import { copyValue, isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples, TimeRange } from '#shared/model/storage.ts';
import type { BlockSeries, StoredChunk } from '../block/block-reader.ts';
import { decodeAt } from '../block/block-source.ts';
import { offsetOf, segmentOf, segmentPath } from '../block/chunk-meta.ts';
import type { Interval } from '../block/tombstones.ts';
import { decodeChunk } from '../chunk/chunk.ts';
import {
  type ChunkEncoding,
  holdsHistograms,
  holdsStartTimestamps,
  isChunkEncoding,
  sampleCount,
} from '../chunk/encoding.ts';
import { createSampleColumns, type SampleColumns } from '../chunk/sample-columns.ts';

/** A series of a block as it is stored, and what of it is wanted. */
export interface StoredSeries {
  readonly blockId: string;
  readonly series: BlockSeries<StoredChunk>;
  /** In order. */
  readonly deleted: readonly Interval[];
}

/** A histogram with its lists, beside its counts. */
const HISTOGRAM_BYTES = 320;
/** Of two buckets' indexes, counts and bits in a chunk: a bucket takes a bit at least. */
const DECODED_BYTES_PER_STORED = 12;

/** About the memory that the decoded samples take.
 *  @throws {BlockCorruptError} When a chunk's encoding is unknown. */
export function decodedBytes({ blockId, series }: StoredSeries): number {
  let bytes = 0;
  for (const chunk of series.chunks) {
    const { encoding, count } = countOf(blockId, chunk);
    bytes += count * (holdsStartTimestamps(encoding) ? 24 : 16);
    if (holdsHistograms(encoding)) bytes += count * HISTOGRAM_BYTES + chunk.bytes.length * DECODED_BYTES_PER_STORED;
  }
  return bytes;
}

/** The samples of a series in a range that are not deleted; `undefined` when there are none.
 *  @throws {BlockCorruptError} */
export function decodeSeries(stored: StoredSeries, range: TimeRange): SeriesSamples | undefined {
  const { blockId, deleted, series } = stored;
  const counts = series.chunks.map((chunk) => countOf(blockId, chunk));
  const columns = createSampleColumns(
    counts.reduce((total, { count }) => total + count, 0),
    {
      histograms: counts.some(({ encoding }) => holdsHistograms(encoding)),
      startTimestamps: counts.some(({ encoding }) => holdsStartTimestamps(encoding)),
    },
  );
  let at = 0;
  series.chunks.forEach((chunk, i) => {
    decodeAt(placeOf(blockId, chunk), () => decodeChunk(chunk.encoding, chunk.bytes, { columns, at }));
    at += counts[i].count;
  });
  const length = deleted.length > 0 ? removeDeleted(columns, deleted) : at;
  const { timestampsMs, values, startTimestampsMs, histograms } = columns;
  const start = indexFrom(timestampsMs, length, range.minMs);
  const end = indexFrom(timestampsMs, length, range.maxMs + 1);
  if (start >= end) return undefined;
  const wantedValues = values.subarray(start, end);
  return {
    labels: series.labels,
    timestampsMs: timestampsMs.subarray(start, end),
    values: wantedValues,
    histograms: histogramsIn(histograms, start, end),
    startTimestampsMs: startTimestampsMs?.subarray(start, end),
    staleFree: isStaleFree(wantedValues) || undefined,
  };
}

function countOf(blockId: string, chunk: StoredChunk): { readonly encoding: ChunkEncoding; readonly count: number } {
  const { encoding, bytes } = chunk;
  return decodeAt(placeOf(blockId, chunk), () => {
    if (!isChunkEncoding(encoding)) throw new RangeError(`chunk encoding ${encoding} is not one of 1 to 6`);
    return { encoding, count: sampleCount(encoding, bytes) };
  });
}

function placeOf(blockId: string, { ref }: StoredChunk) {
  return { blockId, path: segmentPath(segmentOf(ref)), offset: offsetOf(ref) };
}

/** Moves what is not deleted to the front. @returns How many samples that are. */
function removeDeleted(columns: SampleColumns, deleted: readonly Interval[]): number {
  const { timestampsMs, values, startTimestampsMs, histograms } = columns;
  const words = wordsOf(values);
  let kept = 0;
  let next = 0;
  for (let i = 0; i < timestampsMs.length; i++) {
    const time = timestampsMs[i];
    while (next < deleted.length && deleted[next].maxMs < time) next++;
    if (next < deleted.length && deleted[next].minMs <= time) continue;
    timestampsMs[kept] = time;
    copyValue(words, i, words, kept);
    if (startTimestampsMs !== undefined) startTimestampsMs[kept] = startTimestampsMs[i];
    if (histograms !== undefined) histograms[kept] = histograms[i];
    kept++;
  }
  return kept;
}

/** The first index with a time of at least `timeMs`. */
function indexFrom(times: Float64Array, length: number, timeMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Histograms = (Histogram | undefined)[];

function histogramsIn(histograms: Histograms | undefined, start: number, end: number): Histograms | undefined {
  const part = histograms?.slice(start, end);
  return part?.some((histogram) => histogram !== undefined) ? part : undefined;
}

function isStaleFree(values: Float64Array): boolean {
  const words = wordsOf(values);
  for (let i = 0; i < values.length; i++) if (isStaleAt(words, i)) return false;
  return true;
}
