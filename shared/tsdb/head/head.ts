import { LRUCache } from 'lru-cache';
import { compareLabels, type Labels } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { MetricMetadata, Querier, SeriesSamples, TimeRange } from '#shared/model/storage.ts';
import type { BatchStore, StoredBatch } from '../batch-store.ts';
import type { Layout } from '../layout.ts';
import type { LayoutStore } from '../layout-store.ts';
import { mergePieces, type Piece } from './pieces.ts';
import { type SeriesPieces, StreamWindow } from './stream-window.ts';

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

export function createHead(
  stores: { readonly batches: BatchStore; readonly layouts: LayoutStore },
  options: {
    readonly nowMs: () => number;
    /** Windows older than this are not looked for. @default for ever: each window since 1970 costs a read */
    readonly retentionMs?: number;
    readonly maxBytes?: number;
  },
): Head {
  const windows = new LRUCache<string, Promise<StreamWindow>>({ maxSize: options.maxBytes ?? DEFAULT_MAX_BYTES });

  /** Appends what the stream committed since; starts anew when a batch came after a later one. */
  async function sync(stream: string, startMs: number, window: StreamWindow | undefined): Promise<StreamWindow> {
    const endMs = startMs + WINDOW_MS;
    if (window?.complete) return window;
    const complete = options.nowMs() > endMs + COMPLETE_AFTER_MS;
    const last = window?.lastSlotMs ?? Number.NEGATIVE_INFINITY;
    const fresh = await stores.batches.read(stream, {
      minSlotMs: Math.max(startMs, last - LATENESS_MS),
      maxSlotMs: endMs - 1,
      known: (slotMs) => window?.hasSlot(slotMs) ?? false,
    });
    if (window !== undefined && fresh.some(({ batch }) => batch.slotMs < last)) return sync(stream, startMs, undefined);
    // While the last batch of the window before may still come late, what the window goes on from is read again.
    const young = options.nowMs() < startMs + LATENESS_MS;
    const seed = window === undefined || young ? await lastBefore(stream, startMs) : undefined;
    if (window !== undefined && young && window.seedSlotMs !== seed?.batch.slotMs)
      return sync(stream, startMs, undefined);
    const target = window ?? new StreamWindow();
    const layouts = await loadLayouts(seed === undefined ? fresh : [seed, ...fresh], stores.layouts);
    const lookup = (id: string) => layouts.get(id)!;
    if (seed !== undefined && window === undefined) target.seed(seed.batch, lookup);
    for (const { batch } of fresh) target.append(batch, lookup);
    target.complete = complete;
    return target;
  }

  function lastBefore(stream: string, startMs: number): Promise<StoredBatch | undefined> {
    return stores.batches.last(stream, { minSlotMs: startMs - WINDOW_MS, maxSlotMs: startMs - 1 });
  }

  /** One sync of a window at a time, each after the one before; a failed one leaves nothing behind. */
  function current(stream: string, startMs: number): Promise<StreamWindow> {
    const key = `${stream} ${startMs}`;
    const before = windows.get(key) ?? Promise.resolve(undefined);
    const next = before.catch(() => undefined).then((window) => sync(stream, startMs, window));
    windows.set(key, next, { size: 1 });
    next.then(
      (window) => windows.peek(key) === next && windows.set(key, next, { size: window.sizeBytes }),
      () => windows.peek(key) === next && windows.delete(key),
    );
    return next;
  }

  function querier(): Querier {
    const seen = new Map<number, Promise<StreamWindow[]>>();
    const streams = stores.batches.streams();
    streams.catch(() => {});
    const windowsAt = (startMs: number): Promise<StreamWindow[]> => {
      let all = seen.get(startMs);
      if (all === undefined) {
        all = streams.then((names) => Promise.all(names.map((name) => current(name, startMs))));
        seen.set(startMs, all);
      }
      return all;
    };
    const collect = async (matchers: readonly Matcher[], range: TimeRange): Promise<Map<string, Found>> => {
      const found = new Map<string, Found>();
      const windowed = await Promise.all(windowStarts(range, options).map(windowsAt));
      for (const window of windowed.flat()) window.select(matchers, range, (series) => add(found, series));
      return found;
    };
    return {
      async select(matchers, range) {
        const found = [...(await collect(matchers, range)).values()];
        return found.map(toSamples).sort((a, b) => compareLabels(a.labels, b.labels));
      },
      async series(matchers, range) {
        const found = [...(await collect(matchers, range)).values()];
        return found.map(({ labels }) => labels).sort(compareLabels);
      },
    };
  }

  return {
    querier,
    async metadata() {
      const nowMs = options.nowMs();
      const streams = await stores.batches.streams();
      const now = await Promise.all(streams.map((name) => current(name, nowMs - (nowMs % WINDOW_MS))));
      return distinctMetadata(now.flatMap((window) => window.currentLayouts()));
    },
  };
}

interface Found {
  readonly labels: Labels;
  readonly pieces: Piece[];
}

function add(found: Map<string, Found>, { key, labels, pieces }: SeriesPieces): void {
  const entry = found.get(key);
  if (entry === undefined) found.set(key, { labels, pieces: [...pieces] });
  else entry.pieces.push(...pieces);
}

function toSamples({ labels, pieces }: Found): SeriesSamples {
  const { times, values } = mergePieces(pieces);
  return { labels, timestampsMs: times, values };
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
