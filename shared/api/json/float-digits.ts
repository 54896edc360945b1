/* The shortest decimal that reads back as a float, for those that answers are full of: from 10^-6 to 10^16. There
 * v · 10^k with k from 0 to 22 has 17 digits before the point, and 10^k is a float, so that the product of the two is
 * exactly the sum of two floats. Where rounding is too close to call, it is left to the engine's own conversion, which
 * takes twice as long. */

/** The digits of a decimal fraction. Written over by the next one. */
export interface FloatDigits {
  /** ASCII, without zeros at the end; the first `length` count. */
  readonly digits: Uint8Array;
  length: number;
  /** How many of them are before the point; 0 or less: so many zeros are after the point before the first. */
  point: number;
}

const DIGITS = 17;
const LOW_DIGITS = 8;
const LOW = 1e8;
const HIGH = 1e9;
const MAX_POWER = 22;
/** Far above the error of the low digits, which are below 10^8, and far below what has to be told apart. */
const TOO_CLOSE = 1e-6;
/** 2^27 + 1: splits a float into two halves whose products are exact. @see Dekker 1971 */
const SPLITTER = 134_217_729;
const LOG10_OF_2 = 0.301_029_995_663_981_2;
const ZERO = 0x30;

const POWERS = Float64Array.from({ length: MAX_POWER + 1 }, (_, k) => Number(`1e${k}`));
const POWERS_HIGH = POWERS.map((power) => SPLITTER * power - (SPLITTER * power - power));
const POWERS_LOW = POWERS.map((power, k) => power - POWERS_HIGH[k]);

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);
const HIGH_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

export function createFloatDigits(): FloatDigits {
  return { digits: new Uint8Array(DIGITS), length: 0, point: 0 };
}

/** Finds the shortest digits of a float.
 *  @returns Whether it could; if not, `out` means nothing. */
export function findFloatDigits(value: number, out: FloatDigits): boolean {
  if (!(value >= 1e-6 && value < 1e16)) return false;
  bits[0] = value;
  const highWord = words[HIGH_WORD];
  const isPowerOfTwo = (highWord & 0xfffff) === 0 && words[1 - HIGH_WORD] === 0;
  if (isPowerOfTwo) return false;
  const exponent2 = highWord >>> 20;
  const exponent10 = decimalExponent(value, exponent2 - 1023);
  const power = DIGITS - 1 - exponent10;
  const scale = POWERS[power];
  const product = value * scale;
  const error = productError(value, power, product);
  words[1 - HIGH_WORD] = 0;
  words[HIGH_WORD] = (exponent2 - 53) << 20;
  // Everything closer than half a unit in the last place reads back as the value.
  const halfUnit = bits[0] * scale;
  let high = Math.floor(product / LOW);
  const low = product - high * LOW + error;
  let rounded = roundShortest(low, halfUnit);
  if (rounded < 0) return false;
  if (rounded === LOW) {
    high++;
    rounded = 0;
  }
  if (high < HIGH / 10 || high >= HIGH) return false;
  writeDigits(high, rounded, out);
  out.point = exponent10 + 1;
  return true;
}

/** The largest e with 10^e ≤ value. */
function decimalExponent(value: number, exponent2: number): number {
  const guess = Math.floor(exponent2 * LOG10_OF_2);
  const next = guess + 1;
  const isMore = next >= 0 ? value >= POWERS[next] : value * POWERS[-next] >= 1;
  return isMore ? next : guess;
}

/** What the product lost when it was rounded. */
function productError(value: number, power: number, product: number): number {
  const split = SPLITTER * value;
  const valueHigh = split - (split - value);
  const valueLow = value - valueHigh;
  const scaleHigh = POWERS_HIGH[power];
  const scaleLow = POWERS_LOW[power];
  return valueHigh * scaleHigh - product + valueHigh * scaleLow + valueLow * scaleHigh + valueLow * scaleLow;
}

/** The roundest whole number that is closer than `halfUnit`, else the closest one. Of 10^8 and 0 the digits above decide:
 *  those are 9 at most, and no other decimal of so few reads back as the value.
 *  @returns −1 where it is too close to call. */
function roundShortest(low: number, halfUnit: number): number {
  let best = -1;
  for (let unit = 1; unit <= LOW; unit *= 10) {
    const below = Math.floor(low / unit) * unit;
    const rest = low - below;
    const distance = Math.min(rest, unit - rest);
    if (unit > 1) {
      if (Math.abs(distance - halfUnit) < TOO_CLOSE) return -1;
      if (distance > halfUnit) return best;
    }
    if (Math.abs(rest - unit / 2) < TOO_CLOSE) return -1;
    best = rest < unit / 2 ? below : below + unit;
  }
  return best;
}

function writeDigits(high: number, low: number, out: FloatDigits): void {
  const { digits } = out;
  let rest = low | 0;
  for (let at = DIGITS - 1; at >= DIGITS - LOW_DIGITS; at--) {
    const next = (rest / 10) | 0;
    digits[at] = ZERO + rest - next * 10;
    rest = next;
  }
  rest = high | 0;
  for (let at = DIGITS - LOW_DIGITS - 1; at >= 0; at--) {
    const next = (rest / 10) | 0;
    digits[at] = ZERO + rest - next * 10;
    rest = next;
  }
  let length = DIGITS;
  while (digits[length - 1] === ZERO) length--;
  out.length = length;
}
