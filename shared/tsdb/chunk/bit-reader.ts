/** Zeros behind a chunk, so that no read of one sample leaves the buffer before its end is noticed. */
const SLACK_BYTES = 64;

/** Reads bits, the most significant first. One reader serves many chunks, each copied into its buffer.
 *  Every method throws RangeError where the chunk ends too early. */
export class BitReader {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** The next bit, counted from the beginning of the chunk. */
  position = 0;

  /** Begins with `chunk` behind its first `skipBytes`. */
  load(chunk: Uint8Array, skipBytes: number): void {
    if (chunk.length + SLACK_BYTES > this.#bytes.length) {
      this.#bytes = new Uint8Array(2 * chunk.length + SLACK_BYTES);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#bytes.set(chunk);
    this.#bytes.fill(0, chunk.length, chunk.length + SLACK_BYTES);
    this.#length = chunk.length;
    this.position = skipBytes * 8;
    if (skipBytes > chunk.length) this.raiseEnd();
  }

  /** The chunk and the zeros behind it, for loops that read them themselves and compare their position with `endBit`. */
  get view(): DataView {
    return this.#view;
  }

  /** The number of bits in the chunk. */
  get endBit(): number {
    return this.#length * 8;
  }

  /** @throws {RangeError} Always: saying where the chunk ends. */
  raiseEnd(): never {
    throw new RangeError(`Cannot read chunk: it ends at byte ${this.#length}, before its last sample`);
  }

  /** @throws {RangeError} Always: saying what is wrong at the position. */
  raise(problem: string): never {
    throw new RangeError(`Cannot read chunk: ${problem} before byte ${(this.position + 7) >>> 3}`);
  }

  /** The next `count` bits. @param count 1 to 32. @returns Signed where all 32 are read. */
  bits(count: number): number {
    const word = this.peek();
    this.skip(count);
    return count === 32 ? word : word >>> (32 - count);
  }

  bit(): boolean {
    const word = this.peek();
    this.skip(1);
    return word < 0;
  }

  /** The number of ones before the next zero, which is skipped; at most `max`, with no zero behind. */
  ones(max: number): number {
    const count = Math.min(Math.clz32(~this.peek()), max);
    this.skip(count < max ? count + 1 : max);
    return count;
  }

  float64(): number {
    const high = this.bits(32);
    const low = this.bits(32);
    FLOAT.setInt32(0, high);
    FLOAT.setInt32(4, low);
    return FLOAT.getFloat64(0);
  }

  /** A signed number of 64 bits. @throws {RangeError} Also beyond ±(2^53 − 1). */
  int64(): number {
    const high = this.bits(32);
    return this.#safe(high * 0x1_0000_0000 + (this.bits(32) >>> 0));
  }

  /** An unsigned LEB128. @throws {RangeError} Also above 2^53 − 1. */
  uvarint(): number {
    return this.#uvarintFrom(0, 1);
  }

  /** What `BitWriter.varint` wrote. @throws {RangeError} Also beyond ±(2^53 − 1). */
  varint(): number {
    const first = this.bits(8);
    const low = (first & 0x7f) >> 1;
    const size = first < 0x80 ? low : this.#uvarintFrom(low, 0x40);
    return first & 1 ? this.#safe(-size - 1) : size;
  }

  #uvarintFrom(start: number, startScale: number): number {
    let value = start;
    for (let scale = startScale; ; scale *= 0x80) {
      const byte = this.bits(8);
      value = this.#safe(value + (byte & 0x7f) * scale);
      if (byte < 0x80) return value;
      if (scale > 2 ** 56) this.raise('a varint has more than ten bytes');
    }
  }

  #safe(value: number): number {
    if (!Number.isSafeInteger(value)) this.raise(`number ${value} is beyond 2^53 - 1`);
    return value;
  }

  /** The next 32 bits, which stay; zeros behind the end. */
  peek(): number {
    const byte = this.position >>> 3;
    const shift = this.position & 7;
    return (this.#view.getInt32(byte) << shift) | (this.#bytes[byte + 4] >> (8 - shift));
  }

  /** Goes on by `count` bits. */
  skip(count: number): void {
    this.position += count;
    if (this.position > this.#length * 8) this.raiseEnd();
  }
}

const FLOAT = new DataView(new ArrayBuffer(8));
