import { copyValue, isStaleAt, setStaleAt, wordsOf } from '#shared/model/stale.ts';

/** Some samples of one series in time order. */
export interface Piece {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** A growing list of samples of one series: for explicit times and stale markers, which have no column. */
export class LooseSamples {
  #times = new Float64Array(4);
  #values = new Float64Array(4);
  #length = 0;

  /** The time of the newest sample; −Infinity when there is none. */
  get lastMs(): number {
    return this.#length === 0 ? Number.NEGATIVE_INFINITY : this.#times[this.#length - 1];
  }

  /** Adds a sample with its bits. It must be newer than the last one. */
  append(timeMs: number, from: Uint32Array, index: number): void {
    this.#push(timeMs);
    copyValue(from, index, wordsOf(this.#values), this.#length - 1);
  }

  /** Adds a stale marker. It must be newer than the last sample. */
  appendStale(timeMs: number): void {
    this.#push(timeMs);
    setStaleAt(wordsOf(this.#values), this.#length - 1);
  }

  /** Whether the newest sample has this time and these bits. */
  endsWith(timeMs: number, from: Uint32Array, index: number): boolean {
    if (this.lastMs !== timeMs) return false;
    const words = wordsOf(this.#values);
    const last = 2 * (this.#length - 1);
    return words[last] === from[2 * index] && words[last + 1] === from[2 * index + 1];
  }

  /** All samples: views. */
  piece(): Piece {
    return { times: this.#times.subarray(0, this.#length), values: this.#values.subarray(0, this.#length) };
  }

  #push(timeMs: number): void {
    if (this.#length === this.#times.length) {
      this.#times = doubled(this.#times);
      this.#values = doubled(this.#values);
    }
    this.#times[this.#length++] = timeMs;
  }
}

function doubled(array: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(array.length * 2);
  grown.set(array);
  return grown;
}

/** Makes one series of several pieces: in time order, one sample a time. Of two at one time a sample wins over a stale
 *  marker, and otherwise the one of the earlier piece. Returns views when nothing needs merging. */
export function mergePieces(pieces: readonly Piece[]): Piece {
  const parts = pieces.filter((piece) => piece.times.length > 0);
  if (parts.length === 1) return parts[0];
  const total = parts.reduce((sum, piece) => sum + piece.times.length, 0);
  const times = new Float64Array(total);
  const values = new Float64Array(total);
  const words = wordsOf(values);
  const heads = parts.map((piece) => ({ ...piece, words: wordsOf(piece.values), at: 0 }));
  let length = 0;
  for (;;) {
    const next = earliest(heads);
    if (next === undefined) break;
    const time = next.times[next.at];
    const same = length > 0 && times[length - 1] === time;
    if (!same) times[length++] = time;
    if (!same || (isStaleAt(words, length - 1) && !isStaleAt(next.words, next.at))) {
      copyValue(next.words, next.at, words, length - 1);
    }
    next.at++;
  }
  return { times: times.subarray(0, length), values: values.subarray(0, length) };
}

interface PieceHead extends Piece {
  readonly words: Uint32Array;
  at: number;
}

function earliest(heads: readonly PieceHead[]): PieceHead | undefined {
  let best: PieceHead | undefined;
  for (const head of heads) {
    if (head.at === head.times.length) continue;
    if (best === undefined || head.times[head.at] < best.times[best.at]) best = head;
  }
  return best;
}
