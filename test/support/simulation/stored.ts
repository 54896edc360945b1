import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { formatLabels } from '#shared/model/labels.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { Querier } from '#shared/model/storage.ts';
import { type BatchStore, createBatchStore } from '#shared/tsdb/batch-store.ts';
import { createHead, type Head } from '#shared/tsdb/head/head.ts';
import { createLayoutStore, type LayoutStore } from '#shared/tsdb/layout-store.ts';
import type { World } from './world.ts';

/** What one source had at a slot: series as text → value. */
export type StoredSection = ReadonlyMap<string, number>;

/** A batch as it is stored, decoded. */
export interface StoredSlot {
  readonly slotMs: number;
  readonly timestampMs: number;
  /** Source → its samples; `undefined` where the source is unknown. */
  readonly sections: ReadonlyMap<string, StoredSection | undefined>;
}

const HOUR_MS = 3_600_000;
const RETENTION_MS = 15 * 86_400_000;
const EVERYTHING = [createMatcher('__name__', '=~', '.+')];

export interface Stores {
  readonly batches: BatchStore;
  readonly layouts: LayoutStore;
  readonly head: Head;
}

/** Stores without any memory of the run over what the run left. */
export function openStores({ ports }: World): Stores {
  const nowMs = () => ports.clock.nowMs();
  const batches = createBatchStore(ports, { retentionMs: RETENTION_MS, nowMs });
  const layouts = createLayoutStore(ports.objects, ports.compression);
  return { batches, layouts, head: createHead({ batches, layouts }, { nowMs, retentionMs: RETENTION_MS }) };
}

/** All slots of a stream, in order. */
export async function readSlots({ batches, layouts }: Stores, stream: string): Promise<StoredSlot[]> {
  const stored = await batches.read(stream, { minSlotMs: 0, maxSlotMs: Number.MAX_SAFE_INTEGER });
  const names = createNames(layouts);
  return Promise.all(
    stored.map(async ({ batch: { slotMs, timestampMs, sections } }) => {
      const entries = sections.map(async (section) => {
        if (section.kind === 'unknown') return [section.source, undefined] as const;
        const series = await names(section.layout);
        return [section.source, new Map(series.map((name, i) => [name, section.values[i]]))] as const;
      });
      return { slotMs, timestampMs, sections: new Map(await Promise.all(entries)) };
    }),
  );
}

/** The texts of a layout's series; each layout is made into texts once. */
function createNames(layouts: LayoutStore): (id: string) => Promise<readonly string[]> {
  const known = new Map<string, Promise<readonly string[]>>();
  return (id) => {
    let names = known.get(id);
    if (names === undefined) known.set(id, (names = layouts.get(id).then(({ series }) => series.map(formatLabels))));
    return names;
  };
}

/** A line for each stream and hour: how many batches and samples it has, and a digest of them. */
export async function hourDigests(world: World): Promise<string[]> {
  const { batches } = openStores(world);
  const lines: string[] = [];
  for (const stream of await batches.streams()) {
    const stored = await batches.read(stream, { minSlotMs: 0, maxSlotMs: world.clock.nowMs() });
    for (const [hour, some] of Map.groupBy(stored, ({ batch }) => Math.floor(batch.slotMs / HOUR_MS))) {
      const hash = createHash('sha256');
      let samples = 0;
      for (const { batch, notes } of some) {
        hash.update(JSON.stringify([batch.slotMs, batch.timestampMs, notes]));
        for (const section of batch.sections) {
          hash.update(section.source);
          if (section.kind === 'unknown') continue;
          samples += section.values.length;
          hash.update(section.layout).update(new Uint8Array(section.values.slice().buffer));
        }
      }
      const name = new Date(hour * HOUR_MS).toISOString().slice(0, 13);
      lines.push(`${stream} ${name}: ${some.length} batches, ${samples} samples, ${hash.digest('hex').slice(0, 16)}`);
    }
  }
  return lines;
}

/** The samples of a series in order of time. NaN is a stale marker: no script says NaN. */
export interface Columns {
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** What a querier says is stored: series as text → samples. */
export async function selectColumns(querier: Querier): Promise<Map<string, Columns>> {
  const all = await querier.select(EVERYTHING, { minMs: 0, maxMs: Number.MAX_SAFE_INTEGER });
  for (const { labels, values } of all) {
    const words = wordsOf(values);
    const plainNaN = values.findIndex((value, i) => Number.isNaN(value) && !isStaleAt(words, i));
    assert.equal(plainNaN, -1, `${formatLabels(labels)} has a NaN`);
  }
  return new Map(
    all.map(({ labels, timestampsMs, values }) => [formatLabels(labels), { times: timestampsMs, values }]),
  );
}

/** What the slots of a stream say, told the simple way: a series is stale at the first slot whose section of its source,
 *  or whose lack of one, does not have it. */
export function expectedColumns(slots: readonly StoredSlot[]): Map<string, Columns> {
  const columns = new Map<string, { readonly times: number[]; readonly values: number[] }>();
  const add = (name: string, timeMs: number, value: number) => {
    let series = columns.get(name);
    if (series === undefined) columns.set(name, (series = { times: [], values: [] }));
    series.times.push(timeMs);
    series.values.push(value);
  };
  const latest = new Map<string, StoredSection>();
  for (const { timestampMs, sections } of slots) {
    for (const [source, before] of latest) {
      const now = sections.get(source);
      if (now === undefined && sections.has(source)) continue;
      for (const name of before.keys()) if (!now?.has(name)) add(name, timestampMs, Number.NaN);
      if (now === undefined) latest.delete(source);
    }
    for (const [source, section] of sections) {
      if (section === undefined) continue;
      for (const [name, value] of section) add(name, timestampMs, value);
      latest.set(source, section);
    }
  }
  return columns;
}

/** The slots with `scrape_series_added` as it must be: the only sample that looks back, at the last page that the target
 *  gave. The rest stays as it is. */
export function withSeriesAdded(slots: readonly StoredSlot[]): StoredSlot[] {
  const pages = new Map<string, StoredSection>();
  return slots.map((slot) => {
    const sections = [...slot.sections].map(([source, page]) => {
      if (page === undefined) pages.delete(source);
      if (page === undefined) return [source, undefined] as const;
      const healthy = [...page].some(([name, value]) => name.startsWith('up{') && value === 1);
      const added = healthy ? [...page.keys()].filter((name) => !pages.get(source)?.has(name) && !isReport(name)) : [];
      if (healthy) pages.set(source, page);
      const counted = [...page].map(([name, value]): [string, number] => {
        return [name, name.startsWith('scrape_series_added{') ? added.length : value];
      });
      return [source, new Map(counted)] as const;
    });
    return { ...slot, sections: new Map(sections) };
  });
}

function isReport(series: string): boolean {
  return series.startsWith('scrape_') || series.startsWith('up{');
}

/** A slot in one line. */
export function slotText({ slotMs, timestampMs, sections }: StoredSlot): string {
  const texts = [...sections].map(([source, section]) => {
    return `${source}: ${section === undefined ? 'unknown' : [...section].map((sample) => sample.join(' ')).join(', ')}`;
  });
  return [slotMs, timestampMs, ...texts].join('; ');
}
