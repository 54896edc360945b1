import type { Histogram } from '#shared/model/histogram.ts';
import { copyValue, isStaleAt, setStaleAt, wordsOf } from '#shared/model/stale.ts';
import { type Sample, sameSample } from './sample.ts';

/** Some samples of one series in time order: parallel lists. */
export interface Piece {
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histograms?: readonly (Histogram | undefined)[];
  readonly startTimes?: Float64Array;
  /** No value is a stale marker. */
  readonly staleFree: boolean;
}

/** A growing list of samples of one series: for explicit times and stale markers, which have no column. */
export class LooseSamples {
  #times = new Float64Array(4);
  #values = new Float64Array(4);
  #startTimes: Float64Array | undefined;
  #histograms: (Histogram | undefined)[] | undefined;
  #length = 0;

  /** The time of the newest sample; −Infinity when there is none. */
  get lastMs(): number {
    return this.#length === 0 ? Number.NEGATIVE_INFINITY : this.#times[this.#length - 1];
  }

  get sizeBytes(): number {
    return this.#times.length * 16 + (this.#startTimes?.byteLength ?? 0) + histogramBytes(this.#histograms);
  }

  /** Adds a sample with its bits. It must be newer than the last one. */
  append(timeMs: number, { words, index, histogram, startTimeMs }: Sample): void {
    this.#push(timeMs);
    const last = this.#length - 1;
    copyValue(words, index, wordsOf(this.#values), last);
    if (startTimeMs !== undefined) {
      this.#startTimes ??= new Float64Array(this.#times.length);
      this.#startTimes[last] = startTimeMs;
    }
    if (histogram !== undefined) this.#histograms ??= new Array(last).fill(undefined);
    this.#histograms?.push(histogram);
  }

  /** Adds a stale marker. It must be newer than the last sample. */
  appendStale(timeMs: number): void {
    this.#push(timeMs);
    setStaleAt(wordsOf(this.#values), this.#length - 1);
    this.#histograms?.push(undefined);
  }

  /** Whether the newest sample has this time and is this one, bit by bit. */
  endsWith(timeMs: number, sample: Sample): boolean {
    if (this.lastMs !== timeMs) return false;
    const last = this.#length - 1;
    const histogram = this.#histograms?.[last];
    return sameSample({ words: wordsOf(this.#values), index: last, histogram }, sample);
  }

  /** All samples: views. */
  piece(): Piece {
    return {
      times: this.#times.subarray(0, this.#length),
      values: this.#values.subarray(0, this.#length),
      histograms: this.#histograms?.slice(),
      startTimes: this.#startTimes?.subarray(0, this.#length),
      staleFree: false,
    };
  }

  #push(timeMs: number): void {
    if (this.#length === this.#times.length) {
      this.#times = doubled(this.#times);
      this.#values = doubled(this.#values);
      this.#startTimes = this.#startTimes && doubled(this.#startTimes);
    }
    this.#times[this.#length++] = timeMs;
  }
}

function doubled(array: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(array.length * 2);
  grown.set(array);
  return grown;
}

/** About the memory of histograms: the objects and their buckets. */
export function histogramBytes(histograms: readonly (Histogram | undefined)[] | undefined): number {
  let bytes = 0;
  for (const histogram of histograms ?? []) {
    bytes += 8;
    if (histogram !== undefined)
      bytes += 320 + 12 * (histogram.positive.counts.length + histogram.negative.counts.length);
  }
  return bytes;
}

/** The part of a piece in a time range; `undefined` when it is empty. */
export function cutPiece(
  piece: Piece,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
): Piece | undefined {
  const start = lowerBound(piece.times, piece.times.length, minMs);
  const end = upperBound(piece.times, piece.times.length, maxMs);
  return start < end ? slicePiece(piece, start, end) : undefined;
}

function slicePiece({ times, values, histograms, startTimes, staleFree }: Piece, start: number, end: number): Piece {
  return {
    times: times.subarray(start, end),
    values: values.subarray(start, end),
    histograms: histograms?.slice(start, end),
    startTimes: startTimes?.subarray(start, end),
    staleFree,
  };
}

/** The first index with `times[index] ≥ timeMs`; `length` when there is none. */
export function lowerBound(times: Float64Array, length: number, timeMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index with `times[index] > timeMs`; `length` when there is none. */
export function upperBound(times: Float64Array, length: number, timeMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Makes one series of several pieces: in time order, one sample a time. Of two at one time a sample wins over a stale
 *  marker, and otherwise the one of the earlier piece. Returns views when nothing needs merging. */
export function mergePieces(pieces: readonly Piece[]): Piece {
  const parts = pieces.filter((piece) => piece.times.length > 0);
  if (parts.length === 1) return parts[0];
  const merged = new MergedPiece(parts);
  const heads = parts.map((piece) => ({ ...piece, words: wordsOf(piece.values), at: 0 }));
  for (let next = earliest(heads); next !== undefined; next = earliest(heads)) {
    merged.add(next);
    next.at++;
  }
  return merged.finish();
}

interface PieceHead extends Piece {
  readonly words: Uint32Array;
  at: number;
}

class MergedPiece {
  readonly #times: Float64Array;
  readonly #values: Float64Array;
  readonly #words: Uint32Array;
  readonly #histograms: (Histogram | undefined)[] | undefined;
  readonly #startTimes: Float64Array | undefined;
  readonly #staleFree: boolean;
  #length = 0;

  constructor(parts: readonly Piece[]) {
    const total = parts.reduce((sum, piece) => sum + piece.times.length, 0);
    this.#times = new Float64Array(total);
    this.#values = new Float64Array(total);
    this.#words = wordsOf(this.#values);
    this.#staleFree = parts.every(({ staleFree }) => staleFree);
    if (parts.some(({ histograms }) => histograms !== undefined)) this.#histograms = [];
    if (parts.some(({ startTimes }) => startTimes !== undefined)) this.#startTimes = new Float64Array(total);
  }

  add(head: PieceHead): void {
    const time = head.times[head.at];
    const same = this.#length > 0 && this.#times[this.#length - 1] === time;
    if (same && !this.#endsStale()) return;
    if (same && isStaleAt(head.words, head.at)) return;
    if (!same) this.#times[this.#length++] = time;
    const last = this.#length - 1;
    copyValue(head.words, head.at, this.#words, last);
    if (this.#histograms !== undefined) this.#histograms[last] = head.histograms?.[head.at];
    if (this.#startTimes !== undefined) this.#startTimes[last] = head.startTimes?.[head.at] ?? 0;
  }

  #endsStale(): boolean {
    const last = this.#length - 1;
    return this.#histograms?.[last] === undefined && isStaleAt(this.#words, last);
  }

  finish(): Piece {
    return {
      times: this.#times.subarray(0, this.#length),
      values: this.#values.subarray(0, this.#length),
      histograms: this.#histograms,
      startTimes: this.#startTimes?.subarray(0, this.#length),
      staleFree: this.#staleFree,
    };
  }
}

function earliest(heads: readonly PieceHead[]): PieceHead | undefined {
  let best: PieceHead | undefined;
  for (const head of heads) {
    if (head.at === head.times.length) continue;
    if (best === undefined || head.times[head.at] < best.times[best.at]) best = head;
  }
  return best;
}
