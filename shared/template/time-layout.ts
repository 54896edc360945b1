import { type CivilTime, civilFromSeconds, MONTHS, WEEKDAYS, weekdayOf, yearDayOf } from './calendar.ts';
import type { GoTime } from './value.ts';

/** What an element of a Go time layout stands for. Literal text is `text`. */
export type LayoutElement =
  | 'longMonth'
  | 'month'
  | 'numMonth'
  | 'zeroMonth'
  | 'longWeekday'
  | 'weekday'
  | 'day'
  | 'underDay'
  | 'zeroDay'
  | 'underYearDay'
  | 'zeroYearDay'
  | 'hour'
  | 'hour12'
  | 'zeroHour12'
  | 'minute'
  | 'zeroMinute'
  | 'second'
  | 'zeroSecond'
  | 'longYear'
  | 'year'
  | 'PM'
  | 'pm'
  | 'zoneName'
  | 'offset'
  | 'fraction';

export interface LayoutPart {
  /** Literal text before the element. */
  readonly prefix: string;
  /** `undefined` at the end of the layout. */
  readonly element: LayoutElement | undefined;
  /** The element as written. */
  readonly text: string;
}

/** Elements with their reference time's text; where two begin alike, the one that Go tries first is first. */
const ELEMENTS: readonly (readonly [string, LayoutElement])[] = [
  ['January', 'longMonth'],
  ['Jan', 'month'],
  ['Monday', 'longWeekday'],
  ['Mon', 'weekday'],
  ['MST', 'zoneName'],
  ['01', 'zeroMonth'],
  ['02', 'zeroDay'],
  ['03', 'zeroHour12'],
  ['04', 'zeroMinute'],
  ['05', 'zeroSecond'],
  ['06', 'year'],
  ['002', 'zeroYearDay'],
  ['15', 'hour'],
  ['1', 'numMonth'],
  ['2006', 'longYear'],
  ['2', 'day'],
  ['_2', 'underDay'],
  ['__2', 'underYearDay'],
  ['3', 'hour12'],
  ['4', 'minute'],
  ['5', 'second'],
  ['PM', 'PM'],
  ['pm', 'pm'],
  ['-070000', 'offset'],
  ['-07:00:00', 'offset'],
  ['-0700', 'offset'],
  ['-07:00', 'offset'],
  ['-07', 'offset'],
  ['Z070000', 'offset'],
  ['Z07:00:00', 'offset'],
  ['Z0700', 'offset'],
  ['Z07:00', 'offset'],
  ['Z07', 'offset'],
];

/** Splits a layout such as `2006-01-02 15:04:05` into its elements. The last part has none.
 *  @see Go time/format.go nextStdChunk */
export function* layoutParts(layout: string): Generator<LayoutPart> {
  let from = 0;
  for (let i = 0; i < layout.length; ) {
    const found = elementAt(layout, i);
    if (found === undefined) i++;
    else {
      const start = i + found.skipped;
      yield { prefix: layout.slice(from, start), element: found.element, text: found.text };
      from = start + found.text.length;
      i = from;
    }
  }
  yield { prefix: layout.slice(from), element: undefined, text: '' };
}

function elementAt(layout: string, at: number): { element: LayoutElement; text: string; skipped: number } | undefined {
  const char = layout[at];
  if (char === '.' || char === ',') return fractionAt(layout, at);
  // `_2006` is a literal underscore and a year.
  if (layout.startsWith('_2006', at)) return { element: 'longYear', text: '2006', skipped: 1 };
  for (const [text, element] of ELEMENTS) {
    if (!layout.startsWith(text, at)) continue;
    const isPrefixOfWord = (element === 'month' || element === 'weekday') && /[a-z]/.test(layout[at + 3] ?? '');
    if (!isPrefixOfWord) return { element, text, skipped: 0 };
  }
  return undefined;
}

