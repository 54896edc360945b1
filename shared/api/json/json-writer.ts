import { formatFloatJson } from '#shared/model/float.ts';
import { createFloatDigits, findFloatDigits } from './float-digits.ts';
import { quotePlain } from './go-json.ts';

const TEXT_ENCODER = new TextEncoder();
const CHUNK_BYTES = 64 * 1024;
/** Most answers are small. */
const FIRST_CHUNK_BYTES = 4 * 1024;
const GROWTH = 4;
/** A code unit takes at most three bytes in UTF-8. */
const BYTES_PER_UNIT = 3;
/** `"-1.2345678901234567e+308"` and some. */
const MAX_NUMBER_BYTES = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const BILLION = 1e9;
/** Up to here a decimal of three places is the only one of 15 digits or fewer that reads back as its float. */
const MAX_DECIMAL = 1e12;

/** Writes JSON as UTF-8 into chunks: results have millions of numbers, and one string cannot hold them all. */
export class JsonWriter {
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #bytes = new Uint8Array(FIRST_CHUNK_BYTES);
  #length = 0;
  readonly #found = createFloatDigits();

  /** Whether there is a chunk to take. */
  get hasChunk(): boolean {
    return this.#chunks.length > 0;
  }

  /** Takes the full chunks. */
  takeChunks(): readonly Uint8Array<ArrayBuffer>[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  /** Takes all that was written. */
  takeAll(): readonly Uint8Array<ArrayBuffer>[] {
    this.#endChunk(0);
    return this.takeChunks();
  }

  /** Takes all that was written, as a text. */
  text(): string {
    const decoder = new TextDecoder();
    const texts = this.takeAll().map((chunk) => decoder.decode(chunk, { stream: true }));
    return texts.join('') + decoder.decode();
  }

  /** Writes a text as it is. */
  raw(text: string): void {
    this.#reserve(text.length * BYTES_PER_UNIT);
    this.#length += TEXT_ENCODER.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  /** Writes a short ASCII text as it is. */
  ascii(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  /** Writes bytes `start` up to `end` of some text. */
  bytes(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    const to = this.#bytes;
    let at = this.#length;
    // Pieces are short: `set` and a view of each would take longer.
    for (let i = start; i < end; i++) to[at++] = bytes[i];
    this.#length = at;
  }

  /** Writes a text in quotes, as `quotePlain` gives it. */
  quoted(text: string): void {
    this.#reserve(text.length + 2);
    const start = this.#length;
    this.#bytes[this.#length++] = QUOTE;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) {
        this.#length = start;
        this.raw(quotePlain(text));
        return;
      }
      this.#bytes[this.#length++] = unit;
    }
    this.#bytes[this.#length++] = QUOTE;
  }

  /** Writes a float in quotes, as `formatFloatJson` gives it. */
  float(value: number): void {
    this.#reserve(MAX_NUMBER_BYTES);
    this.#bytes[this.#length++] = QUOTE;
    this.#float(value);
    this.#bytes[this.#length++] = QUOTE;
  }

  #float(value: number): void {
    const size = Math.abs(value);
    if (size < MAX_DECIMAL && (value !== 0 || !Object.is(value, -0))) {
      const thousandths = Math.round(size * 1000);
      if (thousandths / 1000 === size) {
        if (value < 0) this.#bytes[this.#length++] = MINUS;
        const whole = Math.floor(thousandths / 1000);
        this.#digits(whole);
        this.#decimals(thousandths - whole * 1000);
        return;
      }
    }
    if (findFloatDigits(size, this.#found)) this.#fraction(value < 0);
    // Where JS writes no exponent, it writes what Go writes.
    else this.#plain(size >= 1e-6 && size < 1e21 ? String(value) : formatFloatJson(value));
  }

  #fraction(isNegative: boolean): void {
    const { digits, length, point } = this.#found;
    const to = this.#bytes;
    let at = this.#length;
    if (isNegative) to[at++] = MINUS;
    if (point <= 0) {
      to[at++] = ZERO;
      to[at++] = POINT;
      for (let i = point; i < 0; i++) to[at++] = ZERO;
    }
    for (let i = 0; i < length; i++) {
      if (i === point && i > 0) to[at++] = POINT;
      to[at++] = digits[i];
    }
    for (let i = length; i < point; i++) to[at++] = ZERO;
    this.#length = at;
  }

  #plain(text: string): void {
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  /** @param value Whole, from 0 to 10^18. */
  #digits(value: number): void {
    if (value < BILLION) this.#smallDigits(value | 0, 1);
    else {
      const upper = Math.floor(value / BILLION);
      this.#smallDigits(upper | 0, 1);
      this.#smallDigits((value - upper * BILLION) | 0, 9);
    }
  }

  /** @param value From 0 to 10^9. @param width At least so many digits. */
  #smallDigits(value: number, width: number): void {
    let count = 1;
    for (let power = 10; power <= value && count < 9; power *= 10) count++;
    const digits = Math.max(count, width);
    let rest = value;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const next = (rest / 10) | 0;
      this.#bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.#length += digits;
  }

  /** @param thousandths From 0 to 999. */
  #decimals(thousandths: number): void {
    if (thousandths === 0) return;
    this.#bytes[this.#length++] = POINT;
    this.#smallDigits(thousandths, 3);
    while (this.#bytes[this.#length - 1] === ZERO) this.#length--;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    if (this.#bytes.length < CHUNK_BYTES) this.#grow(count);
    else this.#endChunk(Math.max(CHUNK_BYTES, count));
  }

  /** Makes the first chunk larger: a few times, and it is a whole one. */
  #grow(count: number): void {
    const size = Math.min(CHUNK_BYTES, this.#bytes.length * GROWTH);
    const grown = new Uint8Array(Math.max(size, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  #endChunk(nextBytes: number): void {
    if (this.#length > 0) this.#chunks.push(this.#bytes.subarray(0, this.#length));
    this.#bytes = new Uint8Array(nextBytes);
    this.#length = 0;
  }
}
