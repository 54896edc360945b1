import { goQuote } from '#shared/model/labels.ts';

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LENIENT_UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes of a page beside a string with one character a byte: scanners look at `bytes`, pieces are cut out of the
 *  string, which V8 does without copying. Only pieces with bytes ≥ 0x80 are decoded. */
export class ByteSource {
  readonly bytes: Uint8Array;
  readonly #text: string;
  readonly #isAscii: boolean;
  /** Whether the whole page is UTF-8; then so is every piece that does not cut a character. */
  readonly #isUtf8: boolean;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const decoded = decodeStrictly(bytes);
    this.#isUtf8 = decoded !== undefined;
    this.#isAscii = decoded?.length === bytes.length;
    this.#text = this.#isAscii ? decoded! : byteString(bytes);
  }

  /** The bytes as they are, one character each: a key of exactly these bytes. */
  raw(start: number, end: number): string {
    return this.#text.slice(start, end);
  }

  /** The text of a piece; U+FFFD stands for what is not UTF-8. */
  text(start: number, end: number): string {
    if (this.#isAscii || !this.#hasHighByte(start, end)) return this.#text.slice(start, end);
    return LENIENT_UTF8.decode(this.bytes.subarray(start, end));
  }

  /** Whether a piece is UTF-8. */
  isUtf8(start: number, end: number): boolean {
    if (this.#isAscii) return true;
    if (this.#isUtf8 && !isContinuation(this.bytes[start]) && !isContinuation(this.bytes[end])) return true;
    return decodeStrictly(this.bytes.subarray(start, end)) !== undefined;
  }

  /** A piece in quotes as Go's `%q` prints it; bytes that are not UTF-8 as `\xff`. */
  quote(start: number, end: number): string {
    const piece = this.bytes.subarray(start, end);
    const decoded = decodeStrictly(piece);
    return decoded === undefined ? quoteBroken(piece) : goQuote(decoded);
  }

  #hasHighByte(start: number, end: number): boolean {
    for (let i = start; i < end; i++) if (this.bytes[i] >= 0x80) return true;
    return false;
  }
}

/** Whether a byte stands within a character. */
function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0;
}

function decodeStrictly(bytes: Uint8Array): string | undefined {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** One character a byte. Runs of ASCII, mostly the whole page but a few characters, are decoded at once. */
function byteString(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; ) {
    const start = i;
    while (i < bytes.length && bytes[i] < 0x80) i++;
    if (i > start) out += LENIENT_UTF8.decode(bytes.subarray(start, i));
    for (; i < bytes.length && bytes[i] >= 0x80; i++) out += String.fromCharCode(bytes[i]);
  }
  return out;
}

function quoteBroken(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; ) {
    const char = decodeStrictly(bytes.subarray(i, i + utf8Length(bytes[i])));
    out += char === undefined ? `\\x${bytes[i].toString(16).padStart(2, '0')}` : goQuote(char).slice(1, -1);
    i += char === undefined ? 1 : utf8Length(bytes[i]);
  }
  return `"${out}"`;
}

function utf8Length(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
