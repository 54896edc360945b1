import type { Histogram } from '#shared/model/histogram.ts';
import { compareLabels } from '#shared/model/labels.ts';
import { copyValue, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';

/** Makes one list of the series of several sources, each ordered by labels. The samples of a series come in time order, one
 *  a time: of two at one time that of the earlier source. What only one source has is handed on as it is.
 *  @see prometheus/storage/merge.go ChainedSeriesMerge */
export function mergeSeries(sources: readonly (readonly SeriesSamples[])[]): readonly SeriesSamples[] {
  const lists = sources.filter((list) => list.length > 0);
  if (lists.length <= 1) return lists[0] ?? [];
  const at = new Array<number>(lists.length).fill(0);
  const merged: SeriesSamples[] = [];
  for (;;) {
    let equal: number[] = [];
    for (let i = 0; i < lists.length; i++) {
      if (at[i] === lists[i].length) continue;
      const order =
        equal.length === 0 ? -1 : compareLabels(lists[i][at[i]].labels, lists[equal[0]][at[equal[0]]].labels);
      if (order < 0) equal = [i];
      else if (order === 0) equal.push(i);
    }
    if (equal.length === 0) return merged;
    merged.push(mergeSamples(equal.map((i) => lists[i][at[i]++])));
  }
}

/** Makes one series of the samples that several sources have of it.
 *  @param sources Of equal labels; the earlier one wins. */
export function mergeSamples(sources: readonly SeriesSamples[]): SeriesSamples {
  const parts = sources.filter(({ timestampsMs }) => timestampsMs.length > 0);
  if (parts.length <= 1) return parts[0] ?? sources[0];
  const merged = new MergedSamples(parts);
  const at = new Array<number>(parts.length).fill(0);
  for (;;) {
    const first = earliest(parts, at);
    if (first < 0) return merged.finish();
    const end = endBeforeOthers(parts, at, first);
    merged.append(first, at[first], end);
    at[first] = end;
    const lastMs = parts[first].timestampsMs[end - 1];
    for (let i = 0; i < parts.length; i++) {
      if (at[i] < parts[i].timestampsMs.length && parts[i].timestampsMs[at[i]] === lastMs) at[i]++;
    }
  }
}

function earliest(parts: readonly SeriesSamples[], at: readonly number[]): number {
  let best = -1;
  for (let i = 0; i < parts.length; i++) {
    if (at[i] === parts[i].timestampsMs.length) continue;
    if (best < 0 || parts[i].timestampsMs[at[i]] < parts[best].timestampsMs[at[best]]) best = i;
  }
  return best;
}

/** How far the samples of a source go before or at the first one of another; at least one. */
function endBeforeOthers(parts: readonly SeriesSamples[], at: readonly number[], first: number): number {
  let limitMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < parts.length; i++) {
    if (i !== first && at[i] < parts[i].timestampsMs.length) limitMs = Math.min(limitMs, parts[i].timestampsMs[at[i]]);
  }
  const { timestampsMs } = parts[first];
  if (timestampsMs[timestampsMs.length - 1] < limitMs) return timestampsMs.length;
  let end = at[first] + 1;
  while (end < timestampsMs.length && timestampsMs[end] < limitMs) end++;
  return end;
}

class MergedSamples {
  readonly #parts: readonly SeriesSamples[];
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  readonly #words: Uint32Array;
  readonly #startTimes: Float64Array | undefined;
  readonly #histograms: (Histogram | undefined)[] | undefined;
  #length = 0;
  #last = -1;

  constructor(parts: readonly SeriesSamples[]) {
    const total = parts.reduce((sum, { timestampsMs }) => sum + timestampsMs.length, 0);
    this.#parts = parts;
    this.#times = new Float64Array(total);
    this.#values = new Float64Array(total);
    this.#words = wordsOf(this.#values);
    if (parts.some(({ startTimestampsMs }) => startTimestampsMs !== undefined)) {
      this.#startTimes = new Float64Array(total);
    }
    if (parts.some(({ histograms }) => histograms !== undefined)) this.#histograms = [];
  }

  append(part: number, from: number, to: number): void {
    const { timestampsMs, values, startTimestampsMs, histograms } = this.#parts[part];
    this.#times.set(timestampsMs.subarray(from, to), this.#length);
    if (to - from === 1) copyValue(wordsOf(values), from, this.#words, this.#length);
    else this.#values.set(values.subarray(from, to), this.#length);
    if (startTimestampsMs !== undefined) this.#startTimes?.set(startTimestampsMs.subarray(from, to), this.#length);
    if (this.#histograms !== undefined) {
      for (let i = from; i < to; i++) {
        const switched = i === from && part !== this.#last;
        this.#histograms.push(switched ? withoutReset(histograms?.[i]) : histograms?.[i]);
      }
    }
    this.#length += to - from;
    this.#last = part;
  }

  finish(): SeriesSamples {
    return {
      labels: this.#parts[0].labels,
      timestampsMs: this.#times.subarray(0, this.#length),
      values: this.#values.subarray(0, this.#length),
      histograms: this.#histograms,
      startTimestampsMs: this.#startTimes?.subarray(0, this.#length),
      staleFree: this.#parts.every(({ staleFree }) => staleFree === true) || undefined,
    };
  }
}

/** What a source knew of a counter reset was of the sample before in that source. */
function withoutReset(histogram: Histogram | undefined): Histogram | undefined {
  if (histogram === undefined || histogram.counterReset === 'gauge') return histogram;
  return { ...histogram, counterReset: 'unknown' };
}
