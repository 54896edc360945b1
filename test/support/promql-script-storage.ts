import type { Buckets, Histogram } from '#shared/model/histogram.ts';
import { usesCustomBuckets } from '#shared/model/histogram.ts';
import { compareLabels, getLabel, type Labels, labelsKey } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { setStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { Querier, SeriesSamples, TimeRange } from '#shared/model/storage.ts';
import type { LoadCommand } from './promql-script.ts';
import { convertClassicHistograms } from './promql-script-classic.ts';
import { sameBounds } from './promql-script-histogram.ts';
import type { ScriptValue } from './promql-script-series.ts';

/** A value with its time, and the start of its counter, Unix milliseconds, 0 where there is none. */
export interface TimedValue {
  readonly timeMs: number;
  readonly value: Exclude<ScriptValue, { kind: 'omitted' }>;
  readonly startTimestampMs: number;
}

interface StoredSeries {
  readonly labels: Labels;
  readonly samples: TimedValue[];
  /** Whether the chunk that the last sample went into is of histograms, and of gauges among them. */
  chunk: 'floats' | 'counters' | 'gauges' | 'none';
}

/** The series that a script has loaded, as a querier. What is known of counter resets is what a head of upstream would
 *  tell of the samples, by the chunks that it would have cut.
 *  @see prometheus/tsdb/chunkenc/histogram_meta.go counterResetHint */
export class ScriptStorage implements Querier {
  readonly #series = new Map<string, StoredSeries>();

  clear(): void {
    this.#series.clear();
  }

  /** @throws {Error} When samples do not follow those that are there. */
  load(command: LoadCommand): void {
    const loaded = command.series.map(({ labels, values, startOffsetsMs }) => ({
      labels,
      samples: timedValues(values, startOffsetsMs, command.stepMs),
    }));
    const converted = command.withNativeHistograms ? convertClassicHistograms(loaded) : [];
    for (const { labels, samples } of [...loaded, ...converted]) {
      const stored = this.#stored(labels);
      for (const sample of samples) append(stored, sample);
    }
  }

  #stored(labels: Labels): StoredSeries {
    const key = labelsKey(labels);
    let stored = this.#series.get(key);
    if (stored === undefined) {
      stored = { labels, samples: [], chunk: 'none' };
      this.#series.set(key, stored);
    }
    return stored;
  }

  async select(matchers: readonly Matcher[], range: TimeRange): Promise<readonly SeriesSamples[]> {
    const found = [...this.#series.values()].filter(({ labels }) => matches(labels, matchers));
    const series = found.map((stored) => columns(stored, range)).filter(({ values }) => values.length > 0);
    return series.sort((a, b) => compareLabels(a.labels, b.labels));
  }

  async series(matchers: readonly Matcher[]): Promise<readonly Labels[]> {
    const found = [...this.#series.values()].map(({ labels }) => labels);
    return found.filter((labels) => matches(labels, matchers)).sort(compareLabels);
  }
}

function timedValues(
  values: readonly ScriptValue[],
  startOffsetsMs: readonly (number | undefined)[] | undefined,
  stepMs: number,
): TimedValue[] {
  return values.flatMap((value, i) => {
    if (value.kind === 'omitted') return [];
    const timeMs = i * stepMs;
    const offsetMs = startOffsetsMs?.[i];
    return [{ timeMs, value, startTimestampMs: offsetMs === undefined ? 0 : timeMs + offsetMs }];
  });
}

function append(stored: StoredSeries, sample: TimedValue): void {
  const last = stored.samples.at(-1);
  if (last !== undefined && last.timeMs >= sample.timeMs) {
    // A sample that is there already may be loaded again.
    if (JSON.stringify(stored.samples.find(({ timeMs }) => timeMs === sample.timeMs)) === JSON.stringify(sample))
      return;
    throw new Error(`Cannot load a sample at ${sample.timeMs}: the last is at ${last.timeMs}`);
  }
  stored.samples.push(withChunkHint(stored, last, sample));
}

/** Puts the sample into the chunk, or into a new one: the first histogram of a chunk has an unknown past. */
function withChunkHint(stored: StoredSeries, last: TimedValue | undefined, sample: TimedValue): TimedValue {
  const { value } = sample;
  if (value.kind === 'stale') return sample;
  const before = stored.chunk;
  if (value.kind === 'float') {
    stored.chunk = 'floats';
    return sample;
  }
  const { histogram } = value;
  stored.chunk = histogram.counterReset === 'gauge' ? 'gauges' : 'counters';
  if (stored.chunk === 'gauges') return sample;
  const previous = last?.value.kind === 'histogram' ? last.value.histogram : undefined;
  const follows = before === 'counters' && previous !== undefined && continuesChunk(previous, histogram);
  const counterReset = follows ? 'not-reset' : 'unknown';
  return { ...sample, value: { ...value, histogram: { ...histogram, counterReset } } };
}

/** @see prometheus/tsdb/chunkenc/float_histogram.go FloatHistogramAppender.appendable */
function continuesChunk(before: Histogram, after: Histogram): boolean {
  return (
    after.counterReset !== 'reset' &&
    after.count >= before.count &&
    after.schema === before.schema &&
    after.zeroThreshold === before.zeroThreshold &&
    (!usesCustomBuckets(after) || sameBounds(before, after)) &&
    after.zeroCount >= before.zeroCount &&
    noneFell(before.positive, after.positive) &&
    noneFell(before.negative, after.negative)
  );
}

function noneFell(before: Buckets, after: Buckets): boolean {
  const counts = new Map(Array.from(after.indexes, (index, i) => [index, after.counts[i]]));
  return before.indexes.every((index, i) => !(before.counts[i] > (counts.get(index) ?? 0)));
}

function matches(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => matcher.matches(getLabel(labels, matcher.name)));
}

function columns({ labels, samples }: StoredSeries, { minMs, maxMs }: TimeRange): SeriesSamples {
  const inRange = samples.filter(({ timeMs }) => timeMs >= minMs && timeMs <= maxMs);
  const values = new Float64Array(inRange.length);
  const words = wordsOf(values);
  for (const [i, { value }] of inRange.entries()) {
    if (value.kind === 'stale') setStaleAt(words, i);
    else if (value.kind === 'float') values[i] = value.value;
  }
  const histograms = inRange.map(({ value }) => (value.kind === 'histogram' ? value.histogram : undefined));
  const startTimestampsMs = Float64Array.from(inRange, ({ startTimestampMs }) => startTimestampMs);
  return {
    labels,
    timestampsMs: Float64Array.from(inRange, ({ timeMs }) => timeMs),
    values,
    ...(histograms.some((histogram) => histogram !== undefined) && { histograms }),
    ...(startTimestampsMs.some((timeMs) => timeMs !== 0) && { startTimestampsMs }),
  };
}
