/** Heaps of floats, each in a region of two common columns; with each float goes the index of its series.
 *  The least is on top, and NaN is less than anything, itself included. Moves are those of Go's container/heap: they
 *  decide which of equal samples stay, and in which order. */
export interface HeapColumns {
  readonly values: Float64Array;
  readonly indexes: Int32Array;
}

/** The order of Go's heap of samples.
 *  @see prometheus/promql/functions.go vectorByValueHeap.Less */
export function isLess(a: number, b: number): boolean {
  return Number.isNaN(a) || a < b;
}

/** Adds an item to the heap of `size` items that begins at `base`. */
export function pushHeap(
  { values, indexes }: HeapColumns,
  base: number,
  size: number,
  item: { readonly value: number; readonly index: number },
): void {
  const { value, index } = item;
  let child = size;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!isLess(value, values[base + parent])) break;
    values[base + child] = values[base + parent];
    indexes[base + child] = indexes[base + parent];
    child = parent;
  }
  values[base + child] = value;
  indexes[base + child] = index;
}

/** Puts an item in the place of the least one of the heap of `size` items that begins at `base`. */
export function replaceTop(
  { values, indexes }: HeapColumns,
  base: number,
  size: number,
  item: { readonly value: number; readonly index: number },
): void {
  const { value, index } = item;
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= size) break;
    if (child + 1 < size && isLess(values[base + child + 1], values[base + child])) child++;
    if (!isLess(values[base + child], value)) break;
    values[base + parent] = values[base + child];
    indexes[base + parent] = indexes[base + child];
    parent = child;
  }
  values[base + parent] = value;
  indexes[base + parent] = index;
}
