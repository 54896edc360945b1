import { goSort } from '#shared/model/go-sort.ts';
import { floatPresence } from './accumulator.ts';
import type { AggregationInput } from './aggregate.ts';
import { histogramIgnoredInAggregation } from './annotations.ts';
import { type Grouping, groupSeries } from './grouping.ts';
import type { OperatorContext, Work } from './operator-context.ts';
import { checkCount, createParameter } from './parameter.ts';
import { type HeapColumns, isLess, pushHeap, replaceTop } from './sample-heap.ts';
import { EMPTY_VECTOR, type VectorSeries, type VectorValue } from './value.ts';

export type SelectingAggregation = 'topk' | 'bottomk' | 'limitk';

/** The input series with only the samples that are among the k highest, lowest or first of their group.
 *  At a single step the result is ordered group by group: best first, or as upstream's heap of `limitk` is.
 *  @throws {QueryError} For a k that is no number.
 *  @see prometheus/promql/engine.go aggregationK */
export function* selectK(
  op: SelectingAggregation,
  { expr, series }: AggregationInput,
  counts: Float64Array,
  context: OperatorContext,
): Work<VectorValue> {
  const parameter = createParameter(counts);
  if (parameter.max < 1) return EMPTY_VECTOR;
  checkCount(parameter);
  const selection = new Selection(op, groupSeries(series, expr), {
    limits: Int32Array.from(counts, (count) => Math.max(0, Math.min(Math.trunc(count), series.length))),
    reserve: context.reserve,
  });
  const ignored = () => context.annotate(histogramIgnoredInAggregation(op, expr.span));
  for (let i = 0; i < series.length; i++) {
    selection.offer(series[i], i, ignored);
    yield;
  }
  return { kind: 'vector', series: context.steps === 1 ? selection.ordered(series) : selection.masked(series) };
}

const BYTES_PER_ITEM = 12;

/** The samples chosen so far: a heap for each group and step. */
class Selection {
  readonly #op: SelectingAggregation;
  readonly #grouping: Grouping;
  /** How many to choose, by step. */
  readonly #limits: Int32Array;
  readonly #heaps: HeapColumns;
  /** Where the heaps of a group begin; those of its steps follow each other. */
  readonly #bases: readonly number[];
  /** How many items the heaps of a group have room for. */
  readonly #capacities: readonly number[];
  /** Items in the heap of group g at step k: at `g * steps + k`. */
  readonly #sizes: Int32Array;

  constructor(
    op: SelectingAggregation,
    grouping: Grouping,
    options: { readonly limits: Int32Array; readonly reserve?: (bytes: number) => void },
  ) {
    const steps = options.limits.length;
    const most = options.limits.reduce((a, b) => Math.max(a, b), 0);
    this.#op = op;
    this.#grouping = grouping;
    this.#limits = options.limits;
    this.#capacities = grouping.sizes.map((size) => Math.min(size, most));
    const bases: number[] = [];
    let items = 0;
    for (const capacity of this.#capacities) {
      bases.push(items);
      items += capacity * steps;
    }
    options.reserve?.(items * BYTES_PER_ITEM);
    this.#bases = bases;
    this.#heaps = { values: new Float64Array(items), indexes: new Int32Array(items) };
    this.#sizes = new Int32Array(grouping.sizes.length * steps);
  }

  offer(series: VectorSeries, index: number, ignored: () => void): void {
    if (this.#op === 'limitk') this.#offerFirst(series, index);
    else this.#offerBest(series, index, ignored);
  }

  #offerBest(series: VectorSeries, index: number, ignored: () => void): void {
    const present = this.#wantedPresence(series, ignored);
    const sign = this.#op === 'topk' ? 1 : -1;
    const steps = this.#limits.length;
    const group = this.#grouping.groupOf[index];
    const capacity = this.#capacities[group];
    const sizes = this.#sizes;
    const { values: kept } = this.#heaps;
    let base = this.#bases[group];
    for (let k = 0; k < steps; k++, base += capacity) {
      if (present[k] === 0) continue;
      const limit = this.#limits[k];
      if (limit === 0) continue;
      const value = sign * series.values[k];
      const size = sizes[group * steps + k];
      if (size < limit) {
        pushHeap(this.#heaps, base, size, { value, index });
        sizes[group * steps + k] = size + 1;
      } else if (kept[base] < value || (Number.isNaN(kept[base]) && !Number.isNaN(value))) {
        replaceTop(this.#heaps, base, size, { value, index });
      }
    }
  }

  /** Histograms are remarked on only at steps at which something is chosen. */
  #wantedPresence(series: VectorSeries, ignored: () => void): Uint8Array {
    if (series.histograms === undefined) return series.present;
    const present = series.present.map((bit, k) => (this.#limits[k] > 0 ? bit : 0));
    return floatPresence({ ...series, present }, ignored);
  }

  #offerFirst({ values, present, histograms }: VectorSeries, index: number): void {
    const steps = this.#limits.length;
    const group = this.#grouping.groupOf[index];
    for (let k = 0; k < steps; k++) {
      const size = this.#sizes[group * steps + k];
      if (present[k] === 0 || size >= this.#limits[k]) continue;
      const value = histograms?.[k] === undefined ? values[k] : 0;
      pushHeap(this.#heaps, this.#bases[group] + k * this.#capacities[group], size, { value, index });
      this.#sizes[group * steps + k] = size + 1;
    }
  }

  /** The chosen series of the only step. */
  ordered(series: readonly VectorSeries[]): VectorSeries[] {
    const chosen: VectorSeries[] = [];
    for (const [group, base] of this.#bases.entries()) {
      const places = Array.from({ length: this.#sizes[group] }, (_, i) => base + i);
      const { values, indexes } = this.#heaps;
      if (this.#op !== 'limitk') goSort(places, (a, b) => isLess(values[b], values[a]));
      for (const place of places) chosen.push(this.#withPresence(series[indexes[place]], Uint8Array.of(1)));
    }
    return chosen;
  }

  /** The series that were chosen at some step, in their order. */
  masked(series: readonly VectorSeries[]): VectorSeries[] {
    const steps = this.#limits.length;
    const presence: (Uint8Array | undefined)[] = new Array(series.length);
    for (const [group, capacity] of this.#capacities.entries()) {
      for (let k = 0; k < steps; k++) {
        const base = this.#bases[group] + k * capacity;
        for (let i = 0; i < this.#sizes[group * steps + k]; i++) {
          const index = this.#heaps.indexes[base + i];
          presence[index] ??= new Uint8Array(steps);
          presence[index][k] = 1;
        }
      }
    }
    const chosen: VectorSeries[] = [];
    for (const [index, present] of presence.entries()) {
      if (present !== undefined) chosen.push(this.#withPresence(series[index], present));
    }
    return chosen;
  }

  #withPresence({ labels, dropName, values, histograms }: VectorSeries, present: Uint8Array): VectorSeries {
    const floats = { labels, dropName, values, present };
    return this.#op !== 'limitk' || histograms === undefined ? floats : { ...floats, histograms };
  }
}
