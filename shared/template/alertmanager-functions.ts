import { fromBytes, quote, toBytes } from './go-string.ts';
import { humanizeDuration } from './humanize.ts';
import { toJson } from './json.ts';
import { FunctionError } from './template-error.ts';
import { textFunctions } from './text-functions.ts';
import { formatTime } from './time-layout.ts';
import { parseTime } from './time-parse.ts';
import { inZone, makeTime, TIME, timeBetween, timeFromMs, zeroTime } from './time-value.ts';
import { titleCase } from './title-case.ts';
import {
  ANY_LIST,
  ANY_MAP,
  type GoList,
  type GoTime,
  INTERFACE,
  list,
  map,
  STRING,
  STRING_LIST,
  type TemplateFunction,
  URL_TYPE,
  type Value,
} from './value.ts';
import { loadZone } from './zone.ts';

export interface AlertmanagerFunctionOptions {
  /** Unix milliseconds. */
  readonly nowMs: () => number;
  /** Of a text that `toJson` makes, in UTF-16 units. */
  readonly maxLength: number;
}

/** The functions of notification templates, except `routeLabels`, which belongs to one notification.
 *  @see alertmanager/template/template.go DefaultFuncs */
export function alertmanagerFunctions({
  nowMs,
  maxLength,
}: AlertmanagerFunctionOptions): ReadonlyMap<string, TemplateFunction> {
  return new Map<string, TemplateFunction>([
    ...textFunctions(),
    ['title', { params: [STRING], call: (text) => titleCase(text as string, { keepRest: false }) }],
    ['trimSpace', { params: [STRING], call: (text) => trimSpace(text as string) }],
    [
      'join',
      { params: [STRING, STRING_LIST], call: (separator, items) => (items as GoList).items.join(separator as string) },
    ],
    ['safeUrl', { params: [STRING], call: (text) => ({ kind: 'string', type: URL_TYPE, value: text as string }) }],
    ['urlUnescape', { params: [STRING], call: (text) => queryUnescape(text as string) }],
    ['stringSlice', { params: [STRING], variadic: true, call: (...items) => list(STRING_LIST, items) }],
    ['date', { params: [STRING, TIME], call: (layout, time) => formatTime(time as GoTime, layout as string) }],
    ['tz', { params: [STRING, TIME], call: (name, time) => inZone(time as GoTime, loadZone(name as string)) }],
    ['now', { params: [], call: () => timeFromMs(nowMs()) }],
    ['since', { params: [TIME], call: (time) => timeBetween(timeFromMs(nowMs()), time as GoTime) }],
    ['humanizeDuration', { params: [INTERFACE], call: humanizeDuration }],
    [
      'toDate',
      { params: [STRING, STRING], call: (layout, text) => timeOf(layout as string, text as string) ?? zeroTime() },
    ],
    ['mustToDate', { params: [STRING, STRING], call: (layout, text) => mustTimeOf(layout as string, text as string) }],
    ['toJson', { params: [INTERFACE], call: (value) => toJson(value, maxLength) }],
    ['base64encode', { params: [STRING], call: (text) => base64Encode(text as string) }],
    ['base64decode', { params: [STRING], call: (text) => base64Decode(text as string) }],
    ['list', { params: [INTERFACE], variadic: true, call: (...items) => list(ANY_LIST, items) }],
    [
      'append',
      {
        params: [ANY_LIST, INTERFACE],
        variadic: true,
        call: (items, ...more) => list(ANY_LIST, [...(items as GoList).items, ...more]),
      },
    ],
    ['dict', { params: [INTERFACE], variadic: true, call: (...items) => dictionary(items) }],
  ]);
}

function timeOf(layout: string, text: string): GoTime | undefined {
  try {
    return mustTimeOf(layout, text);
  } catch (cause) {
    if (cause instanceof FunctionError) return undefined;
    throw cause;
  }
}

function mustTimeOf(layout: string, text: string): GoTime {
  try {
    const { seconds, nanos, zone } = parseTime(layout, text);
    return makeTime(seconds, nanos, zone);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new FunctionError(cause.message, { cause });
    throw cause;
  }
}

function dictionary(items: readonly Value[]): Value {
  if (items.length % 2 !== 0) throw new FunctionError('dict requires an even number of arguments');
  const entries: [string, Value][] = [];
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i];
    if (typeof key !== 'string') throw new FunctionError('dict keys must be strings');
    entries.push([key, items[i + 1]]);
  }
  return map(ANY_MAP, entries);
}

/** Without white space around it, as Go's strings.TrimSpace. */
function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start])) start++;
  while (end > start && isSpace(text[end - 1])) end--;
  return text.slice(start, end);
}

function isSpace(char: string): boolean {
  return /^\p{White_Space}$/u.test(char);
}

/** Decodes `%20` and `+` as Go's url.QueryUnescape. */
function queryUnescape(text: string): string {
  const bytes = toBytes(text);
  const out: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x25) {
      out.push(bytes[i] === 0x2b ? 0x20 : bytes[i]);
      continue;
    }
    const digits = fromBytes(bytes.subarray(i, i + 3));
    if (!/^%[0-9a-fA-F]{2}$/.test(digits)) throw new FunctionError(`invalid URL escape ${quote(digits)}`);
    out.push(Number.parseInt(digits.slice(1), 16));
    i += 2;
  }
  return fromBytes(Uint8Array.from(out));
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The URL-safe alphabet, with padding. */
function base64Encode(text: string): string {
  const bytes = toBytes(text);
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const count = Math.min(bytes.length - i, 3) + 1;
    for (let k = 0; k < 4; k++) out += k < count ? BASE64[(bits >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

function base64Decode(text: string): string {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\n' || char === '\r') continue;
    if (char === '=') {
      checkPadding(text, i, count % 4);
      break;
    }
    const digit = BASE64.indexOf(char);
    if (digit < 0) throw illegalBase64(text, i);
    bits = ((bits << 6) | digit) & 0xffffff;
    count++;
    if (count % 4 === 0) bytes.push(bits >> 16, (bits >> 8) & 255, bits & 255);
  }
  const left = count % 4;
  if (left > 0 && !text.includes('=')) throw illegalBase64(text, text.length - left);
  if (left === 2) bytes.push((bits >> 4) & 255);
  if (left === 3) bytes.push((bits >> 10) & 255, (bits >> 2) & 255);
  return fromBytes(Uint8Array.from(bytes));
}

/** @param inGroup How many of the last four characters were read before the padding. */
function checkPadding(text: string, at: number, inGroup: number): void {
  if (inGroup < 2) throw illegalBase64(text, at);
  const rest = [...text.slice(at)]
    .map((char, i) => ({ char, i: at + i }))
    .filter(({ char }) => char !== '\n' && char !== '\r');
  const wanted = 4 - inGroup;
  if (rest.length < wanted) throw illegalBase64(text, text.length);
  const wrong = rest.find(({ char }, i) => (i < wanted ? char !== '=' : true));
  if (wrong !== undefined) throw illegalBase64(text, wrong.i);
}

function illegalBase64(text: string, at: number): FunctionError {
  return new FunctionError(`illegal base64 data at input byte ${toBytes(text.slice(0, at)).length}`);
}
