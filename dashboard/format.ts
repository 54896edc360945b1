import { formatDuration } from '#shared/model/duration.ts';

/** Times are shown in the browser's zone or in UTC. */
export type Zone = 'local' | 'utc';

/** Go's zero time, which stands for "never". */
const NEVER = '0001-01-01T00:00:00Z';

/** Unix milliseconds of an RFC 3339 time; `undefined` for one that means never. */
export function parseWireTime(text: string): number | undefined {
  if (text === NEVER || text === '') return undefined;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

/** `2026-11-22 21:05:09`, in UTC or in the browser's zone. */
export function formatTime(timeMs: number, zone: Zone): string {
  const date = new Date(timeMs);
  // Local parts, shifted so that the UTC getters of toISOString give them.
  const shown = zone === 'utc' ? date : new Date(timeMs - date.getTimezoneOffset() * 60_000);
  return shown.toISOString().slice(0, 19).replace('T', ' ');
}

/** `12s ago`, `in 2h`, `now`: the two largest units. */
export function formatRelative(timeMs: number, nowMs: number): string {
  const distanceMs = timeMs - nowMs;
  if (Math.abs(distanceMs) < 1000) return 'now';
  const text = formatRoughDuration(Math.abs(distanceMs));
  return distanceMs < 0 ? `${text} ago` : `in ${text}`;
}

/** A duration to its two largest units: `1d 3h`, `12s`, `250ms`. */
export function formatRoughDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)}ms`;
  const units = formatDuration(Math.floor(durationMs / 1000) * 1000).match(/[0-9]+[a-z]+/g);
  return (units ?? ['0s']).slice(0, 2).join(' ');
}

/** Seconds as `1.2ms`, `340ms`, `2.1s`. */
export function formatSeconds(seconds: number): string {
  if (seconds === 0) return '0s';
  if (seconds < 0.0995) return `${Number((seconds * 1000).toPrecision(2))}ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  return seconds < 60 ? `${Number(seconds.toFixed(1))}s` : formatRoughDuration(seconds * 1000);
}

const SI_UNITS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** A number for an axis or a legend: at most `digits` significant digits, `k`, `M`, `G`, `T` from ten thousand on. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size < 10_000) return String(Number(value.toPrecision(digits)));
  for (const [factor, unit] of SI_UNITS) {
    if (size >= factor && size < 1e16) return `${Number((value / factor).toPrecision(digits))}${unit}`;
  }
  return value.toExponential(digits - 1).replace(/\.?0+e/, 'e');
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** `1 alert`, `2 alerts`. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
