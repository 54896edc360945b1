const UNIT_MS: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

const DURATION =
  /^(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?$/;

/** Go's int64 nanoseconds end at about 292 years. */
const MAX_DURATION_MS = 9_223_372_036_854;

/** Parses a Prometheus duration (`1h30m`, `0`, `5m`) into milliseconds.
 *  @throws {SyntaxError} With Prometheus's words.
 *  @see prometheus/common/model/time.go ParseDuration */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  if (text === '') throw new SyntaxError('empty duration string');
  const match = DURATION.exec(text);
  if (match === null) throw new SyntaxError(`not a valid duration string: "${text}"`);
  const units = ['y', 'w', 'd', 'h', 'm', 's', 'ms'];
  const total = units.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * UNIT_MS[unit], 0);
  if (total > MAX_DURATION_MS) throw new SyntaxError('duration out of range');
  return total;
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
