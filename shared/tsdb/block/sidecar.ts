import { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { crc32c } from '../encoding/crc32c.ts';
import { offsetOf, segmentOf } from './chunk-meta.ts';
import { type IndexToc, tocOffsets } from './index-format.ts';
import type { WrittenIndex } from './index-writer.ts';
import { hex } from './segment-format.ts';

/** Our own file beside a block's index, which Prometheus passes over: what is needed of the index to find postings, and
 *  where the chunks of each series are, so that they can be read before the series' entries. @see ../FORMAT.md */
export const SIDECAR_FILE = 'emberwatch.idx';

const MAGIC = 'EWX1';

/** What a sidecar holds. */
export interface Sidecar {
  /** @see blockMetaChecksum */
  readonly metaChecksum: number;
  readonly indexBytes: number;
  readonly toc: IndexToc;
  /** The contents of the index's symbol table. */
  readonly symbolTable: Uint8Array;
  /** The contents of the index's postings offset table. */
  readonly postingsTable: Uint8Array;
  readonly places: SeriesPlaces;
}

/** Where in a block each series and its chunks are: 12 bytes a series. */
export interface SeriesPlaces {
  /** Refs of the series; they rise. */
  readonly refs: Uint32Array;
  /** Where the first chunk of each series is, as if the segments were one file. */
  readonly chunkStarts: Float64Array;
  /** Of each segment's file, bytes. */
  readonly segmentBytes: readonly number[];
}

/** @param index.metaChecksum Of the block's meta. @param firstChunks Of each series, the ref of its first chunk. */
export function encodeSidecar(
  index: WrittenIndex & { readonly metaChecksum: number },
  firstChunks: Float64Array,
  segmentBytes: readonly number[],
): Uint8Array<ArrayBuffer> {
  const { symbolTable, postingsTable, refs } = index;
  const out = new ByteWriter(symbolTable.length + postingsTable.length + refs.length * 4 + 256);
  out.bytes(new TextEncoder().encode(MAGIC));
  out.u32(index.metaChecksum);
  out.varint(index.sizeBytes);
  for (const offset of tocOffsets(index.toc)) out.varint(offset);
  out.varint(segmentBytes.length);
  for (const bytes of segmentBytes) out.varint(bytes);
  for (const table of [symbolTable, postingsTable]) {
    out.varint(table.length);
    out.bytes(table);
  }
  const starts = segmentStarts(segmentBytes);
  out.varint(refs.length);
  let ref = 0;
  let chunk = 0;
  for (let i = 0; i < refs.length; i++) {
    const start = starts[segmentOf(firstChunks[i])] + offsetOf(firstChunks[i]);
    out.varint(refs[i] - ref);
    out.varint(start - chunk);
    ref = refs[i];
    chunk = start;
  }
  out.u32(crc32c(out.finish(), MAGIC.length));
  return out.finish().slice();
}

/** @throws {RangeError} When the file is damaged. */
export function decodeSidecar(file: Uint8Array): Sidecar {
  if (file.length < MAGIC.length + 4) throw new RangeError(`it has only ${file.length} bytes`);
  const magic = String.fromCharCode(...file.subarray(0, MAGIC.length));
  if (magic !== MAGIC) throw new RangeError(`it begins with ${JSON.stringify(magic)}, expected "${MAGIC}"`);
  const expected = new ByteReader(file, file.length - 4).u32();
  const body = file.subarray(MAGIC.length, file.length - 4);
  const actual = crc32c(body);
  if (actual !== expected) throw new RangeError(`checksum is ${hex(actual)}, expected ${hex(expected)}`);
  return decodeBody(new ByteReader(body));
}

function decodeBody(reader: ByteReader): Sidecar {
  const metaChecksum = reader.u32();
  const indexBytes = reader.varint();
  const toc = {
    symbols: reader.varint(),
    series: reader.varint(),
    labelIndices: reader.varint(),
    labelIndicesTable: reader.varint(),
    postings: reader.varint(),
    postingsTable: reader.varint(),
  };
  const segmentBytes = Array.from({ length: reader.varint() }, () => reader.varint());
  const symbolTable = reader.bytes(reader.varint());
  const postingsTable = reader.bytes(reader.varint());
  const places = { ...decodePlaces(reader), segmentBytes };
  return { metaChecksum, indexBytes, toc, symbolTable, postingsTable, places };
}

function decodePlaces(reader: ByteReader): Omit<SeriesPlaces, 'segmentBytes'> {
  const count = reader.varint();
  if (count * 2 > reader.remaining) throw new RangeError(`cannot read ${count} series in ${reader.remaining} bytes`);
  const refs = new Uint32Array(count);
  const chunkStarts = new Float64Array(count);
  for (let i = 0, ref = 0, start = 0; i < count; i++) {
    refs[i] = ref += reader.varint();
    chunkStarts[i] = start += reader.varint();
  }
  return { refs, chunkStarts };
}

/** Where each segment begins, as if they were one file; and, last, where that ends. */
export function segmentStarts(segmentBytes: readonly number[]): readonly number[] {
  const starts = [0];
  for (const bytes of segmentBytes) starts.push(starts.at(-1)! + bytes);
  return starts;
}
