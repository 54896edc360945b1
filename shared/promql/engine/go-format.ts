import { formatFloatGeneral } from '#shared/model/float.ts';
import { goQuote, isLegacyLabelName, type Labels, labelPairs } from '#shared/model/labels.ts';

/** Formats a float as Go's `%g` or, with a precision, `%.2g`: an exponent below 1e-4 and from 10^precision (else 1e6) on.
 *  @see go/src/strconv/ftoa.go */
export function formatGoG(value: number, precision?: number): string {
  if (precision === undefined || value === 0 || !Number.isFinite(value)) return formatFloatGeneral(value);
  const [mantissa, exponentText] = toExponentialHalfEven(value, precision - 1).split('e');
  const exponent = Number(exponentText);
  const negative = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '').replace(/0+$/, '');
  if (exponent >= -4 && exponent < precision) return negative + plain(digits, exponent);
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const sign = exponent < 0 ? '-' : '+';
  return `${negative}${digits[0]}${fraction}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** What decides whether a float is exactly between two shorter texts. */
const EXACT_DECIMALS = 100;

/** `toExponential` rounds what is exactly between two texts up, Go to the even digit. */
function toExponentialHalfEven(value: number, decimals: number): string {
  const exact = value.toExponential(EXACT_DECIMALS);
  const point = exact.indexOf('.');
  const cut = point + 1 + decimals;
  const rest = exact.slice(cut, exact.indexOf('e'));
  const last = exact[decimals === 0 ? point - 1 : cut - 1];
  const staysEven = /^50*$/.test(rest) && Number(last) % 2 === 0;
  if (!staysEven) return value.toExponential(decimals);
  return exact.slice(0, decimals === 0 ? point : cut) + exact.slice(exact.indexOf('e'));
}

/** Formats a float as Go's `%f`: six decimals. */
export function formatGoF(value: number): string {
  return Number.isFinite(value) ? formatFixed(value) : formatGoG(value);
}

/** `toFixed` goes over to exponents at 1e21, and rounds what is exactly between two texts up. Go rounds to the even digit;
 *  between texts of six decimals are only odd multiples of 1/128, which have seven. */
function formatFixed(value: number): string {
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.000000`;
  if (Math.abs(value * 128) % 2 !== 1) return value.toFixed(6);
  const exact = value.toFixed(7);
  return Number(exact.at(-2)) % 2 === 0 ? exact.slice(0, -1) : value.toFixed(6);
}

function plain(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** A label set as Go prints it, the metric name among the others: `{__name__="up", job="node"}`.
 *  @see prometheus/model/labels/labels_common.go Labels.String */
export function formatLabelSet(labels: Labels): string {
  const parts: string[] = [];
  for (const [name, value] of labelPairs(labels)) {
    parts.push(`${isLegacyLabelName(name) ? name : goQuote(name)}=${goQuote(value)}`);
  }
  return `{${parts.join(', ')}}`;
}

/** Unix milliseconds as `2006-01-02T15:04:05Z`, whole seconds.
 *  @see go/src/time RFC3339 */
export function formatRfc3339(timeMs: number): string {
  const text = new Date(Math.trunc(timeMs / 1000) * 1000).toISOString();
  return `${text.slice(0, text.indexOf('.'))}Z`;
}
