import { compareLabels } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { TimeRange } from '#shared/model/storage.ts';
import { decodeChunk } from '../chunk/chunk.ts';
import {
  type ChunkEncoding,
  FLOAT_HISTOGRAM as FLOAT_HISTOGRAM_ENCODING,
  FLOAT_HISTOGRAM_ST,
  holdsHistograms,
  isChunkEncoding,
  sampleCount,
} from '../chunk/encoding.ts';
import { createSampleColumns } from '../chunk/sample-columns.ts';
import type { BlockReader, BlockSeries, StoredChunk } from './block-reader.ts';
import { decodeAt } from './block-source.ts';
import { offsetOf, segmentOf, segmentPath } from './chunk-meta.ts';
import { unite } from './postings-math.ts';
import type { Interval } from './tombstones.ts';
import {
  FLOAT,
  FLOAT_HISTOGRAM,
  mergeSamples,
  pickSamples,
  type SampleKind,
  type TypedSamples,
  WHOLE_HISTOGRAM,
} from './typed-samples.ts';

/** What to read of blocks. */
export interface SampleSelection {
  /** A series is read when all matchers of one of the sets hold for it. */
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly range: TimeRange;
}

/** Series of a block that are in memory at once. */
const BATCH_SERIES = 128;

/** Reads the samples of several blocks, which may overlap, one series after the other in the order of their labels. What is
 *  deleted is left out. A series comes without samples when it only has chunks about the range.
 *  Memory: the samples of some hundred series a block.
 *  @param readers Of samples with the same time the one of the first block counts. @throws {BlockCorruptError} */
export async function* readSamples(
  readers: readonly BlockReader[],
  selection: SampleSelection,
): AsyncGenerator<TypedSamples> {
  const sources = readers.map((reader) => readBlockSamples(reader, selection));
  const heads = await Promise.all(sources.map(nextOf));
  for (;;) {
    let first: TypedSamples | undefined;
    for (const head of heads) {
      if (head !== undefined && (first === undefined || compareLabels(head.labels, first.labels) < 0)) first = head;
    }
    if (first === undefined) return;
    const { labels } = first;
    const equal = heads.flatMap((head, i) => (head && compareLabels(head.labels, labels) === 0 ? [i] : []));
    yield mergeSamples(equal.map((i) => heads[i]!));
    for (const i of equal) heads[i] = await nextOf(sources[i]);
  }
}

async function nextOf(source: AsyncGenerator<TypedSamples>): Promise<TypedSamples | undefined> {
  const next = await source.next();
  return next.done === true ? undefined : next.value;
}

async function* readBlockSamples(
  reader: BlockReader,
  { matcherSets, range }: SampleSelection,
): AsyncGenerator<TypedSamples> {
  const { minTime, maxTime } = reader.meta;
  if (minTime > range.maxMs || maxTime <= range.minMs) return;
  const found = unite(await Promise.all(matcherSets.map((matchers) => reader.select(matchers))));
  const refs = found.filter((ref, i) => i === 0 || ref !== found[i - 1]);
  for (let at = 0; at < refs.length; at += BATCH_SERIES) {
    const batch = await reader.read(refs.subarray(at, at + BATCH_SERIES), range);
    for (const series of batch) {
      const deleted = reader.tombstones.get(series.ref) ?? [];
      const chunks = series.chunks.filter((chunk) => !deleted.some((interval) => covers(interval, chunk)));
      if (chunks.length === 0) continue;
      yield withoutDeleted(decodeSeries({ ...series, chunks }, reader.meta.ulid), range, deleted);
    }
  }
}

function covers(interval: Interval, chunk: Interval): boolean {
  return interval.minMs <= chunk.minMs && chunk.maxMs <= interval.maxMs;
}

/** All samples of the chunks. @throws {BlockCorruptError} */
function decodeSeries({ labels, chunks }: BlockSeries<StoredChunk>, blockId: string): TypedSamples {
  const counts = chunks.map((chunk) => decodeAt(placeOf(blockId, chunk), () => countOf(chunk)));
  const length = counts.reduce((total, count) => total + count, 0);
  const histograms = chunks.some(({ encoding }) => holdsHistograms(encoding as ChunkEncoding));
  const columns = createSampleColumns(length, { histograms });
  const kinds = new Uint8Array(length);
  let at = 0;
  chunks.forEach((chunk, i) => {
    decodeAt(placeOf(blockId, chunk), () => decodeChunk(chunk.encoding, chunk.bytes, { columns, at }));
    kinds.fill(kindOf(chunk.encoding as ChunkEncoding), at, at + counts[i]);
    at += counts[i];
  });
  return { labels, timestampsMs: columns.timestampsMs, values: columns.values, histograms: columns.histograms, kinds };
}

function countOf({ encoding, bytes }: StoredChunk): number {
  if (!isChunkEncoding(encoding)) throw new RangeError(`invalid chunk encoding ${encoding}`);
  return sampleCount(encoding, bytes);
}

function placeOf(blockId: string, { ref }: StoredChunk) {
  return { blockId, path: segmentPath(segmentOf(ref)), offset: offsetOf(ref) };
}

function kindOf(encoding: ChunkEncoding): SampleKind {
  if (!holdsHistograms(encoding)) return FLOAT;
  const float = encoding === FLOAT_HISTOGRAM_ENCODING || encoding === FLOAT_HISTOGRAM_ST;
  return float ? FLOAT_HISTOGRAM : WHOLE_HISTOGRAM;
}

function withoutDeleted(samples: TypedSamples, range: TimeRange, deleted: readonly Interval[]): TypedSamples {
  const { timestampsMs } = samples;
  const kept: number[] = [];
  for (let i = 0, next = 0; i < timestampsMs.length; i++) {
    const time = timestampsMs[i];
    if (time < range.minMs || time > range.maxMs) continue;
    while (next < deleted.length && deleted[next].maxMs < time) next++;
    if (next < deleted.length && deleted[next].minMs <= time) continue;
    kept.push(i);
  }
  return kept.length === timestampsMs.length ? samples : pickSamples(samples, kept);
}
