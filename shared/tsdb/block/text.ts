const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Up to here, joining characters is faster than a call of the decoder, and does not make a rope of V8's. */
const MAX_SHORT_BYTES = 12;

/** The text of UTF-8 bytes; fast for the short ASCII that labels mostly are.
 *  @throws {TypeError} When it is not UTF-8. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > MAX_SHORT_BYTES) return DECODER.decode(bytes.subarray(start, end));
  let text = '';
  for (let i = start; i < end; i++) {
    if (bytes[i] >= 0x80) return DECODER.decode(bytes.subarray(start, end));
    text += String.fromCharCode(bytes[i]);
  }
  return text;
}

/** Orders two texts in UTF-8 by their bytes. */
export function compareText(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}
