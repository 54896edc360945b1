import { md5 } from '@noble/hashes/legacy.js';

const encoder = new TextEncoder();

/** The last 8 bytes of the MD5 of `text` (UTF-8), as a big-endian number, modulo `modulus`.
 *  @param modulus An integer from 1 to 2⁵³ − 1.
 *  @see prometheus/model/relabel/relabel.go HashMod */
export function hashMod(text: string, modulus: number): number {
  const digest = md5(encoder.encode(text));
  const view = new DataView(digest.buffer, digest.byteOffset + 8, 8);
  return uint64Mod(view.getUint32(0), view.getUint32(4), modulus);
}

/** Up to here the remainder times 2¹⁶ is exact in a float. */
const MAX_FLOAT_MODULUS = 2 ** 37;

function uint64Mod(high: number, low: number, modulus: number): number {
  if (modulus > MAX_FLOAT_MODULUS) return Number(((BigInt(high) << 32n) | BigInt(low)) % BigInt(modulus));
  const upper = ((high % modulus) * 0x10000 + (low >>> 16)) % modulus;
  return (upper * 0x10000 + (low & 0xffff)) % modulus;
}
