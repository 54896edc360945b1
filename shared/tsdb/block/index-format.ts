import { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { crc32c } from '../encoding/crc32c.ts';
import { hex } from './segment-format.ts';

/** The file of a block that holds its index. */
export const INDEX_FILE = 'index';

export const INDEX_MAGIC = 0xbaaad700;
/** Magic and version. */
export const INDEX_HEADER_BYTES = 5;
/** Series begin at multiples of this; their refs count in it, but in version 1. */
export const SERIES_ALIGN_BYTES = 16;
/** Lists of postings begin at multiples of this. */
export const POSTINGS_ALIGN_BYTES = 4;
/** The last bytes of the file: six offsets and a checksum. */
export const TOC_BYTES = 52;
/** Of every length and checksum. */
export const U32_BYTES = 4;

/** Version 2 is what is written; in version 1 refs are offsets in bytes, of symbols too, and postings are in no order. */
export type IndexVersion = 1 | 2 | 3;

/** Where in the index each section begins, bytes; 0 for one that is not there.
 *  @see prometheus/tsdb/docs/format/index.md TOC */
export interface IndexToc {
  readonly symbols: number;
  readonly series: number;
  readonly labelIndices: number;
  readonly labelIndicesTable: number;
  readonly postings: number;
  readonly postingsTable: number;
}

/** The table of contents, with its checksum. */
export function encodeToc(toc: IndexToc): Uint8Array {
  const out = new ByteWriter(TOC_BYTES);
  for (const offset of tocOffsets(toc)) out.u64be(offset);
  out.u32be(crc32c(out.finish()));
  return out.finish();
}

/** In the order of the file. */
export function tocOffsets(toc: IndexToc): readonly number[] {
  return [toc.symbols, toc.series, toc.labelIndices, toc.labelIndicesTable, toc.postings, toc.postingsTable];
}

/** @param bytes The last bytes of the index. @throws {RangeError} When the checksum does not hold. */
export function decodeToc(bytes: Uint8Array): IndexToc {
  const body = bytes.subarray(0, TOC_BYTES - U32_BYTES);
  const reader = new ByteReader(bytes);
  const [symbols, series, labelIndices, labelIndicesTable, postings, postingsTable] = Array.from({ length: 6 }, () =>
    reader.u64be(),
  );
  checkSum(reader.u32be(), body);
  return { symbols, series, labelIndices, labelIndicesTable, postings, postingsTable };
}

/** Where the section that begins at `offset` ends at the latest.
 *  @param sizeBytes Of the index. */
export function sectionEnd(toc: IndexToc, offset: number, sizeBytes: number): number {
  const later = tocOffsets(toc).filter((start) => start > offset);
  return Math.min(...later, sizeBytes - TOC_BYTES);
}

/** @throws {RangeError} When `bytes` do not begin an index of a version that is known. */
export function decodeIndexHeader(bytes: Uint8Array): IndexVersion {
  const reader = new ByteReader(bytes);
  const magic = reader.u32be();
  if (magic !== INDEX_MAGIC) throw new RangeError(`magic number is ${hex(magic)}, expected ${hex(INDEX_MAGIC)}`);
  const version = reader.u8();
  if (version !== 1 && version !== 2 && version !== 3) throw new RangeError(`unknown index file version ${version}`);
  return version;
}

/** The contents of a section that has its length before and its checksum behind.
 *  @param bytes From the length on; may go on behind the section.
 *  @throws {RangeError} When it is not whole, or its checksum does not hold. */
export function readSection(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes);
  const contents = reader.bytes(reader.u32be());
  checkSum(reader.u32be(), contents);
  return contents;
}

/** The contents of a series entry, whose length is a varint. @throws {RangeError} As `readSection`. */
export function readSeriesFrame(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes);
  const contents = reader.bytes(reader.varint());
  checkSum(reader.u32be(), contents);
  return contents;
}

/** The bytes of a series entry with its length and checksum; 0 while `bytes` are too few to tell. */
export function seriesFrameBytes(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  const end = bytes.findIndex((byte) => byte < 0x80);
  return end < 0 && bytes.length < 5 ? 0 : reader.varint() + reader.offset + U32_BYTES;
}

/** The contents of a list of postings: refs of series that rise.
 *  @throws {RangeError} When there are more or fewer than it says. */
export function decodePostings(contents: Uint8Array): Uint32Array {
  const reader = new ByteReader(contents);
  const count = reader.u32be();
  if (reader.remaining !== count * U32_BYTES) {
    throw new RangeError(
      `unexpected postings length, should be ${count * U32_BYTES} bytes for ${count} postings, got ${reader.remaining} bytes`,
    );
  }
  return reader.u32sbe(count);
}

function checkSum(expected: number, contents: Uint8Array): void {
  const actual = crc32c(contents);
  if (actual !== expected) throw new RangeError(`checksum is ${hex(actual)}, expected ${hex(expected)}`);
}
