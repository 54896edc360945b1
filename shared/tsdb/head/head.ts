import { LRUCache } from 'lru-cache';
import type { Labels } from '#shared/model/labels.ts';
import type { MetricMetadata, Querier, TimeRange } from '#shared/model/storage.ts';
import type { BatchStore, StoredBatch } from '../batch-store.ts';
import type { Layout } from '../layout.ts';
import type { LayoutStore } from '../layout-store.ts';
import { ChainCache } from './chain-cache.ts';
import { selectSamples } from './select-samples.ts';
import { type Selection, SeriesTable } from './series-table.ts';
import { SharedRuns } from './shared-runs.ts';
import { StreamWindow } from './stream-window.ts';

/** Decoded samples in memory, window by window: the newest ones are brought up to date before each use by reading only
 *  what is new, older ones are read when a query asks for them. Holds nothing that is not in the store. */
export interface Head {
  /** A view that sees every batch committed before its first read of a window. Use one for each query or evaluation. */
  querier(): Querier;
  /** What targets say of their metrics now, each answer once. */
  metadata(): Promise<readonly MetricMetadata[]>;
}

const WINDOW_MS = 2 * 3_600_000;
/** A batch is committed at most this long after a later one: an interval's lateness and a scrape's timeout. */
const LATENESS_MS = 150_000;
/** This long after its end a window is not read again. */
const COMPLETE_AFTER_MS = 3_600_000;
/** How much earlier or later than its slot a sample may be: explicit timestamps reach an hour back and ten minutes on. */
const MAX_SAMPLE_AGE_MS = 3_600_000;
const MAX_SAMPLE_LEAD_MS = 600_000;
/** How far the writers' clocks may be ahead of ours. */
const MAX_SKEW_MS = 60_000;
const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;
/** The rest is for windows joined for queries. */
const WINDOWS_SHARE = 0.6;
/** Below this many series it is not looked for dead ones. */
const MIN_SERIES_LIMIT = 200_000;

/** Why a sync ended whose first asker wants it no more. It has changed nothing. */
const UNWANTED = new Error('Reading was canceled');

export interface HeadOptions {
  readonly nowMs: () => number;
  /** Windows older than this are not looked for. @default for ever: each window since 1970 costs a read */
  readonly retentionMs?: number;
  /** Of decoded samples in memory. @default 512 MB */
  readonly maxBytes?: number;
}

export function createHead(
  stores: { readonly batches: BatchStore; readonly layouts: LayoutStore },
  options: HeadOptions,
): Head {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  let memory = createMemory(maxBytes);
  const listings = new SharedRuns<readonly string[]>();

  /** Appends what the stream committed since; starts anew when a batch came after a later one. */
  async function sync(place: Place, window: StreamWindow | undefined): Promise<StreamWindow> {
    const { stream, startMs, table, signal } = place;
    const endMs = startMs + WINDOW_MS;
    if (window?.complete) return window;
    const complete = options.nowMs() > endMs + COMPLETE_AFTER_MS;
    const last = window?.lastSlotMs ?? Number.NEGATIVE_INFINITY;
    const fresh = await stores.batches.read(stream, {
      minSlotMs: Math.max(startMs, last - LATENESS_MS),
      maxSlotMs: endMs - 1,
      known: (slotMs) => window?.hasSlot(slotMs) ?? false,
      signal,
    });
    if (window !== undefined && fresh.some(({ batch }) => batch.slotMs < last)) return sync(place, undefined);
    // While the last batch of the window before may still come late, what the window goes on from is read again.
    const young = options.nowMs() < startMs + LATENESS_MS;
    const seed = window === undefined || young ? await lastBefore(stream, startMs) : undefined;
    if (window !== undefined && young && window.seedSlotMs !== seed?.batch.slotMs) return sync(place, undefined);
    const target = window ?? new StreamWindow(table, stream);
    const layouts = await loadLayouts(seed === undefined ? fresh : [seed, ...fresh], stores.layouts);
    const lookup = (id: string) => layouts.get(id)!;
    if (seed !== undefined && window === undefined) target.seed(seed.batch, lookup);
    const batches = fresh.map(({ batch }) => batch);
    target.appendAll(batches, lookup);
    target.complete = complete;
    return target;
  }

  function lastBefore(stream: string, startMs: number): Promise<StoredBatch | undefined> {
    return stores.batches.last(stream, { minSlotMs: startMs - WINDOW_MS, maxSlotMs: startMs - 1 });
  }

  /** Nothing is read where nothing can have been committed since. A failed sync leaves nothing behind. */
  function current(memory: Memory, { stream, startMs, signal }: Wanted): Now<StreamWindow> {
    const { table, windows, syncs } = memory;
    const key = `${stream} ${startMs}`;
    const before = windows.get(key);
    if (before !== undefined && isCurrent(before, stream)) return before.window;
    const run = syncs.run(key, async () => {
      const synced = windows.get(key);
      if (synced !== undefined && isCurrent(synced, stream)) return synced.window;
      const changes = stores.batches.changesOf(stream);
      try {
        const window = await sync({ stream, startMs, table, signal }, synced?.window);
        windows.set(key, { window, changes }, { size: window.sizeBytes });
        return window;
      } catch (error) {
        if (signal?.aborted && error === signal.reason) throw UNWANTED;
        windows.delete(key);
        throw error;
      }
    });
    return run.catch((error) => {
      // Who began the reading may not want it any more; others that wait for it do.
      if (error !== UNWANTED || signal?.aborted) throw error;
      return current(memory, { stream, startMs, signal });
    });
  }

  function isCurrent({ window, changes }: SyncedWindow, stream: string): boolean {
    return window.complete || (changes !== undefined && changes === stores.batches.changesOf(stream));
  }

  function querier(): Querier {
    if (memory.table.size > memory.maxSeries) memory = withoutDeadSeries(memory, maxBytes);
    const own = memory;
    const seen = new Map<number, Promise<StreamWindow[]>>();
    let streams: Promise<readonly string[]> | undefined;
    const windowsAt = (startMs: number, signal?: AbortSignal): Promise<StreamWindow[]> => {
      let all = seen.get(startMs);
      if (all === undefined) {
        streams ??= listings.run('', () => stores.batches.streams());
        all = streams.then((names) => Promise.all(names.map((stream) => current(own, { stream, startMs, signal }))));
        seen.set(startMs, all);
      }
      return all;
    };
    const windowsIn = async (range: TimeRange, signal?: AbortSignal): Promise<StreamWindow[]> => {
      signal?.throwIfAborted();
      const windowed = await Promise.all(windowStarts(range, options).map((startMs) => windowsAt(startMs, signal)));
      signal?.throwIfAborted();
      return windowed.flat();
    };
    return {
      async select(matchers, range, selectOptions = {}) {
        const windows = await windowsIn(range, selectOptions.signal);
        const { table, chains: cache } = own;
        const selection = table.select(matchers);
        return selectSamples(windows, { table, selection, cache }, { range, options: selectOptions });
      },
      async series(matchers, range) {
        return seriesIn(await windowsIn(range), own.table, own.table.select(matchers));
      },
    };
  }

  return {
    querier,
    async metadata() {
      const nowMs = options.nowMs();
      const streams = await stores.batches.streams();
      const startMs = nowMs - (nowMs % WINDOW_MS);
      const now = await Promise.all(streams.map((stream) => current(memory, { stream, startMs })));
      return distinctMetadata(now.flatMap((window) => window.currentLayouts()));
    },
  };
}

