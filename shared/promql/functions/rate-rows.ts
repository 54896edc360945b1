import { CommonLayout, type HistogramLayout, IndexPlaces } from '#shared/model/histogram/layout.ts';
import {
  BUCKETS_AT,
  COUNT_AT,
  createRows,
  type HistogramRows,
  RESET_CODES,
  RowSizes,
  rowWidth,
  SUM_AT,
  ZERO_COUNT_AT,
} from '#shared/model/histogram/rows.ts';
import type { Buckets, Histogram } from '#shared/model/histogram.ts';
import { firstAtLeast } from './counter-resets.ts';

type Histograms = readonly (Histogram | undefined)[];

/** The changes between histograms that fit into one layout, as `HistogramChange` computes them one by one:
 *  the same numbers added in the same order, but written into rows. Nothing is to be remarked of such histograms. */
export class RateRows {
  readonly #histograms: Histograms;
  /** How many of the first 0, 1, 2, … samples do not fit. */
  readonly #misfitsBefore: Int32Array;
  readonly #resets: Int32Array;
  readonly #rows: HistogramRows;
  readonly #sizes: RowSizes;
  readonly #width: number;
  readonly #positive: IndexPlaces;
  readonly #negative: IndexPlaces;
  readonly #negativeAt: number;

  private constructor(layout: HistogramLayout, { histograms, resets, misfitsBefore, steps }: RateRowsParts) {
    this.#histograms = histograms;
    this.#misfitsBefore = misfitsBefore;
    this.#resets = resets;
    this.#rows = createRows(layout, steps);
    this.#sizes = new RowSizes(this.#rows);
    this.#width = rowWidth(layout);
    this.#positive = new IndexPlaces(layout.positive);
    this.#negative = new IndexPlaces(layout.negative);
    this.#negativeAt = BUCKETS_AT + layout.positive.length;
  }

  /** @param options `resets`: `findResets` of the series where it is a counter.
   *  @returns undefined when none of the histograms can be put into rows. */
  static of(
    histograms: Histograms,
    { counter, resets, steps }: { readonly counter: boolean; readonly resets: Int32Array; readonly steps: number },
  ): RateRows | undefined {
    const misfitsBefore = new Int32Array(histograms.length + 1);
    const layout = commonLayout(histograms, misfitsBefore, counter);
    return layout && new RateRows(layout, { histograms, resets, misfitsBefore, steps });
  }

  /** The rows that were written. */
  get rows(): HistogramRows {
    return this.#rows;
  }

  /** Whether the histograms `first` to `last` fit. */
  fits(first: number, last: number): boolean {
    return this.#misfitsBefore[last + 1] === this.#misfitsBefore[first];
  }

  /** By how much the count rose from `first` to `last`, which is later. */
  countChange(first: number, last: number): number {
    const resets = this.#resets;
    let r = firstAtLeast(resets, first + 1);
    let change = this.#histograms[last]!.count;
    // After a reset right after the first histogram that one counts for nothing.
    if (resets[r] === first + 1) r++;
    else change -= this.#histograms[first]!.count;
    for (; r < resets.length && resets[r] <= last; r++) change += this.#histograms[resets[r] - 1]!.count;
    return change;
  }

  /** Writes the change from `first` to `last` by `factor` into row k. */
  write(k: number, { first, last }: { readonly first: number; readonly last: number }, factor: number): void {
    const resets = this.#resets;
    const at = k * this.#width;
    let r = firstAtLeast(resets, first + 1);
    if (resets[r] === first + 1) {
      this.#add(at, this.#histograms[last]!);
      r++;
    } else {
      this.#subtract(at, this.#histograms[last]!, this.#histograms[first]!);
    }
    for (; r < resets.length && resets[r] <= last; r++) this.#add(at, this.#histograms[resets[r] - 1]!);
    const { numbers } = this.#rows;
    const end = at + this.#width;
    for (let i = at; i < end; i++) numbers[i] *= factor;
    this.#rows.resets[k] = RESET_CODES.gauge;
    this.#sizes.write(k);
  }

  #subtract(at: number, a: Histogram, b: Histogram): void {
    const { numbers } = this.#rows;
    numbers[at + COUNT_AT] = a.count - b.count;
    numbers[at + SUM_AT] = a.sum - b.sum;
    numbers[at + ZERO_COUNT_AT] = a.zeroCount - b.zeroCount;
    subtractCounts(numbers, at + BUCKETS_AT, { a: a.positive, b: b.positive, places: this.#positive });
    if (a.negative.counts.length === 0 && b.negative.counts.length === 0) return;
    subtractCounts(numbers, at + this.#negativeAt, { a: a.negative, b: b.negative, places: this.#negative });
  }

  #add(at: number, { count, sum, zeroCount, positive, negative }: Histogram): void {
    const { numbers } = this.#rows;
    numbers[at + COUNT_AT] += count;
    numbers[at + SUM_AT] += sum;
    numbers[at + ZERO_COUNT_AT] += zeroCount;
    addCounts(numbers, at + BUCKETS_AT, positive.counts, this.#positive.of(positive.indexes));
    addCounts(numbers, at + this.#negativeAt, negative.counts, this.#negative.of(negative.indexes));
  }
}

function subtractCounts(
  numbers: Float64Array,
  at: number,
  { a, b, places }: { readonly a: Buckets; readonly b: Buckets; readonly places: IndexPlaces },
): void {
  const placesOfA = places.of(a.indexes);
  const placesOfB = places.of(b.indexes);
  if (placesOfA === undefined && placesOfB === undefined) {
    const { counts } = a;
    const { counts: before } = b;
    for (let i = 0; i < counts.length; i++) numbers[at + i] = counts[i] - before[i];
    return;
  }
  addCounts(numbers, at, a.counts, placesOfA);
  for (let i = 0; i < b.counts.length; i++) numbers[at + (placesOfB === undefined ? i : placesOfB[i])] -= b.counts[i];
}

function addCounts(numbers: Float64Array, at: number, counts: Float64Array, places: Int32Array | undefined): void {
  if (places !== undefined) for (let i = 0; i < counts.length; i++) numbers[at + places[i]] += counts[i];
  else for (let i = 0; i < counts.length; i++) numbers[at + i] += counts[i];
}

interface RateRowsParts {
  readonly histograms: Histograms;
  readonly resets: Int32Array;
  readonly misfitsBefore: Int32Array;
  readonly steps: number;
}

/** The layout of the first histogram that has one, with the buckets of all that fit to it. A counter must not be a
 *  gauge, and a change of a gauge is remarked on where it is of a counter: none of these fit. */
function commonLayout(
  histograms: Histograms,
  misfitsBefore: Int32Array,
  counter: boolean,
): HistogramLayout | undefined {
  const common = new CommonLayout();
  for (let i = 0; i < histograms.length; i++) {
    const histogram = histograms[i];
    const isOfKind = histogram !== undefined && (histogram.counterReset !== 'gauge') === counter;
    misfitsBefore[i + 1] = misfitsBefore[i] + (isOfKind && common.take(histogram) ? 0 : 1);
  }
  return common.layout;
}
