/** What a plain (unquoted) YAML scalar stands for, by go-yaml's rules, which are those of YAML 1.1 where users notice:
 *  `yes`, `no`, `on`, `off`, `y`, `n` are booleans, `0x10`, `0b1`, `017` and `1_000` are numbers.
 *  @see go-yaml resolve.go */
export type ResolvedScalar =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'str'; readonly value: string };

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUES = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSES = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const INFINITY = /^[+-]?\.(inf|Inf|INF)$/;
const NOT_A_NUMBER = new Set(['.nan', '.NaN', '.NAN']);
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;

export function resolvePlainScalar(source: string): ResolvedScalar {
  if (NULLS.has(source)) return { kind: 'null' };
  if (TRUES.has(source)) return { kind: 'bool', value: true };
  if (FALSES.has(source)) return { kind: 'bool', value: false };
  return resolveNumber(source) ?? { kind: 'str', value: source };
}

function resolveNumber(source: string): ResolvedScalar | undefined {
  if (INFINITY.test(source)) return { kind: 'float', value: source[0] === '-' ? -Infinity : Infinity };
  if (NOT_A_NUMBER.has(source)) return { kind: 'float', value: Number.NaN };
  if (!/^[-+.0-9]/.test(source)) return undefined;
  const digits = source.replaceAll('_', '');
  const whole = parseWhole(digits);
  if (whole !== undefined) return { kind: 'int', value: whole };
  return FLOAT.test(digits) ? { kind: 'float', value: Number(digits) } : undefined;
}

function parseWhole(text: string): number | undefined {
  const match = /^([-+]?)(0x[0-9a-fA-F]+|0b[01]+|0o[0-7]+|[0-9]+)$/.exec(text);
  if (match === null) return undefined;
  const [, sign, digits] = match;
  const octal = /^0[0-7]+$/.test(digits);
  if (!octal && /^0[0-9]/.test(digits)) return undefined;
  const size = octal ? Number.parseInt(digits, 8) : Number(digits);
  return sign === '-' ? -size : size;
}

const GO_UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Parses a duration of Go's `time` package (`1.5h`, `-300ms`, `1h2m`) into milliseconds, or `undefined`.
 *  Unlike Prometheus's it knows no days, and knows fractions and signs. */
export function parseGoDuration(text: string): number | undefined {
  if (/^[-+]?0$/.test(text)) return 0;
  const match = /^([-+]?)((?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.exec(text);
  if (match === null) return undefined;
  let total = 0;
  for (const [, count, unit] of match[2].matchAll(/([0-9.]+)([a-zµμ]+)/g)) total += Number(count) * GO_UNIT_MS[unit];
  return match[1] === '-' ? -total : total;
}

const BYTE_UNITS = ['', 'K', 'M', 'G', 'T', 'P', 'E'];

/** Parses a size such as `15MB`, `1GiB`, `1.5KB` or `0` into bytes. All units are powers of 1024; `1MB512KB` adds up.
 *  @throws {SyntaxError} With the words of the library that Prometheus uses.
 *  @see alecthomas/units ParseBase2Bytes */
export function parseBytes(text: string): number {
  const sign = text[0] === '-' ? -1 : 1;
  let rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0;
  if (rest === '') throw new SyntaxError(`units: invalid ${text}`);
  let total = 0;
  while (rest !== '') {
    const match = /^([0-9]*\.?[0-9]*)([^0-9.]*)/.exec(rest)!;
    const [whole, count, unit] = match;
    if (!/[0-9]/.test(count)) throw new SyntaxError(`units: invalid ${text}`);
    total += Number(count) * byteUnit(unit, text);
    rest = rest.slice(whole.length);
  }
  return sign * Math.trunc(total);
}

function byteUnit(unit: string, text: string): number {
  const power = BYTE_UNITS.findIndex((prefix, i) => unit === `${prefix}B` || (i > 0 && unit === `${prefix}iB`));
  if (power < 0) throw new SyntaxError(`units: unknown unit ${unit} in ${text}`);
  return 1024 ** power;
}
