import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Compression } from '#shared/ports/compression.ts';

/** Compresses into zstd frames with a checksum. */
export function createZstdCompression(): Compression {
  return {
    compress: (bytes) => viewOf(zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })),
    decompress,
  };
}

function decompress(bytes: Uint8Array, maxBytes: number): Uint8Array {
  let result: Uint8Array;
  try {
    result = viewOf(zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, maxBytes) }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes, error);
    throw new Error(`Cannot decompress ${bytes.length} bytes: ${(error as Error).message}`, { cause: error });
  }
  if (result.length > maxBytes) throw tooLarge(maxBytes);
  return result;
}

function tooLarge(maxBytes: number, cause?: unknown): RangeError {
  return new RangeError(`Cannot decompress: got more than ${maxBytes} bytes`, { cause });
}

/** A Buffer's methods differ from those of the Uint8Array it claims to be. */
function viewOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
