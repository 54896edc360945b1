import type { Labels } from '#shared/model/labels.ts';
import { parseMetric } from '#shared/promql/syntax/parser.ts';

/** One sample of a script: a float, a stale marker, nothing, or a native histogram in upstream's notation. */
export type ScriptValue =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'stale' }
  | { readonly kind: 'omitted' }
  | { readonly kind: 'histogram'; readonly text: string };

/** Parses `name{label="value"} 1 2+3x4 _ stale`.
 *  @throws {SyntaxError} */
export function parseSeriesLine(line: string): { labels: Labels; values: ScriptValue[] } {
  const end = metricEnd(line);
  const labels = parseMetric(line.slice(0, end), { unquotedUtf8Names: true });
  return { labels, values: splitItems(line.slice(end)).flatMap(parseItem) };
}

/** Where the metric ends: at the first blank that is not within braces or quotes, unless labels follow it. */
function metricEnd(line: string): number {
  const match = /^(?:[^\s{"'`]*)\s*(?:\{(?!\{)(?:[^"'`}]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)*\})?/.exec(line)!;
  return match[0].length;
}

/** Blanks separate values but within `{{ }}`. */
function splitItems(text: string): string[] {
  return text.match(/(?:\{\{.*?\}\}|[^\s{])+/g) ?? [];
}

/** `2+3x4`: the first value, the step and how often it is added. */
const REPEATED = /^(_|stale|[^x]+?)(?:([+-])([0-9.]+(?:[eE][+-]?[0-9]+)?|Inf|NaN))?x([0-9]+)$/;

function parseItem(item: string): ScriptValue[] {
  if (item.includes('{{')) return parseHistogram(item);
  const repeated = REPEATED.exec(item);
  if (repeated === null) return [parseValue(item)];
  const [, first, sign, step, count] = repeated;
  if (first === '_') return Array.from({ length: Number(count) }, () => ({ kind: 'omitted' }) as const);
  const values: ScriptValue[] = [];
  let value = first === 'stale' ? 0 : parseFloatText(first);
  const delta = step === undefined ? 0 : parseFloatText(step) * (sign === '-' ? -1 : 1);
  for (let i = 0; i <= Number(count); i++) {
    values.push(first === 'stale' ? { kind: 'stale' } : { kind: 'float', value });
    if (step !== undefined) value += delta;
  }
  return values;
}

function parseHistogram(item: string): ScriptValue[] {
  const count = /\}\}x([0-9]+)$/.exec(item);
  return Array.from({ length: count === null ? 1 : Number(count[1]) + 1 }, () => ({ kind: 'histogram', text: item }));
}

function parseValue(item: string): ScriptValue {
  if (item === '_') return { kind: 'omitted' };
  return item === 'stale' ? { kind: 'stale' } : { kind: 'float', value: parseFloatText(item) };
}

function parseFloatText(text: string): number {
  const named = /^([+-]?)inf$/i.exec(text);
  if (named !== null) return named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  const value = Number(text);
  if (text === '' || Number.isNaN(value)) throw new SyntaxError(`not a value: "${text}"`);
  return value;
}
