import { ByteWriter } from '../encoding/bytes.ts';

/** Bytes of a block's file. The parts of one file come in order and are to be joined; those of several files may come mixed. */
export interface BlockPart {
  /** Below the block's folder: `index`, `chunks/000001`. */
  readonly path: string;
  /** Belongs to the receiver. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The file ends here. */
  readonly last: boolean;
}

/** Large enough for the parts of an S3 upload (5 MiB), small enough for several in memory. */
export const PART_BYTES = 8 * 1024 * 1024;

/** Collects the bytes of one file into parts. */
export class PartWriter {
  readonly path: string;
  readonly #partBytes: number;
  readonly #pending = new ByteWriter();
  #full: BlockPart[] = [];
  #flushed = 0;

  constructor(path: string, partBytes = PART_BYTES) {
    this.path = path;
    this.#partBytes = partBytes;
  }

  /** Where in the file the next byte goes. */
  get position(): number {
    return this.#flushed + this.#pending.length;
  }

  /** Copies the bytes. */
  write(bytes: Uint8Array): void {
    this.#pending.bytes(bytes);
    if (this.#pending.length >= this.#partBytes) this.#cut(false);
  }

  /** Writes zeros until the position is a multiple of `alignBytes`. */
  pad(alignBytes: number): void {
    const over = this.position % alignBytes;
    if (over !== 0) this.write(new Uint8Array(alignBytes - over));
  }

  /** No more bytes come. */
  end(): void {
    this.#cut(true);
  }

  /** The parts that are full since the last call. */
  take(): readonly BlockPart[] {
    const parts = this.#full;
    if (parts.length > 0) this.#full = [];
    return parts;
  }

  #cut(last: boolean): void {
    const bytes = this.#pending.finish().slice();
    this.#flushed += bytes.length;
    this.#pending.reset();
    this.#full.push({ path: this.path, bytes, last });
  }
}

/** The whole files that parts make, by path: for blocks that fit in memory. */
export function joinParts(parts: Iterable<BlockPart>): Map<string, Uint8Array> {
  const pieces = new Map<string, Uint8Array[]>();
  for (const { path, bytes } of parts) {
    const list = pieces.get(path);
    if (list === undefined) pieces.set(path, [bytes]);
    else list.push(bytes);
  }
  return new Map(Array.from(pieces, ([path, list]) => [path, joinBytes(list)]));
}

/** Pieces in one; the piece itself when there is only one. */
export function joinBytes(list: readonly Uint8Array[]): Uint8Array {
  if (list.length === 1) return list[0];
  const joined = new Uint8Array(list.reduce((total, bytes) => total + bytes.length, 0));
  let at = 0;
  for (const bytes of list) {
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}
