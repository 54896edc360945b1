const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)$/;
const INFINITE = /^([+-]?)(?:inf|infinity)$/i;

/** Parses a float as Go's `strconv.ParseFloat`.
 *  @returns `undefined` when it is none or too large. */
export function parseGoFloat(text: string): number | undefined {
  if (DECIMAL.test(text)) return finite(Number(text));
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal !== null) return parseHexadecimal(hexadecimal);
  if (text.toLowerCase() === 'nan') return Number.NaN;
  const infinite = INFINITE.exec(text);
  if (infinite === null) return undefined;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function parseHexadecimal([, sign, whole, fraction, exponent]: RegExpExecArray): number | undefined {
  if (whole + fraction === '') return undefined;
  const digits = Number.parseInt(whole + fraction, 16);
  return finite((sign === '-' ? -1 : 1) * digits * 2 ** (Number(exponent) - 4 * fraction.length));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