/** The windows in memory, and the numbers that they have given to series. */
interface Memory {
  readonly table: SeriesTable;
  readonly windows: LRUCache<string, SyncedWindow>;
  readonly syncs: SharedRuns<StreamWindow>;
  readonly chains: ChainCache;
  /** With more, it is looked for those that no window has any more. */
  maxSeries: number;
}

interface SyncedWindow {
  readonly window: StreamWindow;
  /** The stream's changes as they were before the window was brought up to date. */
  readonly changes: number | undefined;
}

type Now<T> = T | Promise<T>;

interface Wanted {
  readonly stream: string;
  readonly startMs: number;
  /** Aborted when who asks does not want it any more. */
  readonly signal?: AbortSignal;
}

interface Place extends Wanted {
  readonly table: SeriesTable;
}

function createMemory(maxBytes: number, maxSeries: number = MIN_SERIES_LIMIT): Memory {
  const windows = new LRUCache<string, SyncedWindow>({ maxSize: Math.ceil(maxBytes * WINDOWS_SHARE) });
  const chains = new ChainCache(Math.ceil(maxBytes * (1 - WINDOWS_SHARE)));
  return { table: new SeriesTable(), windows, syncs: new SharedRuns(), chains, maxSeries };
}

/** Starts anew where most series are of no window; queries at work keep what they began with. Else raises the limit, so
 *  that looking costs little in the long run. */
function withoutDeadSeries(memory: Memory, maxBytes: number): Memory {
  const live = new Set<number>();
  for (const { window } of memory.windows.values()) for (const id of window.seriesIds()) live.add(id);
  const { size } = memory.table;
  if (live.size * 2 < size) return createMemory(maxBytes, Math.max(MIN_SERIES_LIMIT, live.size * 4));
  memory.maxSeries = size * 2;
  return memory;
}

function seriesIn(windows: readonly StreamWindow[], table: SeriesTable, { ids }: Selection): Labels[] {
  const present = new Uint8Array(ids.length);
  table.withMarks(ids, (marks) => {
    for (const window of windows) {
      for (const id of window.seriesIds()) if (marks[id] > 0) present[marks[id] - 1] = 1;
    }
  });
  return Array.from(
    ids.filter((_, i) => present[i] === 1),
    (id) => table.labelsOf(id),
  );
}

/** The windows whose slots may hold samples of the range: none that begins in the future or is past its retention. */
function windowStarts(
  { minMs, maxMs }: TimeRange,
  options: { readonly nowMs: () => number; readonly retentionMs?: number },
): number[] {
  const nowMs = options.nowMs();
  const oldestMs = nowMs - (options.retentionMs ?? nowMs);
  const first = Math.max(0, oldestMs, minMs - MAX_SAMPLE_LEAD_MS);
  const last = Math.min(maxMs + MAX_SAMPLE_AGE_MS, nowMs + MAX_SKEW_MS);
  const starts: number[] = [];
  for (let start = first - (first % WINDOW_MS); start <= last; start += WINDOW_MS) starts.push(start);
  return starts;
}

async function loadLayouts(batches: readonly StoredBatch[], store: LayoutStore): Promise<Map<string, Layout>> {
  const ids = new Set<string>();
  for (const { batch } of batches) {
    for (const section of batch.sections) {
      if (section.kind === 'unknown') continue;
      ids.add(section.layout);
      if (section.pending !== undefined) ids.add(section.pending);
    }
  }
  const layouts = await Promise.all([...ids].map((id) => store.get(id)));
  return new Map(layouts.map((layout) => [layout.id, layout]));
}

function distinctMetadata(layouts: readonly Layout[]): MetricMetadata[] {
  const distinct = new Map<string, MetricMetadata>();
  for (const layout of layouts) {
    for (const entry of layout.metadata) distinct.set(JSON.stringify(entry), entry);
  }
  return [...distinct.values()];
}
