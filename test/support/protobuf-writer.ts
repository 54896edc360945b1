const encoder = new TextEncoder();

/** Wire types. @see https://protobuf.dev/programming-guides/encoding/ */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

/** Bytes kept free so that no single number has to check for room. */
const ROOM = 32;
/** Above, a varint does not fit 32-bit arithmetic. */
const TWO_32 = 0x100000000;

/** Writes protobuf messages into one growing buffer. Numbers are written where they are 0 too. */
export class ProtobufWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written. A view that the next write may change. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** @param value An integer from −2^53 to 2^53; a negative one takes ten bytes. */
  int64(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#varint64(value);
  }

  /** @param value An integer from −2^52 to 2^52. */
  sint64(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#varint(zigzag(value));
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** A double by its bits, which a NaN may lose as a number. */
  doubleWords(field: number, low: number, high: number): void {
    this.#tag(field, FIXED64);
    this.#view.setUint32(this.#length, low, true);
    this.#view.setUint32(this.#length + 4, high, true);
    this.#length += 8;
  }

  string(field: number, value: string): void {
    const encoded = encoder.encode(value);
    this.#tag(field, BYTES);
    this.#varint(encoded.length);
    this.#reserve(encoded.length);
    this.#bytes.set(encoded, this.#length);
    this.#length += encoded.length;
  }

  /** A message in the message; `write` writes its fields. */
  message(field: number, write: () => void): void {
    this.#tag(field, BYTES);
    this.#lengthDelimited(write);
  }

  packedDoubles(field: number, values: Iterable<number>): void {
    this.message(field, () => {
      for (const value of values) {
        this.#reserve(ROOM);
        this.#view.setFloat64(this.#length, value, true);
        this.#length += 8;
      }
    });
  }

  /** @param values Integers from −2^52 to 2^52. */
  packedSint64(field: number, values: Iterable<number>): void {
    this.message(field, () => {
      for (const value of values) this.#varint(zigzag(value));
    });
  }

  /** @param values Integers from 0 to 2^53. */
  packedUint64(field: number, values: Iterable<number>): void {
    this.message(field, () => {
      for (const value of values) this.#varint(value);
    });
  }

  /** The length comes before what it is the length of, so the content moves by the bytes that the length takes. */
  #lengthDelimited(write: () => void): void {
    const start = this.#length;
    write();
    const size = this.#length - start;
    const shift = varintSize(size);
    this.#reserve(ROOM);
    this.#bytes.copyWithin(start + shift, start, this.#length);
    this.#length = start;
    this.#varint(size);
    this.#length = start + shift + size;
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint64(value: number): void {
    if (value >= 0) {
      this.#varint(value);
      return;
    }
    this.#reserve(ROOM);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#length++] = Number(rest);
  }

  #varint(value: number): void {
    this.#reserve(ROOM);
    let rest = value;
    while (rest >= TWO_32) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    let small = rest >>> 0;
    for (; small > 0x7f; small >>>= 7) this.#bytes[this.#length++] = (small & 0x7f) | 0x80;
    this.#bytes[this.#length++] = small;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size + ROOM));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++;
  return size;
}
