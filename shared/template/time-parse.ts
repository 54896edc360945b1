import { daysInMonth, isLeapYear, MONTHS, secondsFromCivil, WEEKDAYS } from './calendar.ts';
import { toBytes } from './go-string.ts';
import { type LayoutElement, type LayoutPart, layoutParts } from './time-layout.ts';
import type { Zone } from './value.ts';
import { fixedZone, UTC } from './zone.ts';

/** A time read by parseTime(). */
export interface ParsedTime {
  readonly seconds: number;
  readonly nanos: number;
  readonly zone: Zone;
}

/** What has been read so far. */
interface Fields {
  year: number;
  month: number | undefined;
  day: number | undefined;
  yearDay: number | undefined;
  hour: number;
  minute: number;
  second: number;
  nanos: number;
  half: 'am' | 'pm' | undefined;
  isUtc: boolean;
  offset: number | undefined;
  zoneName: string;
}

/** The value does not have the shape of the element. */
class BadElement extends Error {}

/** A number is outside of its range; the message names it. */
class OutOfRange extends Error {}

/** Reads a time as Go's time.ParseInLocation with UTC.
 *  @throws {SyntaxError} With Go's words: `parsing time "x" as "2006": cannot parse "x" as "2006"`. */
export function parseTime(layout: string, value: string): ParsedTime {
  const fields: Fields = {
    year: 0,
    month: undefined,
    day: undefined,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanos: 0,
    half: undefined,
    isUtc: false,
    offset: undefined,
    zoneName: '',
  };
  const parts = [...layoutParts(layout)];
  let rest = value;
  parts.forEach((part, i) => {
    rest = readPart({ layout, value, part, next: parts[i + 1]?.element, rest, fields });
  });
  return finish(fields, (problem) => new SyntaxError(`parsing time ${quote(value)}${problem}`));
}

interface Step {
  readonly layout: string;
  readonly value: string;
  readonly part: LayoutPart;
  readonly next: LayoutElement | undefined;
  readonly rest: string;
  readonly fields: Fields;
}

function readPart(step: Step): string {
  const { layout, value, part } = step;
  const cannot = (text: string, element: string, options?: ErrorOptions) =>
    new SyntaxError(
      `parsing time ${quote(value)} as ${quote(layout)}: cannot parse ${quote(text)} as ${quote(element)}`,
      options,
    );
  const skipped = skipPrefix(step.rest, part.prefix);
  if (!skipped.ok) throw cannot(skipped.rest, part.prefix);
  if (part.element === undefined) {
    if (skipped.rest !== '') throw new SyntaxError(`parsing time ${quote(value)}: extra text: ${quote(skipped.rest)}`);
    return '';
  }
  try {
    return readElement(part.element, part.text, skipped.rest, step);
  } catch (cause) {
    if (cause instanceof OutOfRange)
      throw new SyntaxError(`parsing time ${quote(value)}: ${cause.message} out of range`, { cause });
    if (cause instanceof BadElement) throw cannot(skipped.rest, part.text, { cause });
    throw cause;
  }
}

/** Go's package time quotes in a way of its own: everything but ASCII as bytes. */
function quote(text: string): string {
  let out = '';
  for (const byte of toBytes(text)) {
    const char = String.fromCharCode(byte);
    if (byte >= 0x80 || byte < 0x20) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += char === '"' || char === '\\' ? `\\${char}` : char;
  }
  return `"${out}"`;
}

/** Skips literal text; a run of spaces matches any run of spaces, also none at the end. */
function skipPrefix(value: string, prefix: string): { readonly ok: boolean; readonly rest: string } {
  let rest = value;
  let wanted = prefix;
  while (wanted !== '') {
    if (wanted[0] === ' ') {
      if (rest !== '' && rest[0] !== ' ') return { ok: false, rest };
      wanted = wanted.replace(/^ +/, '');
      rest = rest.replace(/^ +/, '');
    } else {
      if (rest[0] !== wanted[0]) return { ok: false, rest };
      wanted = wanted.slice(1);
      rest = rest.slice(1);
    }
  }
  return { ok: true, rest };
}

