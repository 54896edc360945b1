import { crc32 } from 'node:zlib';
import type { Compression } from '#shared/ports/compression.ts';

/** "EWS0", then the CRC-32 of the rest, big-endian. */
const MAGIC = 0x45575330;
const HEADER_BYTES = 8;

/** A frame around the bytes as they are: quick, and damage is still found. */
export function createMemoryCompression(): Compression {
  return { compress: frame, decompress: unframe };
}

function frame(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(HEADER_BYTES + bytes.length);
  const header = new DataView(framed.buffer);
  header.setUint32(0, MAGIC);
  header.setUint32(4, crc32(bytes));
  framed.set(bytes, HEADER_BYTES);
  return framed;
}

function unframe(framed: Uint8Array, maxBytes: number): Uint8Array {
  const header = new DataView(framed.buffer, framed.byteOffset, framed.byteLength);
  if (framed.length < HEADER_BYTES || header.getUint32(0) !== MAGIC) {
    throw new Error(`Cannot decompress ${framed.length} bytes: they are not a frame`);
  }
  const bytes = framed.slice(HEADER_BYTES);
  if (bytes.length > maxBytes) {
    throw new RangeError(`Cannot decompress: got ${bytes.length} bytes, expected at most ${maxBytes}`);
  }
  if (header.getUint32(4) !== crc32(bytes)) throw new Error('Cannot decompress: the checksum does not match');
  return bytes;
}
