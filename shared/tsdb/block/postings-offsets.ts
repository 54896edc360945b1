import { compareStrings } from '#shared/model/labels.ts';
import type { ByteRange } from '#shared/ports/object-store.ts';
import { ByteReader } from '../encoding/bytes.ts';
import { uint32List } from './growing-list.ts';
import { compareText, decodeText } from './text.ts';

/** Where the list of postings of each label is in an index. */
export interface PostingsOffsets {
  /** The names of labels, ordered. */
  names(): readonly string[];
  /** The range that has the list of series with the label; `undefined` when there is none. The empty name and value are
   *  those of the list of all series. */
  find(name: string, value: string): ByteRange | undefined;
  /** Calls `visit` with each value of a name, in order, and the range that has its list. */
  scan(name: string, visit: (value: string, range: ByteRange) => void): void;
  /** The table as stored. */
  readonly contents: Uint8Array;
  readonly memoryBytes: number;
}

/** Every which entry is remembered, as upstream does; the ones between are read through. */
const SAMPLE_EVERY = 32;

/** Of a name: where its entries begin and end, and which of the samples are its own. */
interface NameEntries {
  readonly start: number;
  end: number;
  readonly firstSample: number;
  samples: number;
}

/** Reads the table as it is stored, ordered by name and value (index versions 2 and 3). */
export class SortedPostingsOffsets implements PostingsOffsets {
  readonly contents: Uint8Array;
  readonly #end: number;
  readonly #names = new Map<string, NameEntries>();
  readonly #samples: Uint32Array;

  /** @param contents Of the section. @param end Where in the index the last list ends at the latest.
   *  @throws {RangeError} When the contents are not a table. */
  constructor(contents: Uint8Array, end: number) {
    this.contents = contents;
    this.#end = end;
    const samples = uint32List();
    let name: Uint8Array | undefined;
    let entries: NameEntries | undefined;
    let count = 0;
    forEachEntry(contents, (entry) => {
      if (name === undefined || compareText(name, entry.name) !== 0) {
        name = entry.name;
        entries = { start: entry.start, end: entry.end, firstSample: samples.length, samples: 0 };
        this.#names.set(decodeText(name, 0, name.length), entries);
        count = 0;
      }
      if (count++ % SAMPLE_EVERY === 0) {
        samples.push(entry.start);
        entries!.samples++;
      }
      entries!.end = entry.end;
    });
    this.#samples = samples.view().slice();
  }

  names(): readonly string[] {
    return [...this.#names.keys()].filter((name) => name !== '');
  }

  get memoryBytes(): number {
    return this.contents.length + this.#samples.byteLength;
  }

  find(name: string, value: string): ByteRange | undefined {
    const entries = this.#names.get(name);
    if (entries === undefined) return undefined;
    const wanted = new TextEncoder().encode(value);
    for (let at = this.#sampleBefore(entries, wanted); at < entries.end; ) {
      const entry = readEntry(this.contents, at);
      const order = compareText(entry.value, wanted);
      if (order === 0) return this.#rangeOf(entry);
      if (order > 0) return undefined;
      at = entry.end;
    }
    return undefined;
  }

  scan(name: string, visit: (value: string, range: ByteRange) => void): void {
    const entries = this.#names.get(name);
    if (entries === undefined) return;
    let entry: TableEntry | undefined = readEntry(this.contents, entries.start);
    while (entry !== undefined) {
      const next = this.#entryAt(entry.end);
      visit(decodeText(entry.value, 0, entry.value.length), rangeBetween(entry.offset, next?.offset ?? this.#end));
      entry = entry.end < entries.end ? next : undefined;
    }
  }

  /** The last sample of the name that is not behind `wanted`, or its first. */
  #sampleBefore({ firstSample, samples }: NameEntries, wanted: Uint8Array): number {
    let low = firstSample;
    let high = firstSample + samples - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const { value } = readEntry(this.contents, this.#samples[middle]);
      if (compareText(value, wanted) <= 0) low = middle;
      else high = middle - 1;
    }
    return this.#samples[low];
  }

  #rangeOf(entry: TableEntry): ByteRange {
    return rangeBetween(entry.offset, this.#entryAt(entry.end)?.offset ?? this.#end);
  }

  #entryAt(at: number): TableEntry | undefined {
    return at < this.contents.length ? readEntry(this.contents, at) : undefined;
  }
}

/** Holds a table that is in no order (index version 1) as one that is. */
export class UnsortedPostingsOffsets implements PostingsOffsets {
  readonly contents: Uint8Array;
  readonly memoryBytes: number;
  readonly #names = new Map<string, Map<string, ByteRange>>();

  /** @param contents Of the section. @param end Where in the index the last list ends at the latest.
   *  @throws {RangeError} When the contents are not a table. */
  constructor(contents: Uint8Array, end: number) {
    this.contents = contents;
    this.memoryBytes = contents.length;
    const found: { readonly name: string; readonly value: string; readonly offset: number }[] = [];
    forEachEntry(contents, ({ name, value, offset }) => {
      found.push({ name: decodeText(name, 0, name.length), value: decodeText(value, 0, value.length), offset });
    });
    const ends = new Map<number, number>();
    const starts = found.map(({ offset }) => offset).sort((a, b) => a - b);
    starts.forEach((start, i) => {
      ends.set(start, starts[i + 1] ?? end);
    });
    found.sort((a, b) => compareStrings(a.name, b.name) || compareStrings(a.value, b.value));
    for (const { name, value, offset } of found) {
      const values = this.#names.get(name) ?? new Map<string, ByteRange>();
      this.#names.set(name, values.set(value, rangeBetween(offset, ends.get(offset)!)));
    }
  }

  names(): readonly string[] {
    return [...this.#names.keys()].filter((name) => name !== '');
  }

  find(name: string, value: string): ByteRange | undefined {
    return this.#names.get(name)?.get(value);
  }

  scan(name: string, visit: (value: string, range: ByteRange) => void): void {
    this.#names.get(name)?.forEach((range, value) => {
      visit(value, range);
    });
  }
}

/** An entry of the table, and where in it the entry begins and ends. */
interface TableEntry {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
  /** Where in the index the list is. */
  readonly offset: number;
  readonly start: number;
  readonly end: number;
}

/** Behind the count of entries. */
const FIRST_ENTRY = 4;

function forEachEntry(contents: Uint8Array, visit: (entry: TableEntry) => void): void {
  const count = new ByteReader(contents).u32be();
  let at = FIRST_ENTRY;
  for (let i = 0; i < count; i++) {
    const entry = readEntry(contents, at);
    visit(entry);
    at = entry.end;
  }
  if (at !== contents.length) throw new RangeError(`${contents.length - at} bytes are left behind ${count} entries`);
}

function readEntry(contents: Uint8Array, start: number): TableEntry {
  const reader = new ByteReader(contents, start);
  const keys = reader.varint();
  if (keys !== 2) throw new RangeError(`unexpected number of keys for postings offset table ${keys}`);
  const name = reader.bytes(reader.varint());
  const value = reader.bytes(reader.varint());
  const offset = reader.varint();
  return { name, value, offset, start, end: reader.offset };
}

function rangeBetween(start: number, end: number): ByteRange {
  if (end <= start) throw new RangeError(`a list of postings begins at ${start}, where it should end at ${end}`);
  return { offset: start, length: end - start };
}
