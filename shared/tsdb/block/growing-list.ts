/** Numbers in one growing typed array: of many, 4 or 8 bytes each instead of 16. */
export class GrowingList<T extends Uint32Array | Float64Array> {
  #values: T;
  #length = 0;
  readonly #create: (length: number) => T;

  /** @param create Makes the arrays: `(length) => new Uint32Array(length)`. */
  constructor(create: (length: number) => T) {
    this.#create = create;
    this.#values = create(1024);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = this.#create(this.#length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** The numbers so far; a view that the next `push` may leave behind. */
  view(): T {
    return this.#values.subarray(0, this.#length) as T;
  }
}

/** An empty list of 32-bit numbers. */
export function uint32List(): GrowingList<Uint32Array> {
  return new GrowingList((length) => new Uint32Array(length));
}

/** An empty list of numbers up to 2^53. */
export function float64List(): GrowingList<Float64Array> {
  return new GrowingList((length) => new Float64Array(length));
}
