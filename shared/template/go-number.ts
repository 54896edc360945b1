/** Go's strconv for numbers: literals read and floats written as Go does. */

const INT64_MAX = 0x7fffffffffffffffn;
const INT64_MIN = -0x8000000000000000n;

/** Reads an integer literal (`12`, `-0x1f`, `0b1`, `0o17`, `017`, `1_000`) that fits an int64; `undefined` for others.
 *  @see Go strconv.ParseInt with base 0 */
export function parseInt64(text: string): bigint | undefined {
  const negative = text[0] === '-';
  const size = parseMagnitude(text[0] === '-' || text[0] === '+' ? text.slice(1) : text);
  if (size === undefined) return undefined;
  const value = negative ? -size : size;
  return value < INT64_MIN || value > INT64_MAX ? undefined : value;
}

/** Reads an integer literal without a sign that fits a uint64. */
export function parseUint64(text: string): bigint | undefined {
  const value = parseMagnitude(text);
  return value === undefined || value > 0xffffffffffffffffn ? undefined : value;
}

function parseMagnitude(text: string): bigint | undefined {
  if (!/^(?:[0-9][0-9_]*|0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+)$/.test(text)) return undefined;
  if (text.includes('_') && !underscoresOk(text)) return undefined;
  const plain = text.replaceAll('_', '').toLowerCase();
  if (/^0[xbo]$/.test(plain)) return undefined;
  if (!/^0[0-9]/.test(plain)) return BigInt(plain);
  return /^[0-7]+$/.test(plain) ? BigInt(`0o${plain}`) : undefined;
}

/** Underscores may stand between digits, and between a base prefix and a digit. */
function underscoresOk(text: string): boolean {
  const number = text.replace(/^[+-]/, '').toLowerCase();
  const prefixed = /^0[xbo]/.test(number);
  const betweenDigits = number.startsWith('0x') ? /^[0-9a-f]_[0-9a-f]$/ : /^[0-9]_[0-9]$/;
  const body = prefixed ? `0${number.slice(2)}` : number;
  for (let i = body.indexOf('_'); i >= 0; i = body.indexOf('_', i + 1)) {
    if (!betweenDigits.test(body.slice(Math.max(0, i - 1), i + 2))) return false;
  }
  return true;
}

/** Reads a float as Go's strconv.ParseFloat: decimal, hexadecimal with exponent, `Inf`, `infinity`, `NaN` in any case.
 *  @returns `undefined` where it is no number; ±Infinity where it is too large, which callers that must refuse check for. */
export function parseFloat64(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) return specialFloat(special[1], special[2].toLowerCase());
  if (text.includes('_') && !underscoresOk(text)) return undefined;
  const plain = text.replaceAll('_', '');
  const hex = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/.exec(plain);
  if (hex !== null) return hexFloat(hex[1], hex[2], hex[3] ?? '', hex[4]);
  if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(plain)) return undefined;
  return Number(plain);
}

function specialFloat(sign: string, name: string): number | undefined {
  if (name === 'nan') return sign === '' ? Number.NaN : undefined;
  return sign === '-' ? -Infinity : Infinity;
}

function hexFloat(sign: string, whole: string, fraction: string, exponent: string): number | undefined {
  if (whole === '' && fraction === '') return undefined;
  const power = Math.max(-100_000, Math.min(100_000, Number(exponent))) - 4 * fraction.length;
  const size = roundToFloat(BigInt(`0x${whole}${fraction}`), power);
  return sign === '-' ? -size : size;
}

/** mantissa × 2^power, rounded once, half to even. */
function roundToFloat(mantissa: bigint, power: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const drop = Math.max(bits - 53, -1074 - power);
  if (drop > bits + 1) return 0;
  if (power + drop > 971) return Infinity;
  const kept = drop > 0 ? divideRoundingToEven(mantissa, 1n << BigInt(drop)) : mantissa;
  const exponent = power + Math.max(drop, 0);
  // In two steps, as 2^1023 × 2^n or 2^-1074 alone may leave the range of floats.
  const half = Math.trunc(exponent / 2);
  return Number(kept) * 2 ** half * 2 ** (exponent - half);
}

function divideRoundingToEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  if (twice > divisor || (twice === divisor && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}

/** Significant digits and the place of the decimal point before them: value = 0.d₁d₂d₃… × 10^point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** Formats a float as Go's strconv.FormatFloat.
 *  @param verb One of `e`, `E`, `f`, `g`, `G`, `b`, `x`, `X`.
 *  @param precision Digits after the point (`e`, `f`, `x`) or significant digits (`g`); -1 for the fewest that read back. */
export function formatFloat(value: number, verb: string, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  switch (verb) {
    case 'b':
      return sign + formatBinary(size);
    case 'x':
    case 'X':
      return sign + formatHex(size, verb, precision);
    case 'f':
      return (
        sign +
        formatPlain(precision < 0 ? shortest(size) : roundAt(size, (decimal) => decimal.point + precision), precision)
      );
    case 'e':
    case 'E':
      return (
        sign + formatExponent(precision < 0 ? shortest(size) : roundAt(size, () => precision + 1), precision, verb)
      );
    default:
      return sign + formatGeneral(size, precision, verb === 'G' ? 'E' : 'e');
  }
}

function formatGeneral(size: number, precision: number, exponentMark: string): string {
  const significant = precision === 0 ? 1 : precision;
  const decimal = significant < 0 ? shortest(size) : roundAt(size, () => significant);
  const digits = decimal.digits.replace(/0+$/, '');
  const trimmed = { digits, point: digits === '' ? 1 : decimal.point };
  const exponent = trimmed.point - 1;
  const useExponent = exponent < -4 || exponent >= exponentFrom(significant, trimmed);
  return useExponent
    ? formatExponent(trimmed, digits.length - 1, exponentMark)
    : formatPlain(trimmed, Math.max(digits.length - trimmed.point, 0));
}

/** The exponent from which `g` writes one: the precision, or 6 for the fewest digits. */
function exponentFrom(significant: number, decimal: Decimal): number {
  if (significant < 0) return 6;
  if (significant > decimal.digits.length && decimal.digits.length >= decimal.point) return decimal.digits.length;
  return significant;
}

function shortest(size: number): Decimal {
  if (size === 0) return { digits: '', point: 1 };
  const [mantissa, exponent] = size.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 };
}

/** The exact decimal expansion of a float, cut to `count` digits, half to even. */
function roundAt(size: number, count: (exact: Decimal) => number): Decimal {
  const exact = exactDecimal(size);
  const keep = count(exact);
  if (keep >= exact.digits.length) return exact;
  if (keep < 0) return { digits: '', point: exact.point };
  const rest = exact.digits.slice(keep);
  const kept = BigInt(exact.digits.slice(0, keep) || '0');
  const half = `5${'0'.repeat(rest.length - 1)}`;
  const up = rest > half || (rest === half && kept % 2n === 1n);
  const digits = (up ? kept + 1n : kept).toString().padStart(keep, '0');
  if (digits.length > keep) return { digits, point: exact.point + 1 };
  return { digits, point: exact.point };
}

function exactDecimal(size: number): Decimal {
  if (size === 0) return { digits: '', point: 1 };
  const { mantissa, exponent } = splitFloat(size);
  if (exponent >= 0) {
    const digits = (mantissa << BigInt(exponent)).toString();
    return { digits, point: digits.length };
  }
  const digits = (mantissa * 5n ** BigInt(-exponent)).toString();
  return { digits, point: digits.length + exponent };
}

/** size = mantissa × 2^exponent, the mantissa a whole number below 2^53. */
function splitFloat(size: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

function formatPlain(decimal: Decimal, precision: number): string {
  const { digits, point } = decimal;
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  const shown = precision < 0 ? fraction : fraction.padEnd(precision, '0').slice(0, precision);
  return shown === '' ? whole || '0' : `${whole || '0'}.${shown}`;
}

function formatExponent(decimal: Decimal, precision: number, mark: string): string {
  const digits = decimal.digits || '0';
  const fraction = precision < 0 ? digits.slice(1) : digits.slice(1).padEnd(precision, '0').slice(0, precision);
  const exponent = decimal.digits === '' ? 0 : decimal.point - 1;
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0]}${fraction === '' ? '' : `.${fraction}`}${mark}${exponent < 0 ? '-' : '+'}${size}`;
}

function formatBinary(size: number): string {
  const { mantissa, exponent } = splitFloat(size);
  return `${mantissa}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

/** `0x1.8p+01`. */
function formatHex(size: number, verb: string, precision: number): string {
  let { mantissa, exponent } = splitFloat(size);
  if (mantissa === 0n) exponent = 0;
  else {
    while (mantissa < 1n << 60n) {
      mantissa <<= 1n;
      exponent--;
    }
    exponent += 60;
  }
  if (precision >= 0 && precision < 15) {
    mantissa = divideRoundingToEven(mantissa, 1n << BigInt(60 - 4 * precision)) << BigInt(60 - 4 * precision);
    if (mantissa >= 1n << 61n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const hex = mantissa.toString(16).padStart(16, '0').slice(1);
  const fraction = precision < 0 ? hex.replace(/0+$/, '') : hex.padEnd(precision, '0').slice(0, precision);
  const power = String(Math.abs(exponent)).padStart(2, '0');
  const text = `0x${mantissa >> 60n}${fraction === '' ? '' : `.${fraction}`}p${exponent < 0 ? '-' : '+'}${power}`;
  return verb === 'X' ? text.toUpperCase() : text;
}
