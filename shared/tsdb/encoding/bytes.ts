const TEXT_ENCODER = new TextEncoder();
const TEXT_DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const TWO_32 = 0x1_0000_0000;

/** Writes the integers, floats and strings of FORMAT.md, and those of Prometheus's blocks, into a growing buffer. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes = 256) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  /** Big endian, as everything in Prometheus's blocks. */
  u32be(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  /** Each big endian. */
  u32sbe(values: Uint32Array): void {
    this.#reserve(values.length * 4);
    for (let i = 0; i < values.length; i++) this.#view.setUint32(this.#length + 4 * i, values[i]);
    this.#length += values.length * 4;
  }

  /** Big endian. @param value A whole number, 0 ≤ value ≤ 2^53 − 1. */
  u64be(value: number): void {
    this.u32be(Math.floor(value / TWO_32));
    this.u32be(value % TWO_32);
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** Writes floats with their bits, so that stale markers survive. */
  f64s(values: Float64Array): void {
    this.bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /** @param value A whole number, 0 ≤ value ≤ 2^53 − 1. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Signed to unsigned, small ones staying small (0, −1, 1, −2, … are 0, 1, 2, 3, …), then as a varint: Go's `PutVarint`.
   *  @param value A whole number within ±(2^53 − 1). */
  signedVarint(value: number): void {
    const sign = value < 0 ? 1 : 0;
    const magnitude = sign ? -1 - value : value;
    // Six bits of it go with the sign: twice the number could be above 2^53.
    const first = (magnitude % 64) * 2 + sign;
    if (magnitude < 64) this.u8(first);
    else {
      this.u8(first | 0x80);
      this.varint(Math.floor(magnitude / 64));
    }
  }

  /** Writes zeros until the length is a multiple of `alignBytes`. */
  pad(alignBytes: number): void {
    while (this.#length % alignBytes !== 0) this.u8(0);
  }

  string(text: string): void {
    const encoded = TEXT_ENCODER.encode(text);
    this.varint(encoded.length);
    this.bytes(encoded);
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was written; a view that the next write may invalidate. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Starts anew, in the same memory. */
  reset(): void {
    this.#length = 0;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what ByteWriter wrote. Every method throws RangeError when the bytes end too early. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #dataView: DataView | undefined;
  #offset: number;

  /** @param offset Where to begin. */
  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Where the next byte is. */
  get offset(): number {
    return this.#offset;
  }

  u8(): number {
    return this.#bytes[this.#take(1)];
  }

  u32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, true);
  }

  u32be(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at);
  }

  /** @throws {RangeError} Also when the number is above 2^53 − 1. */
  u64be(): number {
    const value = this.u32be() * TWO_32 + this.u32be();
    if (!Number.isSafeInteger(value)) throw new RangeError('Cannot read integer: value is above 2^53 - 1');
    return value;
  }

  /** `count` numbers, each big endian. */
  u32sbe(count: number): Uint32Array {
    const at = this.#take(count * 4);
    const values = new Uint32Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#view.getUint32(at + 4 * i);
    return values;
  }

  f64(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at, true);
  }

  /** A copy of `count` floats, with their bits. */
  f64s(count: number): Float64Array {
    const at = this.#take(count * 8);
    const copy = this.#bytes.slice(at, at + count * 8);
    return new Float64Array(copy.buffer, copy.byteOffset, count);
  }

  /** @throws {RangeError} Also when the number is above 2^53 − 1. */
  varint(): number {
    let value = this.#offset < this.#bytes.length ? this.#bytes[this.#offset] : 0x80;
    if (value < 0x80) {
      this.#offset++;
      return value;
    }
    value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#take(1)];
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw new RangeError('Cannot read varint: value is above 2^53 - 1');
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  /** What `signedVarint` wrote. @throws {RangeError} Also when the number is beyond ±(2^53 − 1). */
  signedVarint(): number {
    const first = this.u8();
    const rest = first < 0x80 ? 0 : this.varint();
    const magnitude = rest * 64 + ((first & 0x7f) >>> 1);
    const value = first & 1 ? -1 - magnitude : magnitude;
    if (!Number.isSafeInteger(value)) throw new RangeError('Cannot read varint: value is beyond ±(2^53 - 1)');
    return value;
  }

  /** Passes over `count` bytes. */
  skip(count: number): void {
    this.#take(count);
  }

  string(): string {
    return TEXT_DECODER.decode(this.bytes(this.varint()));
  }

  /** A view of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Made when it is needed: readers of varints alone are many. */
  get #view(): DataView {
    this.#dataView ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#dataView;
  }

  #take(count: number): number {
    const at = this.#offset;
    if (count > this.#bytes.length - at) {
      throw new RangeError(`Cannot read ${count} bytes at offset ${at}: only ${this.#bytes.length - at} are left`);
    }
    this.#offset = at + count;
    return at;
  }
}
