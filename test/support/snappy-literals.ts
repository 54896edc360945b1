/** The longest literal that this writes at once. */
const MAX_LITERAL = 65_536;

/** Frames bytes as the snappy block format without compressing them: one literal after the other. What reads snappy reads
 *  this, and on the loopback interface size does not matter.
 *  @see https://github.com/google/snappy/blob/main/format_description.txt */
export function snappyLiterals(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const literals = Math.ceil(bytes.length / MAX_LITERAL);
  const out = new Uint8Array(5 + 3 * literals + bytes.length);
  let length = writeLength(out, bytes.length);
  for (let at = 0; at < bytes.length; at += MAX_LITERAL) {
    const literal = bytes.subarray(at, at + MAX_LITERAL);
    // Tag 61: the length less one follows in two bytes.
    out[length] = 61 << 2;
    out[length + 1] = (literal.length - 1) & 0xff;
    out[length + 2] = (literal.length - 1) >> 8;
    out.set(literal, length + 3);
    length += 3 + literal.length;
  }
  return out.subarray(0, length);
}

function writeLength(out: Uint8Array, length: number): number {
  let at = 0;
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) out[at++] = (rest & 0x7f) | 0x80;
  out[at++] = rest;
  return at;
}
