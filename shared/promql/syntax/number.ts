import { goQuote } from '#shared/model/labels.ts';

const MAX_INT64 = 2n ** 63n - 1n;

/** Parses a number as upstream does: first as a Go integer literal (`0x1F`, `1_000`, and octal with a leading zero), then as a float.
 *  @throws {SyntaxError} With Go's words, such as `strconv.ParseFloat: parsing "0x": invalid syntax`.
 *  @see prometheus/promql/parser/parse.go number */
export function parseNumber(text: string): number {
  return parseInteger(text) ?? parseFloatLiteral(text);
}

/** `undefined` where Go's `ParseInt(text, 0, 64)` fails: what is out of its range is a float. */
function parseInteger(text: string): number | undefined {
  if (!hasUnderscoresBetweenDigits(text)) return undefined;
  const digits = text.replaceAll('_', '');
  let integer: bigint;
  if (/^0[xX][0-9a-fA-F]+$/.test(digits)) integer = BigInt(digits);
  else if (/^0[0-7]+$/.test(digits)) integer = BigInt(`0o${digits.slice(1)}`);
  else if (/^(0|[1-9][0-9]*)$/.test(digits)) integer = BigInt(digits);
  else return undefined;
  return integer <= MAX_INT64 ? Number(integer) : undefined;
}

function parseFloatLiteral(text: string): number {
  const lower = text.toLowerCase();
  if (lower === 'inf') return Number.POSITIVE_INFINITY;
  if (lower === 'nan') return Number.NaN;
  const digits = text.replaceAll('_', '');
  if (!hasUnderscoresBetweenDigits(text) || !/^([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(digits)) {
    throw new SyntaxError(`strconv.ParseFloat: parsing ${goQuote(text)}: invalid syntax`);
  }
  const value = Number(digits);
  if (Number.isFinite(value)) return value;
  throw new SyntaxError(`strconv.ParseFloat: parsing ${goQuote(text)}: value out of range`);
}

/** Go allows `_` between digits and after the base prefix; the prefix counts as a digit. */
function hasUnderscoresBetweenDigits(text: string): boolean {
  const isHex = /^0[xX]/.test(text);
  const digit = isHex ? /[0-9a-fA-F]/ : /[0-9]/;
  const rest = isHex ? `0${text.slice(2)}` : text;
  for (let i = 0; i < rest.length; i++) {
    if (rest[i] === '_' && !(digit.test(rest[i - 1] ?? '') && digit.test(rest[i + 1] ?? ''))) return false;
  }
  return true;
}
