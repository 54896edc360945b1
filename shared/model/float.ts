/** Formats a float as Go's `strconv.FormatFloat(v, 'f', -1, 64)`: never an exponent, `+Inf`, `-Inf`, `NaN`, `-0`. */
export function formatFloatPlain(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  return expandExponent(String(value));
}

/** Formats a float as Prometheus's API does: plain for 1e-6 ≤ |v| < 1e21, else with an exponent of two digits or more.
 *  @see prometheus/util/jsonutil/marshal.go MarshalFloat */
export function formatFloatJson(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  const size = Math.abs(value);
  return size < 1e-6 || size >= 1e21 ? formatExponent(value) : expandExponent(String(value));
}

/** Formats a float as Go's `%v` and `FormatFloat(v, 'g', -1, 64)`: an exponent below 1e-4 and from 1e6 on. */
export function formatFloatGeneral(value: number): string {
  const special = formatSpecial(value);
  if (special !== undefined) return special;
  const size = Math.abs(value);
  return size < 1e-4 || size >= 1e6 ? formatExponent(value) : expandExponent(String(value));
}

/** Formats a float as Go's `FormatFloat(v, 'e', -1, 64)`: `1e+00`, `-1.5e-07`. */
export function formatFloatScientific(value: number): string {
  return formatSpecial(value, '0e+00') ?? formatExponent(value);
}

function formatSpecial(value: number, zero = '0'): string | undefined {
  if (value === 0) return Object.is(value, -0) ? `-${zero}` : zero;
  if (Number.isFinite(value)) return undefined;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** `-1.5e-7` → `-1.5e-07`. JS and Go both print the shortest digits that read back as the same float. */
function formatExponent(value: number): string {
  const [mantissa, exponent] = value.toExponential().split('e');
  const digits = exponent.slice(1).padStart(2, '0');
  return `${mantissa}e${exponent[0]}${digits}`;
}

function expandExponent(text: string): string {
  const at = text.indexOf('e');
  if (at < 0) return text;
  const negative = text[0] === '-';
  const [whole, fraction = ''] = text.slice(negative ? 1 : 0, at).split('.');
  const point = whole.length + Number(text.slice(at + 1));
  const digits = whole + fraction;
  let plain: string;
  if (point <= 0) plain = `0.${'0'.repeat(-point)}${digits}`;
  else if (point >= digits.length) plain = digits + '0'.repeat(point - digits.length);
  else plain = `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${plain}` : plain;
}

/** Whether a sum has overflown, or an operand was infinite; not NaN. */
export function isInfinite(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}
