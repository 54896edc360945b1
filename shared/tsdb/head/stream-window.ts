import { type Labels, labelsKey } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { wordsOf } from '#shared/model/stale.ts';
import type { TimeRange } from '#shared/model/storage.ts';
import type { Batch, SampledSection } from '../batch.ts';
import type { Layout } from '../layout.ts';
import { LooseSamples, type Piece } from './pieces.ts';
import { matchesAll, Postings } from './postings.ts';
import { appendRow, column, createRun, lowerBound, type Run } from './run.ts';

/** What one stream wrote in one window of time, decoded: series with their columns, found by label. Batches must be
 *  appended in the order of their slots. Derives the stale markers (FORMAT.md, Staleness). */
export class StreamWindow {
  readonly #entries: Entry[] = [];
  readonly #byKey = new Map<string, Entry>();
  readonly #postings = new Postings();
  readonly #sources = new Map<string, Source>();
  readonly #slots = new Set<number>();
  /** The newest time of any sample that is not in a run. */
  #looseUntilMs = Number.NEGATIVE_INFINITY;
  readonly #runs: Run[] = [];
  #lastSlotMs = Number.NEGATIVE_INFINITY;
  /** Set by the reader once no further batch can come. */
  complete = false;
  /** The slot of the batch that `seed` was given. */
  seedSlotMs: number | undefined = undefined;

  /** About how much memory the window takes. */
  get sizeBytes(): number {
    let bytes = 1024 + this.#entries.length * BYTES_PER_SERIES;
    for (const { values, times } of this.#runs) bytes += values.byteLength + times.byteLength;
    return bytes;
  }

  /** The slot of the newest batch; −Infinity when there is none. */
  get lastSlotMs(): number {
    return this.#lastSlotMs;
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
      const perishable = [...perishableSeries(section, layout), ...pendingSeries(section, layouts)];
      this.#sources.set(section.source, { layout, perishable, run: undefined, entries: [] });
    }
  }

  append(batch: Batch, layouts: LayoutLookup): void {
    this.#slots.add(batch.slotMs);
    this.#lastSlotMs = Math.max(this.#lastSlotMs, batch.slotMs);
    const present = new Set<string>();
    for (const section of batch.sections) {
      present.add(section.source);
      if (section.kind === 'sampled') this.#appendSection(section, layouts, batch.timestampMs);
    }
    for (const [name, source] of this.#sources) {
      if (present.has(name)) continue;
      this.#markStale(source.perishable, [], batch.timestampMs);
      this.#sources.delete(name);
    }
  }

  #appendSection(section: SampledSection, layouts: LayoutLookup, timeMs: number): void {
    const layout = layouts(section.layout);
    const before = this.#sources.get(section.source);
    const sameLayout = before?.layout.id === layout.id;
    const entries = sameLayout && before.entries.length > 0 ? before.entries : layout.series.map((s) => this.#entry(s));
    const source: Source = { layout, entries, perishable: layout.series, run: undefined };
    this.#sources.set(section.source, source);
    if (section.timesMs === undefined && timeMs > this.#looseUntilMs) {
      source.run = (sameLayout ? before.run : undefined) ?? this.#startRun(layout, entries);
      appendRow(source.run, timeMs, section.values);
    } else source.perishable = this.#appendLoose(entries, section, timeMs);
    const pending = pendingSeries(section, layouts);
    if (pending.length > 0) source.perishable = [...source.perishable, ...pending];
    if (before !== undefined) this.#markStale(before.perishable, source.perishable, timeMs);
  }

