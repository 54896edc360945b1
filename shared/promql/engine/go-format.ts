import { formatFloatGeneral } from '#shared/model/float.ts';
import { goQuote, isLegacyLabelName, type Labels, labelPairs } from '#shared/model/labels.ts';

/** Formats a float as Go's `%g` or, with a precision, `%.2g`: an exponent below 1e-4 and from 10^precision (else 1e6) on.
 *  @see go/src/strconv/ftoa.go */
export function formatGoG(value: number, precision?: number): string {
  if (precision === undefined || value === 0 || !Number.isFinite(value)) return formatFloatGeneral(value);
  const [mantissa, exponentText] = value.toExponential(precision - 1).split('e');
  const exponent = Number(exponentText);
  const negative = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '').replace(/0+$/, '');
  if (exponent >= -4 && exponent < precision) return negative + plain(digits, exponent);
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const sign = exponent < 0 ? '-' : '+';
  return `${negative}${digits[0]}${fraction}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Formats a float as Go's `%f`: six decimals. */
export function formatGoF(value: number): string {
  return Number.isFinite(value) ? formatFixed(value) : formatGoG(value);
}

/** `toFixed` goes over to exponents at 1e21. */
function formatFixed(value: number): string {
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
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
