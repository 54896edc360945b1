import { parseDuration } from '#shared/model/duration.ts';
import { compareStrings } from '#shared/model/labels.ts';
import { queryEscape } from './go-string.ts';
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  timeOfSeconds,
  toFloat,
  toInt64,
} from './humanize.ts';
import { isIpAddress, joinHostPort, splitHostPort } from './ip-address.ts';
import { QUERY_RESULT, SAMPLE } from './prometheus-data.ts';
import { FunctionError } from './template-error.ts';
import { textFunctions } from './text-functions.ts';
import { DURATION, duration, TIME } from './time-value.ts';
import { titleCase } from './title-case.ts';
import {
  ANY_MAP,
  type GoList,
  type GoMap,
  type GoStruct,
  type GoType,
  INTERFACE,
  list,
  map,
  STRING,
  type TemplateFunction,
  type Value,
} from './value.ts';

export interface PrometheusFunctionOptions {
  /** The result of a query, as a template value.
   *  @throws {FunctionError} */
  readonly query: (expr: string) => Value;
  /** Unix milliseconds of the evaluation; what the function `now` sees. */
  readonly timeMs: number;
  readonly externalUrl: string;
  readonly pathPrefix: string;
}

const TIME_POINTER: GoType = { ...TIME, name: '*time.Time', kind: 'pointer' };
const DURATION_POINTER: GoType = { ...DURATION, name: '*time.Duration', kind: 'pointer' };

/** The functions of rule templates.
 *  @see prometheus/template/template.go NewTemplateExpander */
export function prometheusFunctions(options: PrometheusFunctionOptions): ReadonlyMap<string, TemplateFunction> {
  return new Map<string, TemplateFunction>([
    ...textFunctions(),
    ...numberFunctions(),
    ['query', { params: [STRING], call: (expr) => options.query(expr as string) }],
    ['first', { params: [QUERY_RESULT], call: first }],
    ['label', { params: [STRING, SAMPLE], call: (name, sample) => labelOf(sample, name as string) }],
    ['value', { params: [SAMPLE], call: (sample) => fieldsOf(sample)[1] }],
    ['strvalue', { params: [SAMPLE], call: (sample) => labelOf(sample, '__value__') }],
    ['sortByLabel', { params: [STRING, QUERY_RESULT], call: (name, result) => sortByLabel(name as string, result) }],
    [
      'args',
      {
        params: [INTERFACE],
        variadic: true,
        call: (...items) =>
          map(
            ANY_MAP,
            items.map((item, i) => [`arg${i}`, item]),
          ),
      },
    ],
    ['title', { params: [STRING], call: (text) => titleCase(text as string, { keepRest: true }) }],
    ['graphLink', { params: [STRING], call: (expr) => `/graph?g0.expr=${queryEscape(expr as string)}&g0.tab=0` }],
    ['tableLink', { params: [STRING], call: (expr) => `/graph?g0.expr=${queryEscape(expr as string)}&g0.tab=1` }],
    ['stripPort', { params: [STRING], call: (address) => splitHostPort(address as string)?.host ?? address }],
    ['stripDomain', { params: [STRING], call: (address) => stripDomain(address as string) }],
    ['now', { params: [], call: () => options.timeMs / 1000 }],
    ['pathPrefix', { params: [], call: () => options.pathPrefix }],
    ['externalURL', { params: [], call: () => options.externalUrl }],
    ['urlQueryEscape', { params: [STRING], call: (text) => queryEscape(text as string) }],
  ]);
}

function numberFunctions(): readonly (readonly [string, TemplateFunction])[] {
  return [
    ['humanize', { params: [INTERFACE], call: humanize }],
    ['humanize1024', { params: [INTERFACE], call: humanize1024 }],
    ['humanizeDuration', { params: [INTERFACE], call: humanizeDuration }],
    ['humanizePercentage', { params: [INTERFACE], call: humanizePercentage }],
    ['humanizeTimestamp', { params: [INTERFACE], call: humanizeTimestamp }],
    ['toTime', { params: [INTERFACE], call: (value) => ({ ...timeOfSeconds(toFloat(value)), type: TIME_POINTER }) }],
    [
      'toDuration',
      {
        params: [INTERFACE],
        call: (value) => ({ ...duration(toInt64(toFloat(value) * 1e9)), type: DURATION_POINTER }),
      },
    ],
    ['parseDuration', { params: [STRING], call: (text) => parseSignedDuration(text as string) }],
  ];
}

function first(result: Value): Value {
  const { items } = result as GoList;
  if (items.length === 0) throw new FunctionError('first() called on vector with no elements');
  return items[0];
}

/** Go's functions on samples dereference a pointer that may be nil. */
function fieldsOf(sample: Value): readonly Value[] {
  if (sample === undefined || sample === null)
    throw new FunctionError('runtime error: invalid memory address or nil pointer dereference');
  return (sample as GoStruct).fields;
}

function labelOf(sample: Value, name: string): string {
  return ((fieldsOf(sample)[0] as GoMap).entries.get(name) as string | undefined) ?? '';
}

function sortByLabel(name: string, result: Value): Value {
  const { items } = result as GoList;
  return list(
    QUERY_RESULT,
    [...items].sort((a, b) => compareStrings(labelOf(a, name), labelOf(b, name))),
  );
}

/** The host's first name and the port; addresses stay as they are. */
function stripDomain(address: string): string {
  const { host, port } = splitHostPort(address) ?? { host: address, port: '' };
  if (isIpAddress(host)) return address;
  const [name] = host.split('.');
  return port === '' ? name : joinHostPort(name, port);
}

/** In seconds. */
function parseSignedDuration(text: string): number {
  try {
    const isNegative = text.startsWith('-');
    const seconds = parseDuration(isNegative ? text.slice(1) : text) / 1000;
    return isNegative ? 0 - seconds : seconds;
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof RangeError) throw new FunctionError(cause.message, { cause });
    throw cause;
  }
}
