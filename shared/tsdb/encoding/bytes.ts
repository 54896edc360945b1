const TEXT_ENCODER = new TextEncoder();
const TEXT_DECODER = new TextDecoder('utf-8', { fatal: true });

/** Writes the integers, floats and strings of FORMAT.md into a growing buffer. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes = 256) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
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
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
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
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, true);
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
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#take(1)];
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw new RangeError('Cannot read varint: value is above 2^53 - 1');
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  string(): string {
    return TEXT_DECODER.decode(this.bytes(this.varint()));
  }

  /** A view of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
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