  /** Adds samples with times of their own, but out-of-order and repeated ones: those are dropped.
   *  @returns The series that will be stale when they are gone. */
  #appendLoose(
    entries: readonly Entry[],
    { values, timesMs, trackStaleness }: SampledSection,
    batchMs: number,
  ): Labels[] {
    const words = wordsOf(values);
    const perishable: Labels[] = [];
    for (const [i, entry] of entries.entries()) {
      const own = timesMs?.[i] ?? Number.NaN;
      const hasOwn = !Number.isNaN(own);
      const timeMs = hasOwn ? own : batchMs;
      entry.loose ??= new LooseSamples();
      if (timeMs > lastSampleMs(entry) && timeMs >= lastMarkerMs(entry)) {
        entry.loose.append(timeMs, words, i);
        this.#looseUntilMs = Math.max(this.#looseUntilMs, timeMs);
      } else if (!entry.loose.endsWith(timeMs, words, i)) continue;
      if (!hasOwn || trackStaleness) perishable.push(entry.labels);
    }
    return perishable;
  }

  #startRun(layout: Layout, entries: readonly Entry[]): Run {
    const run = createRun(layout);
    this.#runs.push(run);
    for (let i = 0; i < entries.length; i++) entries[i].parts.push({ run, column: i });
    return run;
  }

  #markStale(before: readonly Labels[], now: readonly Labels[], timeMs: number): void {
    if (sameSeries(before, now)) return;
    const kept = new Set(now.map(labelsKey));
    for (const labels of before) {
      if (kept.has(labelsKey(labels))) continue;
      const entry = this.#entry(labels);
      if (timeMs <= Math.max(lastSampleMs(entry), lastMarkerMs(entry))) continue;
      entry.stale ??= new LooseSamples();
      entry.stale.appendStale(timeMs);
    }
  }

  #entry(labels: Labels): Entry {
    const key = labelsKey(labels);
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      entry = { labels, key, parts: [], loose: undefined, stale: undefined };
      this.#byKey.set(key, entry);
      this.#entries.push(entry);
      this.#postings.add(labels);
    }
    return entry;
  }

  /** Calls `visit` for each series that matches and has samples in the range, in no order. */
  select(matchers: readonly Matcher[], range: TimeRange, visit: (series: SeriesPieces) => void): void {
    for (const id of this.#postings.candidates(matchers)) {
      const entry = this.#entries[id];
      if (!matchesAll(matchers, entry.labels)) continue;
      const pieces = piecesIn(entry, range);
      if (pieces.length > 0) visit({ labels: entry.labels, key: entry.key, pieces });
    }
  }
}

/** Labels, key, postings and objects of one series. */
const BYTES_PER_SERIES = 700;

export type LayoutLookup = (id: string) => Layout;

/** One series' samples, not yet merged: in the order in which they were written. */
export interface SeriesPieces {
  readonly labels: Labels;
  /** `labelsKey(labels)` */
  readonly key: string;
  readonly pieces: readonly Piece[];
}

interface Entry {
  readonly labels: Labels;
  readonly key: string;
  readonly parts: { readonly run: Run; readonly column: number }[];
  loose: LooseSamples | undefined;
  stale: LooseSamples | undefined;
}

/** What a source had in its newest batch. */
interface Source {
  readonly layout: Layout;
  /** One a series; empty when taken over from before the window. */
  readonly entries: readonly Entry[];
  /** The series that are stale at the next batch if they are not among those of that one. */
  perishable: readonly Labels[];
  run: Run | undefined;
}

/** Of a section alone, without knowing which samples were dropped as out of order. */
function perishableSeries({ timesMs, trackStaleness }: SampledSection, { series }: Layout): readonly Labels[] {
  if (timesMs === undefined || trackStaleness) return series;
  return series.filter((_, i) => Number.isNaN(timesMs[i]));
}

/** Series that were there without a sample. */
function pendingSeries(section: SampledSection, layouts: LayoutLookup): readonly Labels[] {
  return section.pending === undefined ? [] : layouts(section.pending).series;
}

/** Whether both are the very same label sets in the same order, as two sections of one layout have them. */
function sameSeries(a: readonly Labels[], b: readonly Labels[]): boolean {
  return a === b || (a.length === b.length && a.every((labels, i) => labels === b[i]));
}

/** The time of the newest sample; −Infinity when there is none. */
function lastSampleMs({ parts, loose }: Entry): number {
  const run = parts.at(-1)?.run;
  const inRun = run === undefined || run.length === 0 ? Number.NEGATIVE_INFINITY : run.times[run.length - 1];
  return Math.max(inRun, loose?.lastMs ?? Number.NEGATIVE_INFINITY);
}

/** The time of the newest stale marker; −Infinity when there is none. */
function lastMarkerMs({ stale }: Entry): number {
  return stale?.lastMs ?? Number.NEGATIVE_INFINITY;
}

function piecesIn(entry: Entry, range: TimeRange): Piece[] {
  const pieces: Piece[] = [];
  for (const { run, column: index } of entry.parts) {
    pushCut(pieces, { times: run.times.subarray(0, run.length), values: column(run, index) }, range);
  }
  if (entry.loose !== undefined) pushCut(pieces, entry.loose.piece(), range);
  if (entry.stale !== undefined) pushCut(pieces, entry.stale.piece(), range);
  return pieces;
}

function pushCut(pieces: Piece[], { times, values }: Piece, { minMs, maxMs }: TimeRange): void {
  const start = lowerBound(times, times.length, minMs);
  const end = lowerBound(times, times.length, maxMs + 0.5);
  if (start < end) pieces.push({ times: times.subarray(start, end), values: values.subarray(start, end) });
}
