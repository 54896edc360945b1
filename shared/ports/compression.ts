/** Compresses what is stored. Framed, so that `decompress` knows when it got something else. */
export interface Compression {
  compress(bytes: Uint8Array): Uint8Array;
  /** @throws {RangeError} When the result would be larger than `maxBytes`. @throws {Error} When the input is damaged. */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
}