/** `.000` or `.999`, not followed by another digit. */
function fractionAt(layout: string, at: number): { element: LayoutElement; text: string; skipped: number } | undefined {
  const digit = layout[at + 1];
  if (digit !== '0' && digit !== '9') return undefined;
  let end = at + 1;
  while (layout[end] === digit) end++;
  if (/[0-9]/.test(layout[end] ?? '')) return undefined;
  return { element: 'fraction', text: layout.slice(at, end), skipped: 0 };
}

/** A time as Go's time.Format writes it. */
export function formatTime(time: GoTime, layout: string): string {
  const zone = time.zone.at(time.seconds);
  const local = time.seconds + zone.offset;
  const civil = civilFromSeconds(local);
  let out = '';
  for (const { prefix, element, text } of layoutParts(layout)) {
    out += prefix;
    if (element === 'zoneName')
      out += zone.abbreviation === '' ? formatOffset(zone.offset, '-0700') : zone.abbreviation;
    else if (element === 'offset') out += formatOffset(zone.offset, text);
    else if (element === 'fraction') out += formatFraction(time.nanos, text);
    else if (element === 'weekday') out += WEEKDAYS[weekdayOf(local)].slice(0, 3);
    else if (element === 'longWeekday') out += WEEKDAYS[weekdayOf(local)];
    else if (element !== undefined) out += formatCivil(civil, element);
  }
  return out;
}

function formatCivil(civil: CivilTime, element: LayoutElement): string {
  const { year, month, day, hour, minute, second } = civil;
  switch (element) {
    case 'year':
      return pad(Math.abs(year) % 100, 2);
    case 'longYear':
      return pad(year, 4);
    case 'month':
      return MONTHS[month - 1].slice(0, 3);
    case 'longMonth':
      return MONTHS[month - 1];
    case 'numMonth':
      return String(month);
    case 'zeroMonth':
      return pad(month, 2);
    case 'day':
      return String(day);
    case 'underDay':
      return String(day).padStart(2, ' ');
    case 'zeroDay':
      return pad(day, 2);
    case 'underYearDay':
      return String(yearDayOf(civil)).padStart(3, ' ');
    case 'zeroYearDay':
      return pad(yearDayOf(civil), 3);
    case 'hour':
      return pad(hour, 2);
    case 'hour12':
      return String(hour % 12 === 0 ? 12 : hour % 12);
    case 'zeroHour12':
      return pad(hour % 12 === 0 ? 12 : hour % 12, 2);
    case 'minute':
      return String(minute);
    case 'zeroMinute':
      return pad(minute, 2);
    case 'second':
      return String(second);
    case 'zeroSecond':
      return pad(second, 2);
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return hour >= 12 ? 'pm' : 'am';
    default:
      return '';
  }
}

function pad(value: number, digits: number): string {
  return value < 0 ? `-${String(-value).padStart(digits, '0')}` : String(value).padStart(digits, '0');
}

/** `text` is the element: `Z…` writes UTC as `Z`, a colon separates, its length says whether minutes and seconds are shown. */
function formatOffset(offset: number, text: string): string {
  if (offset === 0 && text[0] === 'Z') return 'Z';
  const size = Math.abs(offset);
  const parts = [pad(Math.floor(size / 3600), 2)];
  const digits = text.replaceAll(':', '').length;
  if (digits > 3) parts.push(pad(Math.floor(size / 60) % 60, 2));
  if (digits > 5) parts.push(pad(size % 60, 2));
  return (offset < 0 && Math.trunc(offset / 60) < 0 ? '-' : '+') + parts.join(text.includes(':') ? ':' : '');
}

/** `.000` shows all digits, at most nine, `.999` drops trailing zeros. */
function formatFraction(nanos: number, text: string): string {
  const digits = pad(nanos, 9).slice(0, text.length - 1);
  const shown = text[1] === '9' ? digits.replace(/0+$/, '') : digits;
  return shown === '' ? '' : text[0] + shown;
}
