import type { Labels } from '#shared/model/labels.ts';

/** The hash is kept as two 32-bit halves: a 64-bit product would need BigInt, which is ten times slower. */
interface Hash {
  high: number;
  low: number;
}

const OFFSET: Readonly<Hash> = { high: 0xcbf29ce4, low: 0x84222325 };

/** FNV's 64-bit prime is 2^40 + 0x1b3. */
const PRIME_LOW = 0x1b3;

/** Ends every name and value; no UTF-8 text contains it. */
const SEPARATOR = 0xff;

/** The identity of an alert: FNV-1a (64 bits) of its ordered labels, 16 hex digits.
 *  @see prometheus/common/model/signature.go labelSetToFingerprint */
export function fingerprint(labels: Labels): string {
  const hash = { ...OFFSET };
  for (const text of labels) {
    addText(hash, text);
    addByte(hash, SEPARATOR);
  }
  return hex(hash.high) + hex(hash.low);
}

function addText(hash: Hash, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) addByte(hash, unit);
    else i += addRune(hash, text.codePointAt(i)!);
  }
}

/** Adds the UTF-8 bytes of a code point above 0x7f. @returns How many code units beyond the first it took. */
function addRune(hash: Hash, rune: number): 0 | 1 {
  const continuation = (shift: number) => addByte(hash, 0x80 | ((rune >> shift) & 0x3f));
  if (rune < 0x800) {
    addByte(hash, 0xc0 | (rune >> 6));
  } else if (rune < 0x10000) {
    addByte(hash, 0xe0 | (rune >> 12));
    continuation(6);
  } else {
    addByte(hash, 0xf0 | (rune >> 18));
    continuation(12);
    continuation(6);
  }
  continuation(0);
  return rune > 0xffff ? 1 : 0;
}

function addByte(hash: Hash, byte: number): void {
  const low = (hash.low ^ byte) >>> 0;
  const product = low * PRIME_LOW;
  const carry = Math.floor(product / 0x1_0000_0000);
  hash.high = (hash.high * PRIME_LOW + carry + ((low << 8) >>> 0)) >>> 0;
  hash.low = product >>> 0;
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
