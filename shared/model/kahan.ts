/** A running sum with Neumaier's compensation. `sum + compensation` is the total; both are plain fields so that a loop
 *  can keep one object. The order of operations is upstream's: results are equal bit by bit.
 *  @see prometheus/util/kahansum/kahansum.go */
export interface KahanSum {
  sum: number;
  compensation: number;
}

/** Adds `value`. An infinite sum loses its compensation. */
export function kahanAdd(state: KahanSum, value: number): void {
  const { sum } = state;
  const total = sum + value;
  if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) state.compensation = 0;
  else if (Math.abs(sum) >= Math.abs(value)) state.compensation += sum - total + value;
  else state.compensation += value - total + sum;
  state.sum = total;
}
