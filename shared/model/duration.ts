import { goQuote } from './labels.ts';

/** From the largest to the smallest, as they must follow one another. */
const UNIT_MS: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

const UNITS = Object.keys(UNIT_MS);

/** Go's int64 nanoseconds end at about 292 years. */
const MAX_DURATION_MS = 9_223_372_036_854;

/** The largest number that Go reads, 2⁶⁴ − 1. */
const MAX_COUNT = 18_446_744_073_709_551_615n;

/** Parses a Prometheus duration (`1h30m`, `0`, `5m`) into milliseconds.
 *  @throws {SyntaxError | RangeError} With Prometheus's words.
 *  @see prometheus/common/model/time.go ParseDuration */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (text === '') throw new SyntaxError('empty duration string');
  let totalMs = 0;
  let lastUnit = -1;
  for (let rest = text; rest !== ''; ) {
    const [part, count, unit] = /^([0-9]+)([^0-9]+)/.exec(rest) ?? [];
    if (part === undefined || BigInt(count) > MAX_COUNT) throw notDuration(text);
    const order = UNITS.indexOf(unit);
    if (order < 0) throw new SyntaxError(`unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`);
    if (order <= lastUnit) throw notDuration(text);
    lastUnit = order;
    totalMs += Number(count) * UNIT_MS[unit];
    if (totalMs > MAX_DURATION_MS) throw new RangeError('duration out of range');
    rest = rest.slice(part.length);
  }
  return totalMs;
}

function notDuration(text: string): SyntaxError {
  return new SyntaxError(`not a valid duration string: ${goQuote(text)}`);
}

/** Formats milliseconds as Prometheus does: `1h30m`, `15s`, `0s`. Weeks and years only when nothing is left over.
 *  @see prometheus/common/model/time.go Duration.String */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  let rest = Math.abs(Math.trunc(durationMs));
  let out = durationMs < 0 ? '-' : '';
  const take = (unit: string, exact: boolean) => {
    if (exact && rest % UNIT_MS[unit] !== 0) return;
    const count = Math.floor(rest / UNIT_MS[unit]);
    if (count === 0) return;
    out += `${count}${unit}`;
    rest -= count * UNIT_MS[unit];
  };
  take('y', true);
  take('w', true);
  take('d', false);
  take('h', false);
  take('m', false);
  take('s', false);
  take('ms', false);
  return out;
}
