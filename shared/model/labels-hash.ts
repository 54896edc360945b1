import type { Labels } from './labels.ts';
import { xxHash64 } from './xxhash64.ts';

const encoder = new TextEncoder();
let buffer = new Uint8Array(1024);

/** Lengths up to here take one byte; longer ones three more. */
const LONGEST_SHORT = 254;
const LENGTH_BYTES = 4;
/** UTF-8 bytes of a UTF-16 unit, at most. */
const BYTES_PER_UNIT = 3;

/** The 64-bit hash of a label set as Prometheus has it, as the nearest double: what samples series by their hash must
 *  choose the same ones.
 *  @see prometheus/model/labels/labels_stringlabels.go Labels.Hash */
export function hashLabels(labels: Labels): number {
  let length = 0;
  for (const text of labels) length = writeString(text, length);
  const { high, low } = xxHash64(buffer, length);
  return high * 2 ** 32 + low;
}

/** Writes a string after its length. @returns Where it ends. */
function writeString(text: string, at: number): number {
  reserve(at + LENGTH_BYTES + text.length * BYTES_PER_UNIT);
  const { written } = encoder.encodeInto(text, buffer.subarray(at + 1));
  if (written <= LONGEST_SHORT) {
    buffer[at] = written;
    return at + 1 + written;
  }
  buffer.copyWithin(at + LENGTH_BYTES, at + 1, at + 1 + written);
  buffer.set([LONGEST_SHORT + 1, written & 0xff, (written >> 8) & 0xff, written >> 16], at);
  return at + LENGTH_BYTES + written;
}

function reserve(length: number): void {
  if (length <= buffer.length) return;
  const larger = new Uint8Array(2 * length);
  larger.set(buffer);
  buffer = larger;
}
