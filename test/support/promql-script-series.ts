import { parseDuration } from '#shared/model/duration.ts';
import { addHistograms, subtractHistograms } from '#shared/model/histogram/arithmetic.ts';
import type { Labels } from '#shared/model/labels.ts';
import { parseMetric } from '#shared/promql/syntax/parser.ts';
import { parseHistogram, parseSignedNumber, type WrittenHistogram } from './promql-script-histogram.ts';

/** One sample of a script: a float, a stale marker, nothing, or a native histogram. */
export type ScriptValue =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'stale' }
  | { readonly kind: 'omitted' }
  | ({ readonly kind: 'histogram' } & WrittenHistogram);

export interface ScriptSeries {
  readonly labels: Labels;
  readonly values: readonly ScriptValue[];
}

const OMITTED = { kind: 'omitted' } as const;
const MAX_REPETITIONS = 1_000_000;

/** Parses `name{label="value"} 1 2+3x4 _ stale {{schema:0 count:1}}x2`.
 *  @throws {SyntaxError}
 *  @see prometheus/promql/parser/generated_parser.y series_description */
export function parseSeriesLine(line: string): ScriptSeries {
  const end = metricEnd(line);
  const labels = parseMetric(line.slice(0, end), { unquotedUtf8Names: true });
  return { labels, values: splitItems(line.slice(end)).flatMap(parseItem) };
}

/** Where the metric ends: behind its braces, which follow the name at once, or at the first blank. */
function metricEnd(line: string): number {
  const match = /^[^\s{]*(?:\{(?!\{)(?:[^"'`}]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)*\})?/.exec(line)!;
  return match[0].length;
}

/** Blanks separate values but within `{{ }}`. */
function splitItems(text: string): string[] {
  if (text !== '' && !/^\s/.test(text)) throw new SyntaxError(`unexpected "${text}" behind the labels`);
  return text.match(/(?:\{\{.*?\}\}|\S)+/g) ?? [];
}

const NUMBER = '(?:[0-9][0-9_]*(?:\\.[0-9_]*)?|\\.[0-9_]+)(?:[eE][+-]?[0-9_]+)?|[iI][nN][fF]|[nN][aA][nN]';

/** `2+3x4`: the first value, the step and how often it is added. */
const FLOATS = new RegExp(`^([+-]?(?:${NUMBER}))(?:([+-](?:${NUMBER}))?x([0-9]+))?$`);
const HISTOGRAMS = /^\{\{(.*?)\}\}(?:(?:([+-])\{\{(.*?)\}\})?x([0-9]+))?$/;

function parseItem(item: string): ScriptValue[] {
  if (item.startsWith('{{')) return parseHistograms(item);
  if (item === 'stale') return [{ kind: 'stale' }];
  const omitted = /^_(?:x([0-9]+))?$/.exec(item);
  if (omitted !== null) return Array.from({ length: repetitions(omitted[1] ?? '1') }, () => OMITTED);
  const [, first, step, count] = FLOATS.exec(item) ?? [];
  if (first === undefined) throw new SyntaxError(`not a value: "${item}"`);
  let value = parseSignedNumber(first);
  return Array.from({ length: repetitions(count ?? '0') + 1 }, () => {
    const one = { kind: 'float', value } as const;
    if (step !== undefined) value += parseSignedNumber(step);
    return one;
  });
}

function repetitions(text: string): number {
  const count = Number(text);
  if (count > MAX_REPETITIONS) throw new SyntaxError(`too many repetitions: ${text}`);
  return count;
}

/** As upstream, of a sequence the hint counts that its step has. */
function parseHistograms(item: string): ScriptValue[] {
  const [whole, first, sign, step, count] = HISTOGRAMS.exec(item) ?? [];
  if (whole === undefined) throw new SyntaxError(`not a histogram: "${item}"`);
  const written = parseHistogram(first);
  const length = repetitions(count ?? '0') + 1;
  if (sign === undefined) return Array.from({ length }, () => ({ kind: 'histogram', ...written }));
  const { histogram: change, hintGiven } = parseHistogram(step);
  const combine = sign === '+' ? addHistograms : subtractHistograms;
  let { histogram } = written;
  return Array.from({ length }, (_, i) => {
    if (i > 0 && histogram.schema > change.schema) {
      throw new SyntaxError(`cannot merge from schema ${change.schema} to ${histogram.schema}`);
    }
    if (i > 0) histogram = combine(histogram, change)!.histogram;
    return { kind: 'histogram', histogram, hintGiven };
  });
}

/** Start timestamps of the series on the next line: `name{label="value"}@st -1m _ 0s+10sx3`. Milliseconds relative to
 *  the time of the sample; `undefined` where there is none.
 *  @returns `undefined` when the line is not one of start timestamps.
 *  @throws {SyntaxError} */
export function parseStartTimesLine(
  line: string,
): { readonly labels: Labels; readonly offsetsMs: readonly (number | undefined)[] } | undefined {
  const match = /^(\S*)@st\s+(.*)$/.exec(line);
  if (match === null) return undefined;
  const labels = parseMetric(match[1], { unquotedUtf8Names: true });
  return { labels, offsetsMs: match[2].split(/\s+/).flatMap(parseOffsets) };
}

const DURATION = '[+-]?[0-9]+[a-wyzA-WYZ]*';
const OFFSETS = new RegExp(`^(${DURATION})(?:([+-])?(${DURATION})?x([0-9]+))?$`);

function parseOffsets(item: string): (number | undefined)[] {
  const omitted = /^_(?:x([1-9][0-9]*))?$/.exec(item);
  if (omitted !== null) return Array.from({ length: repetitions(omitted[1] ?? '1') }, () => undefined);
  const [whole, first, sign, step, count] = OFFSETS.exec(item) ?? [];
  if (whole === undefined || (sign === undefined) !== (step === undefined)) {
    throw new SyntaxError(`invalid ST item "${item}"`);
  }
  const stepMs = step === undefined ? 0 : signedDuration(step) * (sign === '-' ? -1 : 1);
  return Array.from({ length: repetitions(count ?? '0') + 1 }, (_, i) => signedDuration(first) + i * stepMs);
}

function signedDuration(text: string): number {
  return parseDuration(text.replace(/^[+-]/, '')) * (text.startsWith('-') ? -1 : 1);
}
