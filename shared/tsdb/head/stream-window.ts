import { wordsOf } from '#shared/model/stale.ts';
import type { Batch, SampledSection } from '../batch.ts';
import type { Layout } from '../layout.ts';
import { LooseSamples } from './pieces.ts';
import { appendRow, createRun, type Run, runBytes } from './run.ts';
import type { SeriesTable } from './series-table.ts';

export type LayoutLookup = (id: string) => Layout;

/** What of a series has no column: samples with times of their own, and stale markers. */
export interface LooseEntry {
  samples: LooseSamples | undefined;
  stale: LooseSamples | undefined;
}

/** What one stream wrote in one window of time, decoded: runs of columns, and what is not in a column. Batches must be
 *  appended in the order of their slots. Derives the stale markers (FORMAT.md, Staleness). */
export class StreamWindow {
  readonly #table: SeriesTable;
  readonly #stream: string;
  readonly #sources = new Map<string, Source>();
  readonly #slots = new Set<number>();
  /** The newest time of any sample that is not in a run. */
  #looseUntilMs = Number.NEGATIVE_INFINITY;
  readonly #runs: Run[] = [];
  /** By the series' numbers. */
  readonly #loose = new Map<number, LooseEntry>();
  /** The newest run of each series, by the series' numbers. */
  readonly #lastRun = new Map<number, Run>();
  #lastSlotMs = Number.NEGATIVE_INFINITY;
  /** As long as nothing is appended. */
  #sizeBytes: number | undefined;
  /** Set by the reader once no further batch can come. */
  complete = false;
  /** The slot of the batch that `seed` was given. */
  seedSlotMs: number | undefined = undefined;

  /** @param table Gives the numbers of series. @param stream Whose batches will be appended. */
  constructor(table: SeriesTable, stream: string) {
    this.#table = table;
    this.#stream = stream;
  }

  /** About how much memory the window takes. */
  get sizeBytes(): number {
    this.#sizeBytes ??= this.#measure();
    return this.#sizeBytes;
  }

  #measure(): number {
    let bytes = 1024 + this.#lastRun.size * BYTES_PER_SERIES;
    for (const run of this.#runs) bytes += runBytes(run);
    for (const { samples, stale } of this.#loose.values()) {
      bytes += BYTES_PER_LOOSE + (samples?.sizeBytes ?? 0) + (stale?.sizeBytes ?? 0);
    }
    return bytes;
  }

  /** The slot of the newest batch; −Infinity when there is none. */
  get lastSlotMs(): number {
    return this.#lastSlotMs;
  }

  /** In the order in which they began. */
  get runs(): readonly Run[] {
    return this.#runs;
  }

  /** By the series' numbers. */
  get loose(): ReadonlyMap<number, LooseEntry> {
    return this.#loose;
  }

  /** The numbers of the series that have samples. */
  *seriesIds(): Generator<number> {
    yield* this.#lastRun.keys();
    yield* this.#loose.keys();
  }

  hasSlot(slotMs: number): boolean {
    return this.#slots.has(slotMs);
  }

  /** The layouts that the sources now have. */
  currentLayouts(): Layout[] {
    return [...this.#sources.values()].map((source) => source.layout);
  }

  /** Takes over what the sources had before the window, so that a series missing from the first batch becomes stale. */
  seed(batch: Batch, layouts: LayoutLookup): void {
    this.seedSlotMs = batch.slotMs;
    for (const section of batch.sections) {
      if (section.kind === 'unknown') continue;
      const layout = layouts(section.layout);
      const ids = this.#table.idsOf(layout);
      const perishable = [...perishableIds(section, ids), ...this.#pendingIds(section, layouts)];
      this.#sources.set(section.source, { layout, ids, perishable, run: undefined });
    }
  }

  /** Appends batches in the order of their slots. */
  appendAll(batches: readonly Batch[], layouts: LayoutLookup): void {
    if (batches.length > 0) this.#sizeBytes = undefined;
    for (let i = 0; i < batches.length; i++) this.#append(batches, i, layouts);
  }

  #append(batches: readonly Batch[], index: number, layouts: LayoutLookup): void {
    const batch = batches[index];
    this.#slots.add(batch.slotMs);
    this.#lastSlotMs = Math.max(this.#lastSlotMs, batch.slotMs);
    const present = new Set<string>();
    for (const [position, section] of batch.sections.entries()) {
      present.add(section.source);
      if (section.kind === 'unknown') continue;
      const capacity = () => Math.max(MIN_CAPACITY, countSame(batches, index, position));
      this.#appendSection(section, { layouts, timeMs: batch.timestampMs, capacity });
    }
    for (const [name, source] of this.#sources) {
      if (present.has(name)) continue;
      this.#markStale(source.perishable, [], batch.timestampMs);
      this.#sources.delete(name);
    }
  }

  #appendSection(
    section: SampledSection,
    { layouts, timeMs, capacity }: { layouts: LayoutLookup; timeMs: number; capacity: () => number },
  ): void {
    const layout = layouts(section.layout);
    const before = this.#sources.get(section.source);
    const sameLayout = before?.layout.id === layout.id;
    const ids = sameLayout ? before.ids : this.#table.idsOf(layout);
    const source: Source = { layout, ids, perishable: ids, run: undefined };
    this.#sources.set(section.source, source);
    if (section.timesMs === undefined && timeMs > this.#looseUntilMs) {
      source.run = (sameLayout ? before.run : undefined) ?? this.#startRun(section.source, source, capacity());
      appendRow(source.run, timeMs, section);
    } else source.perishable = this.#appendLoose(ids, section, timeMs);
    const pending = this.#pendingIds(section, layouts);
    if (pending.length > 0) source.perishable = [...source.perishable, ...pending];
    if (before !== undefined) this.#markStale(before.perishable, source.perishable, timeMs);
  }

