import { parseGoFloat } from '#shared/exposition/float-text.ts';
import { parseDuration } from '#shared/model/duration.ts';
import { goQuote } from '#shared/model/labels.ts';
import { parseTime } from '#shared/template/time-parse.ts';
import { invalidParameter } from './errors.ts';

/** The parameters of a request, those of a form in the body before those of the URL, as Go's `FormValue` has them. */
export interface Params {
  /** The first value; `''` when there is none. */
  get(name: string): string;
  all(name: string): readonly string[];
}

export function createParams(...sources: readonly URLSearchParams[]): Params {
  return {
    all: (name) => sources.flatMap((source) => source.getAll(name)),
    get(name) {
      for (const source of sources) {
        const value = source.get(name);
        if (value !== null) return value;
      }
      return '';
    },
  };
}

/** Go's int64 milliseconds end here, and with them Prometheus's times. */
const MAX_TIME_MS = 2 ** 63;

/** Where the optional `start` and `end` are when they are not given: before and after all samples. */
export const MIN_TIME_MS = -9_223_309_901_257_974 * 1000;
export const MAX_DEFAULT_TIME_MS = -MIN_TIME_MS;

/** The earliest and latest times that clients send, which have years of six digits. */
const BOUNDARY_TIMES: ReadonlyMap<string, number> = new Map([
  ['-292273086-05-16T16:47:06Z', MIN_TIME_MS],
  ['292277025-08-18T07:12:54.999999999Z', MAX_DEFAULT_TIME_MS],
]);

/** Unix seconds with decimals, or RFC 3339, as Unix milliseconds.
 *  @throws {SyntaxError} `cannot parse "x" to a valid timestamp`.
 *  @see prometheus/web/api/v1/api.go parseTime */
export function parseTimestamp(text: string): number {
  const seconds = parseGoFloat(text);
  const timeMs = typeof seconds === 'number' ? secondsToMs(seconds) : (parseRfc3339(text) ?? BOUNDARY_TIMES.get(text));
  // Upstream lets NaN and times beyond int64 wrap around.
  if (timeMs === undefined || !(Math.abs(timeMs) <= MAX_TIME_MS)) {
    throw new SyntaxError(`cannot parse ${goQuote(text)} to a valid timestamp`);
  }
  return timeMs;
}

/** Upstream's own steps, so that rounding is the same: milliseconds rounded, then cut to whole nanoseconds. */
function secondsToMs(seconds: number): number {
  const whole = Math.trunc(seconds);
  const fraction = roundHalfAway((seconds - whole) * 1000) / 1000;
  return whole * 1000 + Math.floor(Math.trunc(fraction * 1e9) / 1e6);
}

function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

/** Of fractions of a second only the milliseconds count. */
function parseRfc3339(text: string): number | undefined {
  try {
    const { seconds, nanos } = parseTime('2006-01-02T15:04:05.999999999Z07:00', text);
    return seconds * 1000 + Math.floor(nanos / 1e6);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Seconds with decimals, or a Prometheus duration such as `1h30m`, as milliseconds with whole nanoseconds.
 *  @throws {SyntaxError} `cannot parse "x" to a valid duration`.
 *  @see prometheus/web/api/v1/api.go parseDuration */
export function parseDurationParam(text: string): number {
  const seconds = parseGoFloat(text);
  if (typeof seconds === 'number') {
    const nanos = seconds * 1e9;
    if (!(Math.abs(nanos) < 2 ** 63)) {
      throw new SyntaxError(`cannot parse ${goQuote(text)} to a valid duration. It overflows int64`);
    }
    return Math.trunc(nanos) / 1e6;
  }
  try {
    return parseDuration(text);
  } catch (cause) {
    throw new SyntaxError(`cannot parse ${goQuote(text)} to a valid duration`, { cause });
  }
}

/** An integer as Go's `strconv.Atoi` reads it. @throws {SyntaxError | RangeError} With Go's words. */
export function parseInteger(text: string): number {
  if (!/^[+-]?[0-9]+$/.test(text)) throw new SyntaxError(`strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`);
  const value = Number(text);
  if (value >= 2 ** 63 || value < -(2 ** 63)) {
    throw new RangeError(`strconv.Atoi: parsing ${goQuote(text)}: value out of range`);
  }
  return value;
}

/** A boolean as Go's `strconv.ParseBool` reads it. @throws {SyntaxError} With Go's words. */
export function parseBoolean(text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw new SyntaxError(`strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`);
}

/** Runs a parser on a parameter. @throws {ApiError} `invalid parameter "<name>": <problem>` when it throws. */
export function readParam<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) throw invalidParameter(name, error.message);
    throw error;
  }
}

/** An optional time. @throws {ApiError} */
export function timeParam(params: Params, name: string, fallbackMs: number): number {
  const text = params.get(name);
  if (text === '') return fallbackMs;
  return readParam(name, () => {
    try {
      return parseTimestamp(text);
    } catch (cause) {
      throw new SyntaxError(`invalid time value for '${name}': ${(cause as Error).message}`, { cause });
    }
  });
}

/** The parameter `limit`; 0 is none. @throws {ApiError} */
export function limitParam(params: Params): number {
  const text = params.get('limit');
  if (text === '') return 0;
  return readParam('limit', () => {
    const limit = parseInteger(text);
    if (limit < 0) throw new RangeError('limit must be non-negative');
    return limit;
  });
}
