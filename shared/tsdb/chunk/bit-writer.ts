/** Writes bits into a growing buffer, the most significant first. One writer serves many chunks: `finish` begins anew.
 *  Bits collect in a word of 32, which goes to the buffer when it is full. */
export class BitWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  /** Whole words written, in bytes. */
  #length = 0;
  #word = 0;
  /** Bits of `#word` not written yet, 1 to 32. */
  #free = 32;

  /** Bytes that `finish` would return, the last one perhaps not full. */
  get byteLength(): number {
    return this.#length + ((39 - this.#free) >> 3);
  }

  /** Writes the `count` lowest bits of `value`.
   *  @param value No higher bit is set, unless all 32 are written.
   *  @param count 1 to 32. */
  bits(value: number, count: number): void {
    const free = this.#free - count;
    if (free > 0) {
      this.#free = free;
      this.#word |= value << free;
      return;
    }
    const word = this.#word | (value >>> -free);
    if (this.#length + 4 > this.#bytes.length) this.#grow();
    this.#view.setInt32(this.#length, word);
    this.#length += 4;
    this.#free = 32 + free;
    this.#word = free === 0 ? 0 : value << (32 + free);
  }

  /** Writes the 64 bits of two words. */
  words(high: number, low: number): void {
    this.bits(high, 32);
    this.bits(low, 32);
  }

  float64(value: number): void {
    FLOAT.setFloat64(0, value);
    this.words(FLOAT.getInt32(0), FLOAT.getInt32(4));
  }

  /** Writes `count` bits of two words, from bit `trailing` up.
   *  @param count 1 to 64, with nothing set above. */
  window(high: number, low: number, trailing: number, count: number): void {
    let shiftedHigh = high;
    let shiftedLow = low;
    if (trailing >= 32) {
      shiftedLow = high >>> (trailing - 32);
      shiftedHigh = 0;
    } else if (trailing > 0) {
      shiftedLow = (low >>> trailing) | (high << (32 - trailing));
      shiftedHigh = high >>> trailing;
    }
    if (count > 32) {
      this.bits(shiftedHigh, count - 32);
      this.bits(shiftedLow, 32);
    } else {
      this.bits(shiftedLow, count);
    }
  }

  /** Writes a whole number as LEB128. @param value 0 to 2^53 − 1. @throws {RangeError} When it is not. */
  uvarint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot write varint: ${value} is not a whole number from 0 to 2^53 - 1`);
    }
    let rest = value;
    while (rest >= 0x80) {
      this.bits((rest % 0x80) | 0x80, 8);
      rest = Math.floor(rest / 0x80);
    }
    this.bits(rest, 8);
  }

  /** Writes a signed whole number as LEB128 of 2n, or of −2n − 1 where it is negative.
   *  @throws {RangeError} When it is beyond ±(2^53 − 1). */
  varint(value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`Cannot write varint: ${value} is not a whole number within ±(2^53 - 1)`);
    }
    // Zigzag needs 54 bits: the first seven go apart.
    const size = value < 0 ? -value - 1 : value;
    const first = (size % 0x40) * 2 + (value < 0 ? 1 : 0);
    const rest = Math.floor(size / 0x40);
    this.bits(rest > 0 ? first | 0x80 : first, 8);
    if (rest > 0) this.uvarint(rest);
  }

  /** A copy of what was written, filled up with zeros to a whole byte; the writer is empty after. */
  finish(): Uint8Array<ArrayBuffer> {
    const length = this.byteLength;
    if (this.#length + 4 > this.#bytes.length) this.#grow();
    this.#view.setInt32(this.#length, this.#word);
    const finished = this.#bytes.slice(0, length);
    this.reset();
    return finished;
  }

  /** Forgets what was written. */
  reset(): void {
    this.#length = 0;
    this.#word = 0;
    this.#free = 32;
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

const FLOAT = new DataView(new ArrayBuffer(8));