/** Reads one element into the fields and returns what follows it. */
function readElement(element: LayoutElement, text: string, rest: string, step: Step): string {
  const { fields } = step;
  switch (element) {
    case 'year': {
      const year = take(rest, /^[0-9]{2}/);
      fields.year = Number(year) + (Number(year) >= 69 ? 1900 : 2000);
      return rest.slice(2);
    }
    case 'longYear':
      fields.year = Number(take(rest, /^[0-9]{4}/));
      return rest.slice(4);
    case 'month':
    case 'longMonth': {
      const found = lookUp(MONTHS, rest, element === 'month');
      fields.month = found.index + 1;
      return rest.slice(found.length);
    }
    case 'weekday':
    case 'longWeekday':
      return rest.slice(lookUp(WEEKDAYS, rest, element === 'weekday').length);
    case 'PM':
    case 'pm': {
      const half = take(rest, element === 'PM' ? /^(?:AM|PM)/ : /^(?:am|pm)/);
      fields.half = half.toLowerCase() as 'am' | 'pm';
      return rest.slice(2);
    }
    case 'offset':
      return readOffset(rest, text, fields);
    case 'zoneName':
      return readZoneName(rest, fields);
    case 'fraction':
      return readFraction(rest, text, fields);
    default:
      return readNumber(element, rest, step);
  }
}

/** Elements that are one number: how many digits they must have, where it goes and its bounds. */
function readNumber(element: LayoutElement, rest: string, { fields, next }: Step): string {
  const isZeroPadded = element.startsWith('zero');
  switch (element) {
    case 'numMonth':
    case 'zeroMonth': {
      const digits = twoDigits(rest, isZeroPadded);
      fields.month = inRange(digits, 1, 12, 'month');
      return rest.slice(digits.length);
    }
    case 'day':
    case 'underDay':
    case 'zeroDay': {
      const shifted = element === 'underDay' && rest[0] === ' ' ? rest.slice(1) : rest;
      const digits = twoDigits(shifted, isZeroPadded);
      fields.day = Number(digits);
      return shifted.slice(digits.length);
    }
    case 'underYearDay':
    case 'zeroYearDay': {
      const shifted = element === 'underYearDay' ? rest.replace(/^ {0,2}/, '') : rest;
      const digits = take(shifted, isZeroPadded ? /^[0-9]{3}/ : /^[0-9]{1,3}/);
      fields.yearDay = Number(digits);
      return shifted.slice(digits.length);
    }
    case 'hour': {
      const digits = twoDigits(rest, false);
      fields.hour = inRange(digits, 0, 23, 'hour');
      return rest.slice(digits.length);
    }
    case 'hour12':
    case 'zeroHour12': {
      const digits = twoDigits(rest, isZeroPadded);
      fields.hour = inRange(digits, 0, 12, 'hour');
      return rest.slice(digits.length);
    }
    case 'minute':
    case 'zeroMinute': {
      const digits = twoDigits(rest, isZeroPadded);
      fields.minute = inRange(digits, 0, 59, 'minute');
      return rest.slice(digits.length);
    }
    default: {
      const digits = twoDigits(rest, isZeroPadded);
      fields.second = inRange(digits, 0, 59, 'second');
      const after = rest.slice(digits.length);
      // A fraction is read even where the layout has none.
      if (next === 'fraction' || !/^[.,][0-9]/.test(after)) return after;
      return readFraction(after, '.9', fields);
    }
  }
}

function take(rest: string, pattern: RegExp): string {
  const match = pattern.exec(rest);
  if (match === null) throw new BadElement();
  return match[0];
}

function twoDigits(rest: string, exactly: boolean): string {
  return take(rest, exactly ? /^[0-9]{2}/ : /^[0-9]{1,2}/);
}

function inRange(digits: string, from: number, to: number, what: string): number {
  const value = Number(digits);
  if (value < from || value > to) throw new OutOfRange(what);
  return value;
}

function lookUp(names: readonly string[], rest: string, short: boolean): { index: number; length: number } {
  const length = (name: string) => (short ? 3 : name.length);
  const index = names.findIndex(
    (name) => rest.slice(0, length(name)).toLowerCase() === name.slice(0, length(name)).toLowerCase(),
  );
  if (index < 0) throw new BadElement();
  return { index, length: length(names[index]) };
}

