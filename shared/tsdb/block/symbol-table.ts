import { ByteReader } from '../encoding/bytes.ts';
import type { IndexVersion } from './index-format.ts';
import { compareText, decodeText } from './text.ts';

/** More texts than these are not kept: of labels that every series has another value of, most are read once. */
const MAX_CACHED = 100_000;

/** The strings of an index by their number. Holds the table as it is stored, and 4 bytes a symbol. */
export class SymbolTable {
  /** As stored. */
  readonly contents: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #firstOffset: number | undefined;
  readonly #cache = new Map<number, string>();

  /** @param contents Of the section. @param options.start Where in the file the contents begin: what refs of version 1 count
   *  from. @throws {RangeError} When there are fewer symbols than it says, or they are in no order. */
  constructor(contents: Uint8Array, { version, start }: { readonly version: IndexVersion; readonly start: number }) {
    this.contents = contents;
    this.#offsets = findSymbols(contents);
    this.#firstOffset = version === 1 ? start : undefined;
  }

  /** How many there are. */
  get size(): number {
    return this.#offsets.length;
  }

  get memoryBytes(): number {
    return this.contents.length + this.#offsets.byteLength;
  }

  /** @throws {RangeError} When there is no such symbol. */
  get(ref: number): string {
    let text = this.#cache.get(ref);
    if (text === undefined) {
      text = this.#read(ref);
      if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
      this.#cache.set(ref, text);
    }
    return text;
  }

  /** All of them, in order. */
  *all(): Generator<string> {
    for (const offset of this.#offsets) yield this.#readAt(offset);
  }

  #read(ref: number): string {
    const at = this.#firstOffset === undefined ? this.#offsets[ref] : ref - this.#firstOffset;
    if (at === undefined || at < 4 || at >= this.contents.length) throw new RangeError(`unknown symbol offset ${ref}`);
    return this.#readAt(at);
  }

  #readAt(at: number): string {
    const reader = new ByteReader(this.contents, at);
    const length = reader.varint();
    const start = reader.offset;
    reader.skip(length);
    return decodeText(this.contents, start, start + length);
  }
}

function findSymbols(contents: Uint8Array): Uint32Array {
  const reader = new ByteReader(contents);
  const count = reader.u32be();
  if (count > reader.remaining) throw new RangeError(`cannot read ${count} symbols in ${reader.remaining} bytes`);
  const offsets = new Uint32Array(count);
  let last: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    offsets[i] = reader.offset;
    const symbol = reader.bytes(reader.varint());
    if (last !== undefined && compareText(last, symbol) >= 0) throw new RangeError(`symbol ${i} is out of order`);
    last = symbol;
  }
  return offsets;
}
