import { formatFloatGeneral } from '#shared/model/float.ts';
import {
  type Buckets,
  type CounterReset,
  CUSTOM_BUCKETS_SCHEMA,
  type Histogram,
  usesCustomBuckets,
} from '#shared/model/histogram.ts';
import { parseNumber } from '#shared/promql/syntax/number.ts';

/** A native histogram as a script writes it. */
export interface WrittenHistogram {
  readonly histogram: Histogram;
  /** Whether a `counter_reset_hint` is written: only then it is compared. */
  readonly hintGiven: boolean;
}

const HINTS: Readonly<Record<string, CounterReset>> = {
  unknown: 'unknown',
  reset: 'reset',
  not_reset: 'not-reset',
  gauge: 'gauge',
};

const KEYS: ReadonlySet<string> = new Set([
  ...['schema', 'sum', 'count', 'z_bucket', 'z_bucket_w', 'custom_values', 'counter_reset_hint'],
  ...['buckets', 'offset', 'n_buckets', 'n_offset'],
]);

/** Parses what stands between `{{` and `}}`: `schema:1 sum:-0.3 count:3.1 buckets:[5.1 10 7] offset:-3`.
 *  @throws {SyntaxError} */
export function parseHistogram(body: string): WrittenHistogram {
  const fields = new Map<string, string>();
  const item = /\s*([a-zA-Z_]+):(\[[^\]]*\]|[^\s[\]]+)/y;
  while (body.slice(item.lastIndex).trim() !== '') {
    const at = item.lastIndex;
    const match = item.exec(body);
    if (match === null) throw new SyntaxError(`bad histogram description: "${body.slice(at).trim()}"`);
    const key = match[1].toLowerCase();
    if (!KEYS.has(key)) throw new SyntaxError(`bad histogram descriptor found: "${match[1]}"`);
    if (fields.has(key)) throw new SyntaxError(`duplicate key "${key}" in histogram`);
    fields.set(key, match[2]);
  }
  const hint = fields.get('counter_reset_hint');
  if (hint !== undefined && !Object.hasOwn(HINTS, hint)) throw new SyntaxError(`unknown counter_reset_hint "${hint}"`);
  return { histogram: histogramOf(fields, HINTS[hint ?? 'unknown']), hintGiven: hint !== undefined };
}

function histogramOf(fields: ReadonlyMap<string, string>, counterReset: CounterReset): Histogram {
  const number = (key: string) => parseSignedNumber(fields.get(key) ?? '0');
  const schema = number('schema');
  return {
    counterReset,
    schema,
    zeroThreshold: number('z_bucket_w'),
    zeroCount: number('z_bucket'),
    count: number('count'),
    sum: number('sum'),
    positive: buckets(numbers(fields.get('buckets')), number('offset')),
    negative: buckets(numbers(fields.get('n_buckets')), number('n_offset')),
    ...(schema === CUSTOM_BUCKETS_SCHEMA && { customBounds: Float64Array.from(numbers(fields.get('custom_values'))) }),
  };
}

function buckets(counts: readonly number[], offset: number): Buckets {
  return { indexes: Int32Array.from(counts, (_, i) => offset + i), counts: Float64Array.from(counts) };
}

/** The numbers of `[1 2 3]`. */
function numbers(list: string | undefined): number[] {
  if (list === undefined) return [];
  if (!list.startsWith('[')) throw new SyntaxError(`not a list in brackets: "${list}"`);
  const items = list.slice(1, -1).trim();
  return items === '' ? [] : items.split(/\s+/).map(parseSignedNumber);
}

/** A number of a script: what PromQL takes, with a sign.
 *  @throws {SyntaxError} */
export function parseSignedNumber(text: string): number {
  if (text.startsWith('-')) return -parseNumber(text.slice(1));
  return parseNumber(text.startsWith('+') ? text.slice(1) : text);
}

/** A histogram in the notation that `parseHistogram()` reads, in double braces.
 *  @see prometheus/model/histogram/float_histogram.go TestExpression */
export function showHistogram(histogram: Histogram): string {
  const { schema, count, sum, zeroCount, zeroThreshold, counterReset, customBounds } = histogram;
  const fields = Object.entries({ schema, count, sum, z_bucket: zeroCount, z_bucket_w: zeroThreshold })
    .filter(([, value]) => value !== 0)
    .map(([key, value]) => `${key}:${formatFloatGeneral(value)}`);
  if (customBounds !== undefined) fields.push(`custom_values:${showList(customBounds)}`);
  if (counterReset !== 'unknown') fields.push(`counter_reset_hint:${counterReset.replace('-', '_')}`);
  fields.push(...showBuckets(histogram.positive, ''), ...showBuckets(histogram.negative, 'n_'));
  return `{{${fields.join(' ')}}}`;
}

function showBuckets(all: Buckets, prefix: string): string[] {
  const { indexes, counts } = withoutEmpty(all);
  if (indexes.length === 0) return [];
  const dense = new Array<number>(indexes[indexes.length - 1] - indexes[0] + 1).fill(0);
  indexes.forEach((index, i) => {
    dense[index - indexes[0]] = counts[i];
  });
  const offset = indexes[0] === 0 ? [] : [`${prefix}offset:${indexes[0]}`];
  return [...offset, `${prefix}buckets:${showList(dense)}`];
}

function showList(values: Iterable<number>): string {
  return `[${Array.from(values, formatFloatGeneral).join(' ')}]`;
}

/** Whether two histograms are the same to the tolerance of scripts, empty buckets apart.
 *  @see prometheus/promql/promqltest/test.go compareNativeHistogram */
export function sameHistogram({ histogram: expected, hintGiven }: WrittenHistogram, actual: Histogram): boolean {
  return (
    expected.schema === actual.schema &&
    almostEqual(expected.count, actual.count) &&
    almostEqual(expected.sum, actual.sum) &&
    (!usesCustomBuckets(expected) || sameBounds(expected, actual)) &&
    expected.zeroThreshold === actual.zeroThreshold &&
    almostEqual(expected.zeroCount, actual.zeroCount) &&
    sameBuckets(expected.negative, actual.negative) &&
    sameBuckets(expected.positive, actual.positive) &&
    (!hintGiven || expected.counterReset === actual.counterReset)
  );
}

/** Whether the custom bounds of two histograms are the same. */
export function sameBounds({ customBounds: a }: Histogram, { customBounds: b }: Histogram): boolean {
  return a?.length === b?.length && (a === undefined || a.every((bound, i) => bound === b![i]));
}

function sameBuckets(expected: Buckets, actual: Buckets): boolean {
  const [a, b] = [withoutEmpty(expected), withoutEmpty(actual)];
  return (
    a.indexes.length === b.indexes.length &&
    a.indexes.every((index, i) => index === b.indexes[i] && almostEqual(a.counts[i], b.counts[i]))
  );
}

function withoutEmpty({ indexes, counts }: Buckets): Buckets {
  const isUsed = (_: number, i: number) => counts[i] !== 0;
  return { indexes: indexes.filter(isUsed), counts: counts.filter(isUsed) };
}

/** Relative error that scripts allow. */
const EPSILON = 1e-6;
const MIN_NORMAL = 2 ** -1022;

/** Whether two values are the same to the tolerance of scripts; NaN equals NaN.
 *  @see prometheus/util/almost/almost.go */
export function almostEqual(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const diff = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return diff < EPSILON * MIN_NORMAL;
  return diff / Math.min(sum, Number.MAX_VALUE) < EPSILON;
}