function readOffset(rest: string, text: string, fields: Fields): string {
  if (text[0] === 'Z' && rest[0] === 'Z') {
    fields.isUtc = true;
    return rest.slice(1);
  }
  const digits = take(rest, OFFSET_PATTERNS.get(text.slice(1))!);
  const [hours, minutes = 0, seconds = 0] = digits.slice(1).replaceAll(':', '').match(/../g)!.map(Number);
  if (hours > 24) throw new OutOfRange('time zone offset hour');
  if (minutes > 60) throw new OutOfRange('time zone offset minute');
  if (seconds > 60) throw new OutOfRange('time zone offset second');
  const size = hours * 3600 + minutes * 60 + seconds;
  fields.offset = digits[0] === '-' ? -size : size;
  return rest.slice(digits.length);
}

/** By the layout's text after its sign. */
const OFFSET_PATTERNS: ReadonlyMap<string, RegExp> = new Map([
  ['07', /^[+-][0-9]{2}/],
  ['0700', /^[+-][0-9]{4}/],
  ['07:00', /^[+-][0-9]{2}:[0-9]{2}/],
  ['070000', /^[+-][0-9]{6}/],
  ['07:00:00', /^[+-][0-9]{2}:[0-9]{2}:[0-9]{2}/],
]);

function readZoneName(rest: string, fields: Fields): string {
  if (rest.startsWith('UTC')) {
    fields.isUtc = true;
    return rest.slice(3);
  }
  const name = take(
    rest,
    /^(?:ChST|MeST|GMT(?:[+-](?:2[0-3]|[01]?[0-9])(?![0-9]))?|[+-](?:2[0-3]|[01]?[0-9])(?![0-9])|[A-Z]{4}T(?![A-Z])|(?:[A-Z]{3}T|WITA)(?![A-Z])|[A-Z]{3}(?![A-Z]))/,
  );
  fields.zoneName = name;
  return rest.slice(name.length);
}

/** `.000` wants exactly as many digits, `.999` takes any number or none. */
function readFraction(rest: string, text: string, fields: Fields): string {
  const isExact = text[1] === '0';
  if (!isExact && !/^[.,][0-9]/.test(rest)) return rest;
  const digits = isExact ? rest.slice(0, text.length) : take(rest, /^[.,][0-9]+/);
  if (digits.length < text.length && isExact) throw new BadElement();
  if (!/^[.,][0-9]+$/.test(digits)) throw new BadElement();
  fields.nanos = Number(digits.slice(1, 10).padEnd(9, '0'));
  return rest.slice(digits.length);
}

function finish(fields: Fields, problem: (text: string) => SyntaxError): ParsedTime {
  const { year, minute, second, nanos } = fields;
  let hour = fields.hour;
  if (fields.half === 'pm' && hour < 12) hour += 12;
  else if (fields.half === 'am' && hour === 12) hour = 0;
  const { month, day } =
    fields.yearDay === undefined ? { month: fields.month ?? 1, day: fields.day ?? 1 } : fromYearDay(fields, problem);
  if (day < 1 || day > daysInMonth(year, month)) throw problem(': day out of range');
  const seconds = secondsFromCivil({ year, month, day, hour, minute, second });
  if (fields.isUtc) return { seconds, nanos, zone: UTC };
  if (fields.offset !== undefined) return inOffset(seconds - fields.offset, nanos, fields.offset, fields.zoneName);
  if (fields.zoneName === '') return { seconds, nanos, zone: UTC };
  // The offset of a zone that is only named is unknown, but that of `GMT+3` is in its name; Go does not subtract it either.
  const offset = /^GMT./.test(fields.zoneName) ? Number(fields.zoneName.slice(3)) * 3600 : 0;
  return { seconds, nanos, zone: fixedZone(fields.zoneName, offset) };
}

function inOffset(seconds: number, nanos: number, offset: number, name: string): ParsedTime {
  const isUtc = offset === 0 && (name === '' || name === 'UTC');
  return { seconds, nanos, zone: isUtc ? UTC : fixedZone(name, offset) };
}

function fromYearDay(fields: Fields, problem: (text: string) => SyntaxError): { month: number; day: number } {
  const { year } = fields;
  let day = fields.yearDay!;
  if (day < 1 || day > (isLeapYear(year) ? 366 : 365)) throw problem(': day-of-year out of range');
  let month = 1;
  while (day > daysInMonth(year, month)) day -= daysInMonth(year, month++);
  if (fields.month !== undefined && fields.month !== month) throw problem(': day-of-year does not match month');
  if (fields.day !== undefined && fields.day !== day) throw problem(': day-of-year does not match day');
  return { month, day };
}
