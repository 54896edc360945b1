import type { Histogram } from '#shared/model/histogram.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { decodeChunk } from '../chunk/chunk.ts';
import { holdsHistograms, isChunkEncoding, sampleCount } from '../chunk/encoding.ts';
import { createSampleColumns } from '../chunk/sample-columns.ts';
import type { BlockReader, StoredChunk } from './block-reader.ts';
import { decodeAt } from './block-source.ts';
import { offsetOf, segmentOf, segmentPath } from './chunk-meta.ts';

/** How large the chunks of a block are: a number for each chunk, in no order.
 *  @see prometheus/cmd/promtool/tsdb.go analyzeCompaction */
export interface ChunkSizes {
  readonly numChunks: number;
  readonly floatSamples: readonly number[];
  readonly floatBytes: readonly number[];
  readonly histogramSamples: readonly number[];
  readonly histogramBytes: readonly number[];
  /** Of all histograms of a chunk, empty ones among them. */
  readonly histogramBuckets: readonly number[];
}

const ALWAYS = { minMs: Number.NEGATIVE_INFINITY, maxMs: Number.POSITIVE_INFINITY };
const BATCH_SERIES = 256;

/** Reads all chunks of the series that match. @throws {BlockCorruptError} */
export async function analyzeChunks(reader: BlockReader, matchers: readonly Matcher[] = []): Promise<ChunkSizes> {
  const sizes = {
    numChunks: 0,
    floatSamples: [] as number[],
    floatBytes: [] as number[],
    histogramSamples: [] as number[],
    histogramBytes: [] as number[],
    histogramBuckets: [] as number[],
  };
  const refs = await reader.select(matchers);
  for (let at = 0; at < refs.length; at += BATCH_SERIES) {
    const series = await reader.read(refs.subarray(at, at + BATCH_SERIES), ALWAYS);
    for (const chunk of series.flatMap(({ chunks }) => chunks)) {
      const place = {
        blockId: reader.meta.ulid,
        path: segmentPath(segmentOf(chunk.ref)),
        offset: offsetOf(chunk.ref),
      };
      const { samples, buckets } = decodeAt(place, () => measure(chunk));
      sizes.numChunks++;
      sizes[buckets === undefined ? 'floatSamples' : 'histogramSamples'].push(samples);
      sizes[buckets === undefined ? 'floatBytes' : 'histogramBytes'].push(chunk.bytes.length);
      if (buckets !== undefined) sizes.histogramBuckets.push(buckets);
    }
  }
  return sizes;
}

function measure({ encoding, bytes }: StoredChunk): { readonly samples: number; readonly buckets?: number } {
  if (!isChunkEncoding(encoding)) throw new RangeError(`invalid chunk encoding ${encoding}`);
  const samples = sampleCount(encoding, bytes);
  if (!holdsHistograms(encoding)) return { samples };
  const columns = createSampleColumns(samples, { histograms: true });
  decodeChunk(encoding, bytes, { columns });
  return { samples, buckets: columns.histograms!.reduce(addBuckets, 0) };
}

function addBuckets(total: number, histogram: Histogram | undefined): number {
  if (histogram === undefined) return total;
  return total + histogram.positive.counts.length + histogram.negative.counts.length;
}
