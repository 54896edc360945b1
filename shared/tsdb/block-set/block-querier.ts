import { LRUCache } from 'lru-cache';
import type { Labels } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { Querier, SelectOptions, SeriesSamples, TimeRange } from '#shared/model/storage.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { type BlockReader, openBlock } from '../block/block-reader.ts';
import { blockInStore } from '../block/block-source.ts';
import { decodedBytes, decodeSeries } from './decode-series.ts';
import type { BlockEntry, BlockManifest } from './manifest.ts';
import { mergeSeries } from './merge-series.ts';
import { PagedReads } from './paged-reads.ts';

export interface BlockQuerierOptions {
  /** Of tables of open blocks, and as much again of their files. @default 64 MB */
  readonly cacheBytes?: number;
}

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;
/** An open block without any series. */
const READER_BYTES = 4096;
/** Series whose chunks are in memory at once, a block. */
const BATCH_SERIES = 2048;

/** Reads the blocks of the manifest. Blocks that overlap are merged: at one time the sample of the block that is earlier in
 *  the manifest counts. A block that cannot be read is an error that names it. */
export function createBlockQuerier(
  objects: ObjectStore,
  manifest: BlockManifest,
  { cacheBytes = DEFAULT_CACHE_BYTES }: BlockQuerierOptions = {},
): Querier {
  const pages = new PagedReads(cacheBytes);
  const readers = new LRUCache<string, BlockReader>({ maxSize: Math.max(1, cacheBytes) });
  const opening = new Map<string, Promise<BlockReader>>();

  async function open({ ulid, prefix }: BlockEntry): Promise<BlockReader> {
    const source = blockInStore(objects, prefix.slice(0, -ulid.length - 1), ulid);
    const reader = await openBlock(pages.over(source));
    readers.set(ulid, reader, { size: reader.indexMemoryBytes + READER_BYTES });
    return reader;
  }

  function readerOf(entry: BlockEntry): Promise<BlockReader> | BlockReader {
    const { ulid } = entry;
    const known = readers.get(ulid) ?? opening.get(ulid);
    if (known !== undefined) return known;
    const reader = open(entry).finally(() => opening.delete(ulid));
    opening.set(ulid, reader);
    return reader;
  }

  async function blocksIn(range: TimeRange): Promise<readonly BlockEntry[]> {
    const blocks = await manifest.blocks();
    return blocks.filter(({ minTime, maxTime }) => minTime <= range.maxMs && range.minMs < maxTime);
  }

  return {
    async select(matchers, range, options = {}) {
      const blocks = await blocksIn(range);
      if (blocks.length === 0) return [];
      const read = async (entry: BlockEntry) => selectIn(await readerOf(entry), { matchers, range, options });
      const lists = await Promise.all(blocks.map(read));
      reserveMerge(lists, options);
      return mergeSeries(lists);
    },
    async series(matchers, range) {
      const blocks = await blocksIn(range);
      if (blocks.length === 0) return [];
      const lists = await Promise.all(
        blocks.map(async (entry) => {
          const reader = await readerOf(entry);
          return (await reader.series(await reader.select(matchers), range)).map(({ labels }) =>
            withoutSamples(labels),
          );
        }),
      );
      return mergeSeries(lists).map(({ labels }) => labels);
    },
  };
}

interface Selection {
  readonly matchers: readonly Matcher[];
  readonly range: TimeRange;
  readonly options: SelectOptions;
}

async function selectIn(reader: BlockReader, { matchers, range, options }: Selection): Promise<SeriesSamples[]> {
  const { signal, reserve } = options;
  signal?.throwIfAborted();
  const refs = await reader.select(matchers, options);
  const found: SeriesSamples[] = [];
  for (let at = 0; at < refs.length; at += BATCH_SERIES) {
    signal?.throwIfAborted();
    const batch = await reader.read(refs.subarray(at, at + BATCH_SERIES), range, options);
    const stored = batch.map((series) => ({
      blockId: reader.meta.ulid,
      series,
      deleted: reader.tombstones.get(series.ref) ?? [],
    }));
    reserve?.(stored.reduce((total, series) => total + decodedBytes(series), 0));
    for (const series of stored) {
      const samples = decodeSeries(series, range);
      if (samples !== undefined) found.push(samples);
    }
  }
  return found;
}

/** Joining takes the memory of what is joined once more. */
function reserveMerge(lists: readonly (readonly SeriesSamples[])[], { reserve }: SelectOptions): void {
  if (reserve === undefined || lists.filter((list) => list.length > 0).length <= 1) return;
  let bytes = 0;
  for (const list of lists) {
    for (const { values, startTimestampsMs, histograms } of list) {
      const columns = 2 + Number(startTimestampsMs !== undefined) + Number(histograms !== undefined);
      bytes += values.length * 8 * columns;
    }
  }
  reserve(bytes);
}

const NONE = new Float64Array();

function withoutSamples(labels: Labels): SeriesSamples {
  return { labels, timestampsMs: NONE, values: NONE };
}

/** Reads from several queriers as from one; at one time the sample of the earlier one counts. Where only one has something,
 *  its answer is handed on as it is. */
export function mergeQueriers(queriers: readonly Querier[]): Querier {
  return {
    async select(matchers, range, options) {
      const lists = await Promise.all(queriers.map((querier) => querier.select(matchers, range, options)));
      reserveMerge(lists, options ?? {});
      return mergeSeries(lists);
    },
    async series(matchers, range) {
      const lists = await Promise.all(queriers.map((querier) => querier.series(matchers, range)));
      const filled = lists.filter((list) => list.length > 0);
      if (filled.length <= 1) return filled[0] ?? [];
      return mergeSeries(filled.map((list) => list.map(withoutSamples))).map(({ labels }) => labels);
    },
  };
}
