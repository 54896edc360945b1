import { isChunkEncoding, XOR, XOR2 } from './encoding.ts';
import { decodeHistograms } from './histogram-reader.ts';
import type { SampleColumns } from './sample-columns.ts';
import { decodeXor } from './xor.ts';
import { decodeXor2 } from './xor2.ts';

/** Reads all samples of a chunk of any encoding into `columns` from `at` on.
 *  @param encoding The byte before the chunk's bytes in a segment file.
 *  @param chunk The bytes behind it. How many samples they are, `sampleCount` tells.
 *  @returns How many samples there are.
 *  @throws {RangeError} When the encoding is unknown, the chunk ends too early, a number is beyond ±(2^53 − 1), or the
 *  columns are too short. Bytes changed otherwise may give wrong samples: the checksum is in the segment file.
 *  @throws {TypeError} When there is no column for histograms, and they are. */
export function decodeChunk(
  encoding: number,
  chunk: Uint8Array,
  { columns, at = 0 }: { readonly columns: SampleColumns; readonly at?: number },
): number {
  if (!isChunkEncoding(encoding))
    throw new RangeError(`Cannot decode chunk: encoding ${encoding} is not one of 1 to 6`);
  switch (encoding) {
    case XOR:
      return decodeXor(chunk, columns, at);
    case XOR2:
      return decodeXor2(chunk, columns, at);
    default:
      return decodeHistograms(encoding, chunk, { columns, at });
  }
}
