import type { Evaluation } from './evaluation.ts';
import type { Scope } from './scope.ts';
import { columnBytes, valueWeight } from './size.ts';
import { allPresent, type Value, type VectorSeries } from './value.ts';

/** Repeats the value of a single step at every step of `scope`. A range vector has times of its own and stays as it is.
 *  @throws {QueryError} When there are too many samples. */
export function repeatAtEachStep(value: Value, scope: Scope, { limits }: Evaluation): Value {
  const { steps } = scope;
  if (value.kind === 'string' || value.kind === 'matrix' || steps === 1) return value;
  limits.hold(valueWeight(value) * (steps - 1));
  if (value.kind === 'scalar') return { kind: 'scalar', values: new Float64Array(steps).fill(value.values[0]) };
  limits.memory.take(value.series.length * columnBytes(steps));
  return { kind: 'vector', series: value.series.map((one) => repeatSeries(one, steps)) };
}

function repeatSeries({ labels, dropName, values, histograms }: VectorSeries, steps: number): VectorSeries {
  const present = allPresent(steps);
  const floats = { labels, dropName, values: new Float64Array(steps).fill(values[0]), present };
  const histogram = histograms?.[0];
  return histogram === undefined ? floats : { ...floats, histograms: new Array(steps).fill(histogram) };
}
