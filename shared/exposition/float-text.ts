import { formatFloatPlain, formatFloatScientific } from '#shared/model/float.ts';

/** Why Go refuses a number. */
export type FloatProblem = 'invalid syntax' | 'value out of range';

const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX](?=\.?[0-9a-fA-F])([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)$/;

/** Parses a float as Go's `strconv.ParseFloat(text, 64)`: `Inf`, `infinity` and `NaN` in any case, digits parted by `_`,
 *  hexadecimal floats with their mandatory exponent; too large a number is a problem, too small a one is 0. */
export function parseGoFloat(text: string): number | FloatProblem {
  if (DECIMAL.test(text)) return inRange(Number(text));
  const special = parseSpecial(text.toLowerCase());
  if (special !== undefined) return special;
  if (text.includes('_') && !underscoresPartDigits(text)) return 'invalid syntax';
  const digits = text.replaceAll('_', '');
  if (DECIMAL.test(digits)) return inRange(Number(digits));
  const hex = HEXADECIMAL.exec(digits);
  if (hex === null) return 'invalid syntax';
  const [, sign, whole, fraction = '', exponent] = hex;
  const size = scale(Number(BigInt(`0x${whole}${fraction}`)), Number(exponent) - 4 * fraction.length);
  return inRange(sign === '-' ? -size : size);
}

function inRange(value: number): number | FloatProblem {
  return Number.isFinite(value) ? value : 'value out of range';
}

function parseSpecial(lower: string): number | undefined {
  switch (lower) {
    case 'nan':
      return Number.NaN;
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Number.POSITIVE_INFINITY;
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY;
  }
  return undefined;
}

/** Whether each `_` stands between two digits, or between `0x` and a digit.
 *  @see go/src/internal/strconv/atoi.go underscoreOK */
function underscoresPartDigits(text: string): boolean {
  const unsigned = text.replace(/^[+-]/, '');
  const hex = /^0[xX]/.test(unsigned);
  const digit = hex ? /[0-9a-fA-F]/ : /[0-9]/;
  let afterDigit = hex;
  let pending = false;
  for (const char of hex ? unsigned.slice(2) : unsigned) {
    const isDigit = digit.test(char);
    if (pending && !isDigit) return false;
    pending = char === '_';
    if (pending && !afterDigit) return false;
    afterDigit = isDigit;
  }
  return !pending;
}

/** `mantissa` × 2^`exponent`, in steps because 2^exponent alone may leave the range. */
function scale(mantissa: number, exponent: number): number {
  let rest = Math.max(-5000, Math.min(5000, exponent));
  let value = mantissa;
  for (; rest > 1000; rest -= 1000) value *= 2 ** 1000;
  for (; rest < -1000; rest += 1000) value *= 2 ** -1000;
  return value * 2 ** rest;
}

/** Formats a float as Go's `strconv.FormatFloat(v, 'g', -1, 64)`: an exponent below 1e-4 and from 1e6 on, as on
 *  Prometheus's text pages. */
export function formatTextFloat(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatFloatPlain(value);
  const size = Math.abs(value);
  return size < 1e-4 || size >= 1e6 ? formatFloatScientific(value) : formatFloatPlain(value);
}

/** Formats a float as OpenMetrics has it: as `formatTextFloat`, but a whole number gets `.0`. Zero loses its sign.
 *  @see prometheus/model/labels/float.go FormatOpenMetricsFloat */
export function formatOpenMetricsFloat(value: number): string {
  if (value === 0) return '0.0';
  const text = formatTextFloat(value);
  if (!Number.isFinite(value) || text.includes('.') || text.includes('e')) return text;
  return `${text}.0`;
}
