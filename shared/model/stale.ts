/** The stale marker is one NaN among 2^52: bits 0x7ff0000000000002. A JS engine may change a NaN's bits whenever it
 *  passes through a number, so a marker is only ever written and recognised through a view of 32-bit words.
 *  Copies between Float64Arrays (`set`, `slice`, `copyWithin`) keep the bits; `array[i] = array[j]` may not.
 *  @see prometheus/model/value/value.go */
const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 0x00000002;

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const HIGH = LITTLE_ENDIAN ? 1 : 0;
const LOW = 1 - HIGH;

/** The 32-bit words of `values`, two a value, sharing its memory. */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** Whether value `index` is a stale marker. @param words `wordsOf(values)` */
export function isStaleAt(words: Uint32Array, index: number): boolean {
  return words[2 * index + LOW] === STALE_LOW && words[2 * index + HIGH] === STALE_HIGH;
}

/** Makes value `index` a stale marker. @param words `wordsOf(values)` */
export function setStaleAt(words: Uint32Array, index: number): void {
  words[2 * index + LOW] = STALE_LOW;
  words[2 * index + HIGH] = STALE_HIGH;
}

/** Copies one value with its bits. */
export function copyValue(from: Uint32Array, fromIndex: number, to: Uint32Array, toIndex: number): void {
  to[2 * toIndex] = from[2 * fromIndex];
  to[2 * toIndex + 1] = from[2 * fromIndex + 1];
}
