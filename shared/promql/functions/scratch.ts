/** A buffer that one function keeps from series to series; what is in it is of no use to the next caller. Functions of
 *  range vectors run to their end at once, so nobody else writes into it meanwhile. */
export class Scratch<T extends Int32Array | Float64Array> {
  readonly #create: (length: number) => T;
  #buffer: T;

  constructor(create: (length: number) => T) {
    this.#create = create;
    this.#buffer = create(0);
  }

  /** The buffer, with a length of at least `length`. */
  take(length: number): T {
    if (this.#buffer.length < length) this.#buffer = this.#create(2 * length);
    return this.#buffer;
  }
}

export function int32Scratch(): Scratch<Int32Array> {
  return new Scratch<Int32Array>((length) => new Int32Array(length));
}

export function float64Scratch(): Scratch<Float64Array> {
  return new Scratch<Float64Array>((length) => new Float64Array(length));
}
