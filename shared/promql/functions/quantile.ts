/** The φ-quantile of the first `count` values by linear interpolation between neighbours; NaN sorts first.
 *  Sorts `values` in place.
 *  @returns NaN without values or for a NaN φ, ±Infinity for a φ outside [0, 1].
 *  @see prometheus/promql/quantile.go quantile */
export function quantile(phi: number, values: Float64Array): number {
  const count = values.length;
  if (count === 0 || Number.isNaN(phi)) return Number.NaN;
  if (phi < 0) return Number.NEGATIVE_INFINITY;
  if (phi > 1) return Number.POSITIVE_INFINITY;
  sortNanFirst(values);
  const rank = phi * (count - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(count - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  if (weight === 0) return values[lower];
  return values[lower] * (1 - weight) + values[upper] * weight;
}

/** Typed arrays sort NaN last. */
function sortNanFirst(values: Float64Array): void {
  values.sort();
  let nans = 0;
  while (nans < values.length && Number.isNaN(values[values.length - 1 - nans])) nans++;
  if (nans === 0) return;
  values.copyWithin(nans, 0, values.length - nans);
  values.fill(Number.NaN, 0, nans);
}
