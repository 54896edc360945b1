import { durationText } from '#shared/template/duration-text.ts';
import { UsageError } from '../command.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** A duration of Go, `2h30m` or `1.5h`, in milliseconds.
 *  @throws {UsageError} In Go's words. @see go/src/time/format.go ParseDuration */
export function parseGoDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  let totalMs = 0;
  const quoted = JSON.stringify(text);
  if (rest === '') throw new UsageError(`time: invalid duration ${quoted}`);
  while (rest !== '') {
    const count = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)/.exec(rest)?.[0];
    if (count === undefined) throw new UsageError(`time: invalid duration ${quoted}`);
    rest = rest.slice(count.length);
    const unit = /^[^0-9.]*/.exec(rest)![0];
    if (unit === '') throw new UsageError(`time: missing unit in duration ${quoted}`);
    if (!Object.hasOwn(UNIT_MS, unit)) {
      throw new UsageError(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    }
    rest = rest.slice(unit.length);
    totalMs += Number(count) * UNIT_MS[unit];
  }
  return sign * totalMs;
}

/** Milliseconds as Go prints a duration: `2h0m0s`, `14m35.001s`, `1ms`, `0s`. */
export function formatGoDuration(durationMs: number): string {
  return durationText(BigInt(Math.round(durationMs * 1e6)));
}
