import { CUSTOM_BUCKETS_SCHEMA, type Histogram, NO_BUCKETS } from '#shared/model/histogram.ts';
import { getLabel, type Labels, labelsKey, METRIC_NAME, withLabel, withoutLabels } from '#shared/model/labels.ts';
import type { TimedValue } from './promql-script-storage.ts';

interface ClassicSeries {
  readonly labels: Labels;
  readonly samples: readonly TimedValue[];
}

/** What is known of a classic histogram at one time. */
interface Parts {
  /** Cumulative count by upper bound. */
  readonly cumulative: Map<number, number>;
  count?: number;
  sum: number;
}

const SUFFIX = /^(.+)_(bucket|count|sum)$/;

/** Native histograms with custom bounds out of the classic ones among the series: what `load_with_nhcb` adds.
 *  @throws {RangeError} When buckets are not cumulative.
 *  @see prometheus/util/convertnhcb/convertnhcb.go */
export function convertClassicHistograms(series: readonly ClassicSeries[]): ClassicSeries[] {
  const found = new Map<string, { labels: Labels; byTime: Map<number, Parts> }>();
  for (const { labels, samples } of series) {
    const [, name, suffix] = SUFFIX.exec(getLabel(labels, METRIC_NAME)) ?? [];
    const bound = suffix === 'bucket' ? parseBound(getLabel(labels, 'le')) : 0;
    if (name === undefined || Number.isNaN(bound)) continue;
    const base = withLabel(
      withoutLabels(labels, (label) => label === 'le'),
      METRIC_NAME,
      name,
    );
    const key = labelsKey(base);
    if (!found.has(key)) found.set(key, { labels: base, byTime: new Map() });
    addPart(found.get(key)!.byTime, samples, { suffix, bound });
  }
  return Array.from(found.values(), ({ labels, byTime }) => ({ labels, samples: nativeSamples(byTime) }));
}

function parseBound(text: string): number {
  if (/^\+?inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  return text.trim() === '' ? Number.NaN : Number(text);
}

function addPart(
  byTime: Map<number, Parts>,
  samples: readonly TimedValue[],
  { suffix, bound }: { readonly suffix: string; readonly bound: number },
): void {
  for (const { timeMs, value } of samples) {
    if (value.kind === 'histogram') continue;
    const number = value.kind === 'float' ? value.value : Number.NaN;
    if (!byTime.has(timeMs)) byTime.set(timeMs, { cumulative: new Map(), sum: 0 });
    const parts = byTime.get(timeMs)!;
    if (suffix === 'count') parts.count = number;
    else if (suffix === 'sum') parts.sum = number;
    else if (!parts.cumulative.has(bound)) parts.cumulative.set(bound, number);
  }
}

function nativeSamples(byTime: ReadonlyMap<number, Parts>): TimedValue[] {
  const sorted = [...byTime].sort(([a], [b]) => a - b);
  return sorted.map(([timeMs, parts]) => ({
    timeMs,
    value: { kind: 'histogram', histogram: toNative(parts), hintGiven: false },
    startTimestampMs: 0,
  }));
}

function toNative({ cumulative, count, sum }: Parts): Histogram {
  const buckets = [...cumulative].sort(([a], [b]) => a - b);
  const total = count ?? buckets.at(-1)?.[1];
  if (total === undefined) throw new RangeError('count must be provided when no buckets are present');
  if (buckets.at(-1)?.[0] !== Number.POSITIVE_INFINITY) buckets.push([Number.POSITIVE_INFINITY, total]);
  const last = buckets.at(-1)![1];
  if (last !== total) throw new RangeError(`count mismatch: count=${total} != le=+Inf count=${last}`);
  const counts = buckets.map(([, value], i) => value - (buckets[i - 1]?.[1] ?? 0));
  if (counts.some((value) => value < 0)) throw new RangeError('count is not cumulative');
  return {
    counterReset: 'unknown',
    schema: CUSTOM_BUCKETS_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    count: total,
    sum,
    positive: { indexes: Int32Array.from(counts, (_, i) => i), counts: Float64Array.from(counts) },
    negative: NO_BUCKETS,
    customBounds: Float64Array.from(buckets.slice(0, -1), ([bound]) => bound),
  };
}
