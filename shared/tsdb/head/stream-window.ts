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
  #lastSlotMs = Number.NEGATIVE_INFINITY;
  /** Set by the reader once no further batch can come. */
  complete = false;

  /** About how much memory the window takes. */
  get sizeBytes(): number {
    const runs = new Set(this.#entries.flatMap((entry) => entry.parts.map((part) => part.run)));
    let bytes = 1024 + this.#entries.length * BYTES_PER_SERIES;
    for (const run of runs) bytes += run.values.byteLength + run.times.byteLength;
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
    for (const section of batch.sections) {
      if (section.kind === 'unknown') continue;
      const pending = pendingSeries(section, layouts);
      const layout = layouts(section.layout);
      this.#sources.set(section.source, { section, layout, pending, run: undefined, entries: [] });
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
      this.#markStale(source, new Set(), batch.timestampMs);
      this.#sources.delete(name);
    }
  }

  #appendSection(section: SampledSection, layouts: LayoutLookup, timeMs: number): void {
    const layout = layouts(section.layout);
    const pending = pendingSeries(section, layouts);
    const before = this.#sources.get(section.source);
    const sameLayout = before?.layout.id === layout.id;
    const entries = sameLayout && before.entries.length > 0 ? before.entries : layout.series.map((s) => this.#entry(s));
    if (before !== undefined && !(sameLayout && before.pending.length === 0)) {
      this.#markStale(before, new Set([...layout.series, ...pending].map(labelsKey)), timeMs);
    }
    const source: Source = { section, layout, pending, entries, run: undefined };
    this.#sources.set(section.source, source);
    if (section.timesMs !== undefined) {
      appendLoose(entries, section, timeMs);
      return;
    }
    source.run = sameLayout ? before.run : undefined;
    if (source.run === undefined) source.run = this.#startRun(layout, entries);
    appendRow(source.run, timeMs, section.values);
  }

  #startRun(layout: Layout, entries: readonly Entry[]): Run {
    const run = createRun(layout);
    for (let i = 0; i < entries.length; i++) entries[i].parts.push({ run, column: i });
    return run;
  }

  #markStale(source: Source, kept: ReadonlySet<string>, timeMs: number): void {
    const { timesMs, trackStaleness } = source.section;
    [...source.layout.series, ...source.pending].forEach((labels, i) => {
      if (kept.has(labelsKey(labels))) return;
      const explicit = timesMs !== undefined && i < timesMs.length && !Number.isNaN(timesMs[i]);
      if (explicit && !trackStaleness) return;
      const entry = this.#entry(labels);
      entry.stale ??= new LooseSamples();
      entry.stale.appendStale(timeMs);
    });
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
  readonly section: SampledSection;
  readonly layout: Layout;
  /** Series that were there without a sample. */
  readonly pending: readonly Labels[];
  /** One a series; empty when taken over from before the window. */
  readonly entries: readonly Entry[];
  run: Run | undefined;
}

function pendingSeries(section: SampledSection, layouts: LayoutLookup): readonly Labels[] {
  return section.pending === undefined ? [] : layouts(section.pending).series;
}

function appendLoose(entries: readonly Entry[], section: SampledSection, batchTimeMs: number): void {
  const words = wordsOf(section.values);
  for (let i = 0; i < entries.length; i++) {
    const own = section.timesMs![i];
    entries[i].loose ??= new LooseSamples();
    entries[i].loose!.append(Number.isNaN(own) ? batchTimeMs : own, words, i);
  }
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
