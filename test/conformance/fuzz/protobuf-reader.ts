const decoder = new TextDecoder();

/** Reads the fields of one protobuf message in their order. */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Of the field that `next` came to. */
  field = 0;
  #wireType = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Goes to the next field, whose value must then be read or skipped. @returns Whether there is one. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.#wireType = tag % 8;
    return true;
  }

  skip(): void {
    if (this.#wireType === 0) this.#varint();
    else if (this.#wireType === 1) this.#at += 8;
    else if (this.#wireType === 2) this.bytes();
    else throw new TypeError(`Cannot skip a protobuf field of wire type ${this.#wireType}`);
  }

  /** An integer from 0 to 2^53. */
  uint(): number {
    return this.#varint();
  }

  sint(): number {
    return unzigzag(this.#varint());
  }

  double(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  /** Copies a double with its bits. @param words Of the array to copy to. */
  doubleTo(words: Uint32Array, index: number): void {
    words[2 * index] = this.#view.getUint32(this.#at, true);
    words[2 * index + 1] = this.#view.getUint32(this.#at + 4, true);
    this.#at += 8;
  }

  string(): string {
    return decoder.decode(this.bytes());
  }

  bytes(): Uint8Array {
    const length = this.#varint();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  message(): ProtobufReader {
    return new ProtobufReader(this.bytes());
  }

  packedDoubles(): Float64Array {
    const bytes = this.bytes();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Float64Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
  }

  packedSints(): number[] {
    const packed = this.message();
    const values: number[] = [];
    while (packed.#at < packed.#bytes.length) values.push(packed.sint());
    return values;
  }

  #varint(): number {
    let value = 0;
    let weight = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
      weight *= 128;
    }
  }
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
