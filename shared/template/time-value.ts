import { civilFromSeconds, MONTHS, secondsFromCivil, WEEKDAYS, weekdayOf, yearDayOf } from './calendar.ts';
import { durationText } from './duration-text.ts';
import { quote } from './go-string.ts';
import { FunctionError } from './template-error.ts';
import { formatTime } from './time-layout.ts';
import {
  type GoInt,
  type GoTime,
  type GoType,
  INT,
  INT64,
  INTERFACE,
  type Method,
  STRING,
  type TypedValue,
  type Value,
  type Zone,
} from './value.ts';
import { UTC } from './zone.ts';

/** Nanoseconds in a second. */
const SECOND = 1_000_000_000n;

/** Seconds from year 1, where Go's zero time is, to 1970. */
const ZERO_SECONDS = -62_135_596_800;

const RFC3339_NANO = '2006-01-02T15:04:05.999999999Z07:00';

const INT64_LIMIT = 0x8000000000000000n;

/** Go's time.Time. */
export const TIME: GoType = { name: 'time.Time', kind: 'struct', methods: timeMethods() };

/** Go's time.Duration: an integer of nanoseconds that prints as `1h2m3s`. */
export const DURATION: GoType = { name: 'time.Duration', kind: 'int', methods: durationMethods() };

const MONTH: GoType = { name: 'time.Month', kind: 'int', methods: namedMethods(MONTHS, 1n) };
const WEEKDAY: GoType = { name: 'time.Weekday', kind: 'int', methods: namedMethods(WEEKDAYS, 0n) };
const LOCATION: GoType = {
  name: '*time.Location',
  kind: 'pointer',
  methods: new Map([['String', { params: [], call: (zone) => (zone as { fields: readonly Value[] }).fields[0] }]]),
};

export function timeFromMs(ms: number): GoTime {
  const seconds = Math.floor(ms / 1000);
  return makeTime(seconds, Math.round((ms - seconds * 1000) * 1e6), UTC);
}

export function makeTime(seconds: number, nanos: number, zone: Zone): GoTime {
  return { kind: 'time', type: TIME, seconds, nanos, zone };
}

/** Go's zero time, 1 January of year 1: a time that is not set. */
export function zeroTime(): GoTime {
  return makeTime(ZERO_SECONDS, 0, UTC);
}

export function inZone(time: GoTime, zone: Zone): GoTime {
  return { ...time, zone };
}

/** @param nanos As many nanoseconds as fit an int64; more wrap around as in Go. */
export function duration(nanos: bigint): GoInt {
  return { kind: 'int', type: DURATION, value: BigInt.asIntN(64, nanos) };
}

/** `later` − `earlier`, at most the largest duration. */
export function timeBetween(later: GoTime, earlier: GoTime): GoInt {
  const nanos = totalNanos(later) - totalNanos(earlier);
  if (nanos >= INT64_LIMIT) return duration(INT64_LIMIT - 1n);
  return duration(nanos < -INT64_LIMIT ? -INT64_LIMIT : nanos);
}

/** RFC 3339 with as many digits of the second as needed; how a time looks in JSON. */
export function timeJson(time: GoTime): string {
  return formatTime(time, RFC3339_NANO);
}

function totalNanos(time: GoTime): bigint {
  return BigInt(time.seconds) * SECOND + BigInt(time.nanos);
}

function fromTotalNanos(nanos: bigint, zone: Zone): GoTime {
  const rest = ((nanos % SECOND) + SECOND) % SECOND;
  return makeTime(Number((nanos - rest) / SECOND), Number(rest), zone);
}

