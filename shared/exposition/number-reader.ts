import type { ByteSource } from './byte-source.ts';
import { parseGoFloat } from './float-text.ts';
import { isDigit } from './scan.ts';

/** Below this many digits a whole number is exact as a float. */
const EXACT_DIGITS = 15;

/** Powers of ten that floats hold exactly: a product or quotient with an exact number is rounded once, so correctly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;

/** Reads the float that a piece of a page is, as upstream's parsers do: Go's syntax of before 1.13, without hexadecimal
 *  floats and `_`. Returns the problem in upstream's words when it is none. */
export function readFloat(source: ByteSource, start: number, end: number): number | string {
  const short = readShortDecimal(source.bytes, start, end);
  return short === undefined ? readAnyFloat(source, start, end) : short;
}

/** Reads a decimal of few digits without making a string; `undefined` when it is anything else. */
function readShortDecimal(bytes: Uint8Array, start: number, end: number): number | undefined {
  let i = start;
  const signed = bytes[i] === MINUS || bytes[i] === PLUS;
  if (signed) i++;
  const first = i;
  let mantissa = 0;
  for (; i < end && isDigit(bytes[i]); i++) mantissa = mantissa * 10 + (bytes[i] - 0x30);
  let digits = i - first;
  let exponent = 0;
  if (i < end && bytes[i] === POINT) {
    const point = ++i;
    for (; i < end && isDigit(bytes[i]); i++) mantissa = mantissa * 10 + (bytes[i] - 0x30);
    exponent = point - i;
    digits += i - point;
  }
  if (digits === 0 || digits > EXACT_DIGITS) return undefined;
  if (i < end) {
    const written = readExponent(bytes, i, end);
    if (written === undefined) return undefined;
    exponent += written;
  }
  if (exponent < -22 || exponent > 22) return undefined;
  const size = exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
  return bytes[start] === MINUS ? -size : size;
}

/** Reads `e+09`; `undefined` when the rest is no exponent of one to three digits. */
function readExponent(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (bytes[start] !== 0x65 && bytes[start] !== 0x45) return undefined;
  let i = start + 1;
  if (i < end && (bytes[i] === MINUS || bytes[i] === PLUS)) i++;
  if (i === end || end - i > 3) return undefined;
  let size = 0;
  for (let k = i; k < end; k++) {
    if (!isDigit(bytes[k])) return undefined;
    size = size * 10 + (bytes[k] - 0x30);
  }
  return bytes[start + 1] === MINUS ? -size : size;
}

function readAnyFloat(source: ByteSource, start: number, end: number): number | string {
  const text = source.text(start, end);
  if (text.includes('p') || text.includes('P') || text.includes('_')) return 'unsupported character in float';
  const value = parseGoFloat(text);
  return typeof value === 'number' ? value : `strconv.ParseFloat: parsing ${source.quote(start, end)}: ${value}`;
}

const MAX_INT64 = '9223372036854775807';

/** Reads digits as an int64, to the precision of a float. Returns the problem in Go's words when it is too large. */
export function readInteger(source: ByteSource, start: number, end: number): number | string {
  const text = source.raw(start, end);
  if (end - start <= EXACT_DIGITS) return Number(text);
  const digits = text.replace(/^0+/, '');
  const fits = digits.length < MAX_INT64.length || (digits.length === MAX_INT64.length && digits <= MAX_INT64);
  return fits ? Number(text) : `strconv.ParseInt: parsing ${source.quote(start, end)}: value out of range`;
}

/** Seconds as whole milliseconds, cut as Go's `int64(seconds * 1000)` on amd64: what does not fit becomes the smallest. */
export function secondsToMs(seconds: number): number {
  const ms = Math.trunc(seconds * 1000);
  return ms >= -(2 ** 63) && ms < 2 ** 63 ? ms + 0 : -(2 ** 63);
}
