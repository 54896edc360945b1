import { ByteWriter } from '../encoding/bytes.ts';
import { crc32c } from '../encoding/crc32c.ts';
import type { ChunkPayload } from './chunk-meta.ts';

/** The first bytes of a segment file. */
export const SEGMENT_MAGIC = 0x85bd40dd;
export const SEGMENT_VERSION = 1;
/** Magic, version and three bytes of padding. */
export const SEGMENT_HEADER_BYTES = 8;
/** The length of a chunk is below 2^32: at most this many bytes. */
export const MAX_LENGTH_BYTES = 5;
/** What a chunk has besides its length and its data: the encoding and the checksum. */
export const CHUNK_FRAME_BYTES = 5;

/** @see prometheus/tsdb/docs/format/chunks.md */
export function segmentHeader(): Uint8Array {
  const out = new ByteWriter(SEGMENT_HEADER_BYTES);
  out.u32be(SEGMENT_MAGIC);
  out.u8(SEGMENT_VERSION);
  out.pad(SEGMENT_HEADER_BYTES);
  return out.finish();
}

/** @throws {RangeError} When `bytes` do not begin a segment file. */
export function checkSegmentHeader(bytes: Uint8Array): void {
  const expected = segmentHeader();
  const actual = bytes.subarray(0, SEGMENT_HEADER_BYTES);
  const different = expected.findIndex((byte, i) => byte !== actual[i]);
  if (different >= 0)
    throw new RangeError(`byte ${different} of its header is ${actual[different]}, expected ${expected[different]}`);
}

/** Writes a chunk with its length, encoding and checksum. */
export function writeChunk(out: ByteWriter, { encoding, bytes }: ChunkPayload): void {
  out.varint(bytes.length);
  const start = out.length;
  out.u8(encoding);
  out.bytes(bytes);
  out.u32be(crc32c(out.finish(), start));
}

/** The bytes of the chunk at `start` with its length and checksum; 0 while `bytes` are too few to tell.
 *  @throws {RangeError} When it has no length of a chunk. */
export function chunkFrameBytes(bytes: Uint8Array, start = 0): number {
  let length = 0;
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    if (start + i >= bytes.length) return 0;
    const byte = bytes[start + i];
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return length + i + 1 + CHUNK_FRAME_BYTES;
  }
  throw new RangeError(`chunk length has more than ${MAX_LENGTH_BYTES} bytes`);
}

/** Reads the chunk at `start`; `undefined` when it is not whole. The payload is a view.
 *  @throws {RangeError} When the checksum does not hold. */
export function readChunk(bytes: Uint8Array, start = 0): ChunkPayload | undefined {
  const size = chunkFrameBytes(bytes, start);
  if (size === 0 || start + size > bytes.length) return undefined;
  let at = start;
  while (bytes[at] >= 0x80) at++;
  at++;
  const end = start + size - 4;
  const expected = ((bytes[end] << 24) | (bytes[end + 1] << 16) | (bytes[end + 2] << 8) | bytes[end + 3]) >>> 0;
  const actual = crc32c(bytes, at, end);
  if (actual !== expected) throw new RangeError(`chunk checksum is ${hex(actual)}, expected ${hex(expected)}`);
  return { encoding: bytes[at], bytes: bytes.subarray(at + 1, end) };
}

/** A checksum for messages. */
export function hex(checksum: number): string {
  return `0x${checksum.toString(16).padStart(8, '0')}`;
}
