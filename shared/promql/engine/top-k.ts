import type { AggregateExpr } from '#shared/promql/syntax/ast.ts';
import { groupSeries } from './grouping.ts';
import { checkCount, createParameter } from './parameter.ts';
import { EMPTY_VECTOR, type VectorSeries, type VectorValue } from './value.ts';

export type SelectingAggregation = 'topk' | 'bottomk' | 'limitk';

/** The input series with only the samples that are among the k highest, lowest or first of their group.
 *  At a single step the result is ordered group by group, best first.
 *  @see prometheus/promql/engine.go aggregationK */
export function selectK(
  op: SelectingAggregation,
  series: readonly VectorSeries[],
  expr: AggregateExpr,
  counts: Float64Array,
): VectorValue {
  const parameter = createParameter(counts);
  if (parameter.max < 1) return EMPTY_VECTOR;
  checkCount(parameter);
  const members = groupMembers(series, expr);
  const kept = series.map(({ present }) => new Uint8Array(present.length));
  const order: number[] = [];
  for (let k = 0; k < counts.length; k++) {
    const limit = Math.min(Math.trunc(counts[k]), series.length);
    if (limit < 1) continue;
    for (const group of members) {
      for (const index of selectAt(op, group, series, { k, limit })) {
        kept[index][k] = 1;
        if (counts.length === 1) order.push(index);
      }
    }
  }
  const indexes = counts.length === 1 ? order : presentIndexes(kept);
  return { kind: 'vector', series: indexes.map((index) => ({ ...series[index], present: kept[index] })) };
}

function presentIndexes(presence: readonly Uint8Array[]): number[] {
  const indexes: number[] = [];
  for (let i = 0; i < presence.length; i++) if (presence[i].includes(1)) indexes.push(i);
  return indexes;
}

/** The indexes of each group's series. */
function groupMembers(series: readonly VectorSeries[], expr: AggregateExpr): number[][] {
  const { groupOf, labels } = groupSeries(series, expr);
  const members: number[][] = labels.map(() => []);
  for (let i = 0; i < series.length; i++) members[groupOf[i]].push(i);
  return members;
}

/** The chosen series of one group at step k, best first. */
function selectAt(
  op: SelectingAggregation,
  group: readonly number[],
  series: readonly VectorSeries[],
  { k, limit }: { k: number; limit: number },
): number[] {
  const present = group.filter((index) => series[index].present[k] === 1);
  if (op === 'limitk') return present.slice(0, limit);
  const valueAt = (index: number) => series[index].values[k];
  const less = op === 'topk' ? (a: number, b: number) => a < b : (a: number, b: number) => a > b;
  const worse = (a: number, b: number) => Number.isNaN(valueAt(a)) || less(valueAt(a), valueAt(b));
  return new BoundedHeap(limit, worse).keepBest(present);
}

/** A heap of at most `limit` items with the worst on top. A copy of Go's container/heap: it decides which of equal
 *  samples stay. */
class BoundedHeap {
  readonly #limit: number;
  readonly #worse: (a: number, b: number) => boolean;
  readonly #items: number[] = [];

  constructor(limit: number, worse: (a: number, b: number) => boolean) {
    this.#limit = limit;
    this.#worse = worse;
  }

  /** The best of `candidates`, best first. */
  keepBest(candidates: readonly number[]): number[] {
    for (const candidate of candidates) this.#offer(candidate);
    return sortByLess(this.#items, (a, b) => this.#worse(b, a));
  }

  #offer(candidate: number): void {
    if (this.#items.length < this.#limit) {
      this.#items.push(candidate);
      this.#up(this.#items.length - 1);
    } else if (this.#worse(this.#items[0], candidate) && !this.#worse(candidate, this.#items[0])) {
      this.#items[0] = candidate;
      this.#down();
    }
  }

  #up(start: number): void {
    let child = start;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#worse(this.#items[child], this.#items[parent])) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #down(): void {
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= this.#items.length) return;
      const right = child + 1;
      if (right < this.#items.length && this.#worse(this.#items[right], this.#items[child])) child = right;
      if (!this.#worse(this.#items[child], this.#items[parent])) return;
      this.#swap(child, parent);
      parent = child;
    }
  }

  #swap(a: number, b: number): void {
    [this.#items[a], this.#items[b]] = [this.#items[b], this.#items[a]];
  }
}

/** Up to this length Go sorts by insertion, which keeps the order of equals. */
const INSERTION_LENGTH = 12;

/** Sorts by an order that NaN does not obey. Of longer lists the order of equals is not defined in Go. */
function sortByLess(items: readonly number[], less: (a: number, b: number) => boolean): number[] {
  const sorted = [...items];
  if (sorted.length > INSERTION_LENGTH) return sorted.sort((a, b) => Number(less(b, a)) - Number(less(a, b)));
  for (let i = 1; i < sorted.length; i++) {
    for (let j = i; j > 0 && less(sorted[j], sorted[j - 1]); j--) {
      [sorted[j], sorted[j - 1]] = [sorted[j - 1], sorted[j]];
    }
  }
  return sorted;
}
