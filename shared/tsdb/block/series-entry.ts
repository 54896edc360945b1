import type { Labels } from '#shared/model/labels.ts';
import { ByteReader, type ByteWriter } from '../encoding/bytes.ts';
import type { ChunkMeta } from './chunk-meta.ts';

/** Writes the contents of a series entry.
 *  @param symbols Name, value, name, value, … as numbers of the symbol table.
 *  @see prometheus/tsdb/docs/format/index.md Series */
export function encodeSeriesEntry(out: ByteWriter, symbols: Uint32Array, chunks: readonly ChunkMeta[]): void {
  out.varint(symbols.length / 2);
  for (const symbol of symbols) out.varint(symbol);
  out.varint(chunks.length);
  let previous: ChunkMeta | undefined;
  for (const chunk of chunks) {
    if (previous === undefined) out.signedVarint(chunk.minMs);
    else out.varint(chunk.minMs - previous.maxMs);
    out.varint(chunk.maxMs - chunk.minMs);
    if (previous === undefined) out.varint(chunk.ref);
    else out.signedVarint(chunk.ref - previous.ref);
    previous = chunk;
  }
}

/** What a series entry holds. */
export interface SeriesEntry {
  readonly labels: Labels;
  /** In time order, not overlapping. */
  readonly chunks: readonly ChunkMeta[];
}

/** @param symbol The text of a symbol. @throws {RangeError} When the contents do not fit. */
export function decodeSeriesEntry(contents: Uint8Array, symbol: (ref: number) => string): SeriesEntry {
  const reader = new ByteReader(contents);
  const labels: string[] = [];
  for (let left = 2 * countOf(reader, 2); left > 0; left--) labels.push(symbol(reader.varint()));
  return { labels, chunks: decodeChunkMetas(reader) };
}

/** The symbols of a series entry's labels: name, value, name, value, … @throws {RangeError} When they do not fit. */
export function decodeSeriesSymbols(contents: Uint8Array): Uint32Array {
  const reader = new ByteReader(contents);
  const symbols = new Uint32Array(2 * countOf(reader, 2));
  for (let i = 0; i < symbols.length; i++) symbols[i] = reader.varint();
  return symbols;
}

function decodeChunkMetas(reader: ByteReader): readonly ChunkMeta[] {
  const chunks: ChunkMeta[] = [];
  let maxMs = 0;
  let ref = 0;
  for (let left = countOf(reader, 3); left > 0; left--) {
    const first = chunks.length === 0;
    const minMs = first ? reader.signedVarint() : maxMs + reader.varint();
    maxMs = minMs + reader.varint();
    ref = first ? reader.varint() : ref + reader.signedVarint();
    chunks.push({ minMs, maxMs, ref });
  }
  return chunks;
}

/** A count of things that take at least `bytesEach`: a damaged one fails before it takes memory. */
function countOf(reader: ByteReader, bytesEach: number): number {
  const count = reader.varint();
  if (count * bytesEach > reader.remaining) {
    throw new RangeError(`cannot read ${count} entries: only ${reader.remaining} bytes are left`);
  }
  return count;
}
