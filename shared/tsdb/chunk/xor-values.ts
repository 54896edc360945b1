import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { HIGH, LOW, wordsIn } from './sample-columns.ts';

/** No window yet. */
export const NO_WINDOW = 0xff;

/** The leading zeros that are written: at most 31, which fit in 5 bits. */
export function leadingZeros(high: number): number {
  return high === 0 ? 31 : Math.clz32(high);
}

/** The zeros below the lowest set bit of two words that are not both 0. */
export function trailingZeros(high: number, low: number): number {
  return low !== 0 ? 31 - Math.clz32(low & -low) : 63 - Math.clz32(high & -high);
}

/** Several floats, each written as what changed in its bits since the sample before: the bits between the leading and the
 *  trailing zeros of old XOR new (the *window*), which is kept for the next samples while they fit into it.
 *  @see prometheus/tsdb/chunkenc/xor.go xorWrite, xorRead */
export class XorValues {
  readonly values: Float64Array;
  readonly #words: Int32Array;
  readonly #leading: Uint8Array;
  readonly #trailing: Uint8Array;

  constructor(length: number) {
    this.values = new Float64Array(length);
    this.#words = wordsIn(this.values);
    this.#leading = new Uint8Array(length).fill(NO_WINDOW);
    this.#trailing = new Uint8Array(length);
  }

  /** Whether value `at` has these bits. */
  hasWords(at: number, high: number, low: number): boolean {
    return this.#words[2 * at + HIGH] === high && this.#words[2 * at + LOW] === low;
  }

  /** Writes the first value of `at` whole. @param high, low Its words. */
  writeFirst(writer: BitWriter, at: number, high: number, low: number): void {
    this.#words[2 * at + HIGH] = high;
    this.#words[2 * at + LOW] = low;
    writer.words(high, low);
  }

  /** Writes a later value of `at`. */
  write(writer: BitWriter, at: number, high: number, low: number): void {
    const words = this.#words;
    const changedHigh = high ^ words[2 * at + HIGH];
    const changedLow = low ^ words[2 * at + LOW];
    words[2 * at + HIGH] = high;
    words[2 * at + LOW] = low;
    if ((changedHigh | changedLow) === 0) {
      writer.bits(0, 1);
      return;
    }
    const leading = leadingZeros(changedHigh);
    const trailing = trailingZeros(changedHigh, changedLow);
    if (this.#leading[at] !== NO_WINDOW && leading >= this.#leading[at] && trailing >= this.#trailing[at]) {
      writer.bits(0b10, 2);
    } else {
      this.#leading[at] = leading;
      this.#trailing[at] = trailing;
      writer.bits((0b11 << 11) | (leading << 6) | ((64 - leading - trailing) & 63), 13);
    }
    writer.window(changedHigh, changedLow, this.#trailing[at], 64 - this.#leading[at] - this.#trailing[at]);
  }

  /** Reads the first value of `at`. */
  readFirst(reader: BitReader, at: number): void {
    this.#words[2 * at + HIGH] = reader.bits(32);
    this.#words[2 * at + LOW] = reader.bits(32);
  }

  /** Reads a later value of `at`. */
  read(reader: BitReader, at: number): void {
    if (!reader.bit()) return;
    if (reader.bit()) this.#readWindow(reader, at);
    else if (this.#leading[at] === NO_WINDOW) reader.raise('a value uses the window of the one before, which has none');
    const trailing = this.#trailing[at];
    const count = 64 - this.#leading[at] - trailing;
    const words = this.#words;
    if (count > 32) {
      const high = reader.bits(count - 32);
      const low = reader.bits(32);
      words[2 * at + HIGH] ^= trailing === 0 ? high : (high << trailing) | (low >>> (32 - trailing));
      words[2 * at + LOW] ^= low << trailing;
      return;
    }
    const bits = reader.bits(count);
    if (trailing >= 32) {
      words[2 * at + HIGH] ^= bits << (trailing - 32);
    } else {
      words[2 * at + LOW] ^= bits << trailing;
      if (trailing > 0) words[2 * at + HIGH] ^= bits >>> (32 - trailing);
    }
  }

  #readWindow(reader: BitReader, at: number): void {
    const bits = reader.bits(11);
    const leading = bits >>> 6;
    const count = bits & 63 || 64;
    if (leading + count > 64) reader.raise(`a value has ${leading} leading zeros and ${count} bits`);
    this.#leading[at] = leading;
    this.#trailing[at] = 64 - leading - count;
  }
}
