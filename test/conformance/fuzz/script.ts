import { formatFloatPlain } from '#shared/model/float.ts';
import type { Buckets, Histogram } from '#shared/model/histogram.ts';
import { formatLabels } from '#shared/model/labels.ts';
import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { START_MS } from './data.ts';
import type { EvaluationTimes } from './generate.ts';

/** Series with more samples in all are only counted. */
const MAX_SAMPLES = 400;

/** Samples and a query in the notation of upstream's test scripts. Times are relative to the start of the data, as scripts
 *  have it, but for those in the query. */
export function scriptOf(query: string, times: EvaluationTimes, series: readonly SeriesSamples[]): string {
  return [`# 0 is ${START_MS / 1000}`, ...loadLines(series), `eval ${timesText(times)} ${query}`].join('\n');
}

function loadLines(series: readonly SeriesSamples[]): readonly string[] {
  const samples = series.reduce((sum, { values }) => sum + values.length, 0);
  if (samples > MAX_SAMPLES) return [`# reads ${series.length} series with ${samples} samples`];
  return ['load 1ms', ...series.map((one) => `  ${formatLabels(one.labels)} ${valuesText(one)}`), ''];
}

function valuesText({ timestampsMs, values, histograms }: SeriesSamples): string {
  const words = wordsOf(values);
  const texts: string[] = [];
  let next = START_MS;
  for (let i = 0; i < values.length; i++) {
    const gap = timestampsMs[i] - next;
    if (gap > 0) texts.push(`_x${gap}`);
    const histogram = histograms?.[i];
    if (histogram !== undefined) texts.push(histogramText(histogram));
    else texts.push(isStaleAt(words, i) ? 'stale' : formatFloatPlain(values[i]));
    next = timestampsMs[i] + 1;
  }
  return texts.join(' ');
}

function histogramText(histogram: Histogram): string {
  const { schema, sum, count, zeroCount, zeroThreshold, positive, negative, customBounds, counterReset } = histogram;
  const parts = [`schema:${schema} sum:${formatFloatPlain(sum)} count:${formatFloatPlain(count)}`];
  if (zeroCount > 0) parts.push(`z_bucket:${formatFloatPlain(zeroCount)}`);
  if (zeroThreshold > 0) parts.push(`z_bucket_w:${formatFloatPlain(zeroThreshold)}`);
  if (positive.indexes.length > 0) parts.push(bucketsText(positive, '', customBounds === undefined ? 1 : 0));
  if (negative.indexes.length > 0) parts.push(bucketsText(negative, 'n_', 1));
  if (customBounds !== undefined) parts.push(`custom_values:[${[...customBounds].join(' ')}]`);
  if (counterReset !== 'unknown') parts.push(`counter_reset_hint:${counterReset.replace('-', '_')}`);
  return `{{${parts.join(' ')}}}`;
}

/** @param first The index that the notation calls 0. */
function bucketsText({ indexes, counts }: Buckets, prefix: string, first: number): string {
  const length = indexes[indexes.length - 1] - indexes[0] + 1;
  const all = new Array<number>(length).fill(0);
  for (const [i, index] of indexes.entries()) all[index - indexes[0]] = counts[i];
  return `${prefix}offset:${indexes[0] - first} ${prefix}buckets:[${all.map(formatFloatPlain).join(' ')}]`;
}

function timesText(times: EvaluationTimes): string {
  if (times.kind === 'instant') return `instant at ${duration(times.timeMs - START_MS)}`;
  const { startMs, endMs, stepMs } = times;
  return `range from ${duration(startMs - START_MS)} to ${duration(endMs - START_MS)} step ${duration(stepMs)}`;
}

function duration(ms: number): string {
  return `${ms < 0 ? '-' : ''}${Math.abs(ms) % 1000 === 0 ? `${Math.abs(ms) / 1000}s` : `${Math.abs(ms)}ms`}`;
}
