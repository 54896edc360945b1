import { sprintf } from './format.ts';
import { parseFloat64 } from './go-number.ts';
import { quote } from './go-string.ts';
import { FunctionError } from './template-error.ts';
import { makeTime } from './time-value.ts';
import { type GoTime, isTyped, methodText, typeName, type Value } from './value.ts';
import { UTC } from './zone.ts';

/** Numbers for people: Prometheus's functions of the same names.
 *  @see prometheus/template/template.go, prometheus/common/helpers/templates/time.go */

const SMALL_PREFIXES = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];
const LARGE_PREFIXES = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const BINARY_PREFIXES = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];

/** A number, or a string that is one, as a float.
 *  @throws {FunctionError} For everything else. */
export function toFloat(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') return parseFloatText(value);
  if (isTyped(value) && value.kind === 'int') {
    if (value.type.name === 'time.Duration')
      return Number(value.value / 1_000_000_000n) + Number(value.value % 1_000_000_000n) / 1e9;
    if (value.type.name === 'int64') return Number(value.value);
  }
  throw new FunctionError(`can't convert ${typeName(value ?? undefined)} to float`);
}

function parseFloatText(text: string): number {
  const value = parseFloat64(text);
  if (value === undefined) throw new FunctionError(`strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`);
  const isWrittenInfinite = /inf/i.test(text);
  if (!Number.isFinite(value) && !Number.isNaN(value) && !isWrittenInfinite) {
    throw new FunctionError(`strconv.ParseFloat: parsing ${quote(text)}: value out of range`);
  }
  return value;
}

/** Four significant digits and an SI prefix: `1.235M`. */
export function humanize(input: Value): string {
  const value = toFloat(input);
  if (value === 0 || !Number.isFinite(value)) return short(value);
  return Math.abs(value) >= 1 ? scaleDown(value, 1000, LARGE_PREFIXES) : scaleUp(value);
}

/** Four significant digits and a binary prefix: `1.5Mi`. */
export function humanize1024(input: Value): string {
  const value = toFloat(input);
  return Math.abs(value) <= 1 || !Number.isFinite(value) ? short(value) : scaleDown(value, 1024, BINARY_PREFIXES);
}

/** Seconds as days, hours, minutes and seconds, or with a prefix below one second. */
export function humanizeDuration(input: Value): string {
  const value = toFloat(input);
  if (!Number.isFinite(value)) return short(value);
  if (value === 0) return `${short(value)}s`;
  if (Math.abs(value) < 1) return `${scaleUp(value)}s`;
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  const whole = toInt64(size);
  const [seconds, minutes, hours, days] = [whole % 60n, (whole / 60n) % 60n, (whole / 3600n) % 24n, whole / 86_400n];
  if (days !== 0n) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`;
  if (hours !== 0n) return `${sign}${hours}h ${minutes}m ${seconds}s`;
  if (minutes !== 0n) return `${sign}${minutes}m ${seconds}s`;
  return `${sign}${short(size)}s`;
}

/** A ratio as a percentage: `25.3%`. */
export function humanizePercentage(input: Value): string {
  return `${short(toFloat(input) * 100)}%`;
}

/** Unix seconds as a date in UTC; NaN and infinities as they are. */
export function humanizeTimestamp(input: Value): string {
  const value = toFloat(input);
  if (!Number.isFinite(value)) return short(value);
  return methodText(timeOfSeconds(value), 'String')!;
}

/** The time of Unix seconds, to the millisecond.
 *  @throws {FunctionError} When it is NaN, infinite or beyond int64 nanoseconds. */
export function timeOfSeconds(value: number): GoTime {
  if (!Number.isFinite(value)) throw new FunctionError('value is NaN or Inf');
  const nanos = value * 1e9;
  if (nanos > 2 ** 63 || nanos < -(2 ** 63)) {
    throw new FunctionError(
      `${general(value)} cannot be represented as a nanoseconds timestamp since it overflows int64`,
    );
  }
  const ms = toInt64(nanos) / 1_000_000n;
  const seconds = Number(ms >= 0n ? ms / 1000n : (ms - 999n) / 1000n);
  return makeTime(seconds, Number(ms - BigInt(seconds) * 1000n) * 1_000_000, UTC);
}

/** Go's conversion of a float to int64, which for one too large gives the smallest. */
export function toInt64(value: number): bigint {
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

function scaleDown(value: number, base: number, prefixes: readonly string[]): string {
  let scaled = value;
  let prefix = '';
  for (const next of prefixes) {
    if (Math.abs(scaled) < base) break;
    prefix = next;
    scaled /= base;
  }
  return short(scaled) + prefix;
}

function scaleUp(value: number): string {
  let scaled = value;
  let prefix = '';
  for (const next of SMALL_PREFIXES) {
    if (Math.abs(scaled) >= 1) break;
    prefix = next;
    scaled *= 1000;
  }
  return short(scaled) + prefix;
}

/** `%.4g` */
function short(value: number): string {
  return sprintf('%.4g', [value], { maxLength: 100 });
}

function general(value: number): string {
  return sprintf('%v', [value], { maxLength: 400 });
}