function timeMethods(): ReadonlyMap<string, Method> {
  const get = (read: (time: GoTime) => Value): Method => ({ params: [], call: (time) => read(time as GoTime) });
  const civil = (time: GoTime) => civilFromSeconds(time.seconds + time.zone.at(time.seconds).offset);
  const compare = (test: (difference: bigint) => Value): Method => ({
    params: [timeType()],
    call: (a, b) => test(totalNanos(a as GoTime) - totalNanos(b as GoTime)),
  });
  return new Map<string, Method>([
    [
      'Add',
      {
        params: [durationType()],
        call: (time, d) => fromTotalNanos(totalNanos(time as GoTime) + (d as GoInt).value, (time as GoTime).zone),
      },
    ],
    [
      'AddDate',
      {
        params: [INT, INT, INT],
        call: (time, years, months, days) => addDate(time as GoTime, Number(years), Number(months), Number(days)),
      },
    ],
    ['After', compare((difference) => difference > 0n)],
    ['Before', compare((difference) => difference < 0n)],
    ['Equal', compare((difference) => difference === 0n)],
    ['Compare', compare((difference) => (difference < 0n ? -1n : difference > 0n ? 1n : 0n))],
    ['Clock', { params: [], results: 3, call: () => undefined }],
    ['Date', { params: [], results: 3, call: () => undefined }],
    ['ISOWeek', { params: [], results: 2, call: () => undefined }],
    ['Zone', { params: [], results: 2, call: () => undefined }],
    ['Day', get((time) => BigInt(civil(time).day))],
    ['Format', { params: [STRING], call: (time, layout) => formatTime(time as GoTime, layout as string) }],
    ['GoString', get(timeSyntax)],
    ['Hour', get((time) => BigInt(civil(time).hour))],
    ['In', { params: [INTERFACE], call: () => refuse('In is not supported, use tz') }],
    ['IsZero', get((time) => time.seconds === ZERO_SECONDS && time.nanos === 0)],
    ['Local', get((time) => inZone(time, UTC))],
    ['Location', get((time) => location(time.zone))],
    ['Minute', get((time) => BigInt(civil(time).minute))],
    ['Month', get((time) => ({ kind: 'int', type: MONTH, value: BigInt(civil(time).month) }))],
    ['Nanosecond', get((time) => BigInt(time.nanos))],
    ['Round', { params: [durationType()], call: (time, d) => roundTime(time as GoTime, (d as GoInt).value, true) }],
    ['Second', get((time) => BigInt(civil(time).second))],
    ['String', get((time) => formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST'))],
    ['Sub', { params: [timeType()], call: (a, b) => timeBetween(a as GoTime, b as GoTime) }],
    ['Truncate', { params: [durationType()], call: (time, d) => roundTime(time as GoTime, (d as GoInt).value, false) }],
    ['UTC', get((time) => inZone(time, UTC))],
    ['Unix', get((time) => int64(BigInt(time.seconds)))],
    ['UnixMicro', get((time) => int64((totalNanos(time) - BigInt(time.nanos % 1000)) / 1000n))],
    ['UnixMilli', get((time) => int64((totalNanos(time) - BigInt(time.nanos % 1_000_000)) / 1_000_000n))],
    ['UnixNano', get((time) => int64(BigInt.asIntN(64, totalNanos(time))))],
    [
      'Weekday',
      get((time) => ({
        kind: 'int',
        type: WEEKDAY,
        value: BigInt(weekdayOf(time.seconds + time.zone.at(time.seconds).offset)),
      })),
    ],
    ['Year', get((time) => BigInt(civil(time).year))],
    ['YearDay', get((time) => BigInt(yearDayOf(civil(time))))],
  ]);
}

/** `time.Date(2024, time.January, 2, 15, 4, 5, 0, time.UTC)` */
function timeSyntax(time: GoTime): string {
  const { year, month, day, hour, minute, second } = civilFromSeconds(time.seconds + time.zone.at(time.seconds).offset);
  const zone = time.zone.name === 'UTC' ? 'time.UTC' : `time.Location(${quote(time.zone.name)})`;
  return `time.Date(${year}, time.${MONTHS[month - 1]}, ${day}, ${hour}, ${minute}, ${second}, ${time.nanos}, ${zone})`;
}

/** Methods mention the types they belong to; while those are being made only the name counts. */
function timeType(): GoType {
  return { name: 'time.Time', kind: 'struct' };
}

function durationType(): GoType {
  return { name: 'time.Duration', kind: 'int' };
}

function location(zone: Zone): Value {
  return { kind: 'struct', type: LOCATION, fields: [zone.name] };
}

function int64(value: bigint): GoInt {
  return { kind: 'int', type: INT64, value };
}

/** Counts years, months and days on the local calendar, then finds the offset that holds there.
 *  @throws {FunctionError} */
function addDate(time: GoTime, years: number, months: number, days: number): GoTime {
  const civil = civilFromSeconds(time.seconds + time.zone.at(time.seconds).offset);
  if (Math.max(Math.abs(years), Math.abs(months), Math.abs(days)) > 1e7)
    throw new FunctionError('date is out of range');
  const moved = { ...civil, year: civil.year + years, month: civil.month + months, day: civil.day + days };
  const local = secondsFromCivil(moved);
  const offset = time.zone.at(local - time.zone.at(local).offset).offset;
  return { ...time, seconds: local - offset };
}

function refuse(problem: string): never {
  throw new FunctionError(problem);
}

/** Rounds since Go's zero time, half up, or down. */
function roundTime(time: GoTime, unit: bigint, half: boolean): GoTime {
  if (unit <= 0n) return time;
  const since = totalNanos(time) - BigInt(ZERO_SECONDS) * SECOND;
  const rest = ((since % unit) + unit) % unit;
  const up = half && rest * 2n >= unit;
  return fromTotalNanos(totalNanos(time) - rest + (up ? unit : 0n), time.zone);
}

function namedMethods(names: readonly string[], first: bigint): ReadonlyMap<string, Method> {
  const text = (value: TypedValue) => names[Number((value as GoInt).value - first)];
  return new Map([['String', { params: [], call: text }]]);
}

function durationMethods(): ReadonlyMap<string, Method> {
  const get = (read: (nanos: bigint) => Value): Method => ({
    params: [],
    call: (value) => read((value as GoInt).value),
  });
  const inUnits = (unit: bigint) => get((nanos) => Number(nanos / unit) + Number(nanos % unit) / Number(unit));
  const rounded = (half: boolean): Method => ({
    params: [durationType()],
    call: (value, unit) => duration(roundNanos((value as GoInt).value, (unit as GoInt).value, half)),
  });
  return new Map<string, Method>([
    ['Abs', get((nanos) => duration(nanos === -INT64_LIMIT ? INT64_LIMIT - 1n : nanos < 0n ? -nanos : nanos))],
    ['Hours', inUnits(3600n * SECOND)],
    ['Minutes', inUnits(60n * SECOND)],
    ['Seconds', inUnits(SECOND)],
    ['Milliseconds', get((nanos) => int64(nanos / 1_000_000n))],
    ['Microseconds', get((nanos) => int64(nanos / 1000n))],
    ['Nanoseconds', get((nanos) => int64(nanos))],
    ['Round', rounded(true)],
    ['Truncate', rounded(false)],
    ['String', get(durationText)],
  ]);
}

/** Rounds half away from zero, or towards zero. */
function roundNanos(nanos: bigint, unit: bigint, half: boolean): bigint {
  if (unit <= 0n) return nanos;
  const rest = nanos % unit;
  const size = rest < 0n ? -rest : rest;
  const away = half && size * 2n >= unit ? (nanos < 0n ? -unit : unit) : 0n;
  return nanos - rest + away;
}
