const value = new Float64Array(1);
const words = new Uint32Array(value.buffer);
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const LOW = LITTLE_ENDIAN ? 0 : 1;
const HIGH = 1 - LOW;

/** 2^27 + 1: cuts a mantissa of 53 bits into two halves.
 *  @see T. J. Dekker, A floating-point technique for extending the available precision, 1971 */
const SPLITTER = 134_217_729;

/** `a * b + c` rounded once, as processors do it, for values far from the largest float (below 2^900).
 *  @see S. Boldo, G. Melquiond, Emulation of a FMA and correctly rounded sums, 2008 */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const aHigh = SPLITTER * a - (SPLITTER * a - a);
  const bHigh = SPLITTER * b - (SPLITTER * b - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  const productError = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  const low = c + productError;
  const lowError = sumError(c, productError, low);
  const high = product + low;
  const highError = sumError(product, low, high);
  return high + addToOdd(highError, lowError);
}

/** What `sum` lacks of `a + b`. */
function sumError(a: number, b: number, sum: number): number {
  const rest = sum - a;
  return a - (sum - rest) + (b - rest);
}

/** `a + b`, an inexact result rounded to the neighbour with an odd mantissa: another rounding then sees on which side of
 *  the middle it is. */
function addToOdd(a: number, b: number): number {
  const sum = a + b;
  const error = sumError(a, b, sum);
  if (error === 0) return sum;
  value[0] = sum;
  if ((words[LOW] & 1) === 1) return sum;
  if (error > 0 === sum > 0) words[LOW] |= 1;
  else if (words[LOW] !== 0) words[LOW] -= 1;
  else {
    words[LOW] = 0xffffffff;
    words[HIGH] -= 1;
  }
  return value[0];
}