  /** Adds samples with times of their own, but out-of-order and repeated ones: those are dropped.
   *  @returns The series that will be stale when they are gone. */
  #appendLoose(
    ids: Int32Array,
    { values, timesMs, histograms, startTimesMs, trackStaleness }: SampledSection,
    batchMs: number,
  ): number[] {
    const words = wordsOf(values);
    const perishable: number[] = [];
    for (const [i, id] of ids.entries()) {
      const own = timesMs?.[i] ?? Number.NaN;
      const hasOwn = !Number.isNaN(own);
      const timeMs = hasOwn ? own : batchMs;
      const entry = this.#looseEntry(id);
      entry.samples ??= new LooseSamples();
      const sample = { words, index: i, histogram: histograms?.[i], startTimeMs: startTimesMs?.[i] };
      if (timeMs > this.#lastSampleMs(id) && timeMs >= this.#lastMarkerMs(id)) {
        entry.samples.append(timeMs, sample);
        this.#looseUntilMs = Math.max(this.#looseUntilMs, timeMs);
      } else if (!entry.samples.endsWith(timeMs, sample)) continue;
      if (!hasOwn || trackStaleness) perishable.push(id);
    }
    return perishable;
  }

  #startRun(source: string, { layout, ids }: Source, capacity: number): Run {
    const key = JSON.stringify([this.#stream, source, layout.id]);
    const run = createRun({ key, layout, ids }, capacity);
    this.#runs.push(run);
    for (const id of ids) this.#lastRun.set(id, run);
    return run;
  }

  #markStale(before: ArrayLike<number>, now: ArrayLike<number>, timeMs: number): void {
    if (before === now) return;
    const kept = new Set(Array.from(now));
    for (let i = 0; i < before.length; i++) {
      const id = before[i];
      if (kept.has(id)) continue;
      if (timeMs <= Math.max(this.#lastSampleMs(id), this.#lastMarkerMs(id))) continue;
      const entry = this.#looseEntry(id);
      entry.stale ??= new LooseSamples();
      entry.stale.appendStale(timeMs);
    }
  }

  #looseEntry(id: number): LooseEntry {
    let entry = this.#loose.get(id);
    if (entry === undefined) this.#loose.set(id, (entry = { samples: undefined, stale: undefined }));
    return entry;
  }

  /** The time of the newest sample; −Infinity when there is none. */
  #lastSampleMs(id: number): number {
    const run = this.#lastRun.get(id);
    const inRun = run === undefined || run.length === 0 ? Number.NEGATIVE_INFINITY : run.times[run.length - 1];
    return Math.max(inRun, this.#loose.get(id)?.samples?.lastMs ?? Number.NEGATIVE_INFINITY);
  }

  /** The time of the newest stale marker; −Infinity when there is none. */
  #lastMarkerMs(id: number): number {
    return this.#loose.get(id)?.stale?.lastMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Series that were there without a sample. */
  #pendingIds(section: SampledSection, layouts: LayoutLookup): ArrayLike<number> & Iterable<number> {
    return section.pending === undefined ? [] : this.#table.idsOf(layouts(section.pending));
  }
}

const BYTES_PER_SERIES = 64;
const BYTES_PER_LOOSE = 256;
const MIN_CAPACITY = 8;

/** What a source had in its newest batch. */
interface Source {
  readonly layout: Layout;
  readonly ids: Int32Array;
  /** The series that are stale at the next batch if they are not among those of that one. */
  perishable: ArrayLike<number> & Iterable<number>;
  run: Run | undefined;
}

/** How many batches from `index` on have the section at `position` with the same source and layout. */
function countSame(batches: readonly Batch[], index: number, position: number): number {
  const first = batches[index].sections[position] as SampledSection;
  let end = index + 1;
  for (; end < batches.length; end++) {
    const section = batches[end].sections[position];
    if (section?.kind !== 'sampled' || section.source !== first.source || section.layout !== first.layout) break;
  }
  return end - index;
}

/** Of a section alone, without knowing which samples were dropped as out of order. */
function perishableIds({ timesMs, trackStaleness }: SampledSection, ids: Int32Array): Int32Array {
  if (timesMs === undefined || trackStaleness) return ids;
  return ids.filter((_, i) => Number.isNaN(timesMs[i]));
}
