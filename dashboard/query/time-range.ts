import { formatDuration, parseDuration } from '#shared/model/duration.ts';

/** The span of time that a graph shows. Milliseconds. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** What a user may step through with the buttons beside the range. */
export const RANGES_MS: readonly number[] = [
  '1m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '6h',
  '12h',
  '1d',
  '2d',
  '1w',
  '2w',
  '4w',
  '8w',
  '365d',
].map(parseDuration);

/** A graph has about this many points: more than a screen can tell apart only costs. */
const TARGET_POINTS = 250;
/** The server's limit. */
const MAX_POINTS = 11_000;

/** The step for a range when the user sets none: whole seconds, as Prometheus's own page takes it. */
export function automaticStepMs(rangeMs: number): number {
  return Math.max(Math.floor(rangeMs / TARGET_POINTS / 1000), 1) * 1000;
}

/** Resolves what a panel says into times. The end is moved to a multiple of the step, so that a graph that is drawn again
 *  a little later has the same points.
 *  @param endMs `undefined`: now.
 *  @param stepMs `undefined`: automatic. Made larger where the server would refuse so many points. */
export function resolveRange(
  panel: { readonly rangeMs: number; readonly endMs?: number; readonly stepMs?: number },
  nowMs: number,
): TimeRange {
  const wantedMs = panel.stepMs ?? automaticStepMs(panel.rangeMs);
  const stepMs = Math.max(wantedMs, Math.ceil(panel.rangeMs / (MAX_POINTS - 1)));
  const endMs = panel.endMs ?? Math.floor(nowMs / stepMs) * stepMs;
  return { startMs: endMs - panel.rangeMs, endMs, stepMs };
}

/** The next larger (`direction` 1) or smaller (-1) of the usual ranges. */
export function neighbourRange(rangeMs: number, direction: 1 | -1): number {
  if (direction === 1) return RANGES_MS.find((candidate) => candidate > rangeMs) ?? rangeMs;
  return RANGES_MS.findLast((candidate) => candidate < rangeMs) ?? rangeMs;
}

/** A range as a user types it: `1h`, `90m`, a number of seconds.
 *  @throws {SyntaxError | RangeError} */
export function parseRange(text: string): number {
  const trimmed = text.trim();
  const durationMs = /^[0-9]+(?:\.[0-9]+)?$/.test(trimmed) ? Number(trimmed) * 1000 : parseDuration(trimmed);
  if (durationMs < 1) throw new RangeError('expected a duration above 0, such as 1h');
  return Math.round(durationMs);
}

export function formatRange(durationMs: number): string {
  return formatDuration(durationMs);
}

/** A time in the notation of Prometheus's links, `2026-11-22 21:00:00` in UTC, also with a `T` or as Unix seconds.
 *  @returns `undefined` for what is no time. */
export function parseLinkTime(text: string): number | undefined {
  if (/^[0-9]+(?:\.[0-9]+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const match = /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?)Z?)?$/.exec(
    text,
  );
  if (match === null) return undefined;
  const timeMs = Date.parse(`${match[1]}T${match[2] ?? '00:00:00'}Z`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** @see parseLinkTime */
export function formatLinkTime(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ');
}
