import type { SetOperator, VectorMatching } from '#shared/promql/syntax/ast.ts';
import { matchKeys } from './match-key.ts';
import { mergeSameLabels, type VectorSeries } from './value.ts';

/** `and`, `or`, `unless`: keeps the samples of each side by whether the other has one of the same match group.
 *  @see prometheus/promql/engine.go VectorAnd, VectorOr, VectorUnless */
export function applySetOperator(
  op: SetOperator,
  lhs: readonly VectorSeries[],
  rhs: readonly VectorSeries[],
  matching: VectorMatching,
): readonly VectorSeries[] {
  const keyOf = matchKeys(matching);
  switch (op) {
    case 'and':
      return keep(lhs, keyOf, presenceByKey(rhs, keyOf), 1);
    case 'unless':
      return keep(lhs, keyOf, presenceByKey(rhs, keyOf), 0);
    case 'or':
      return mergeSameLabels([...lhs, ...keep(rhs, keyOf, presenceByKey(lhs, keyOf), 0)]);
  }
}

type KeyOf = (series: VectorSeries) => string;

/** At which steps a match group has a sample. */
function presenceByKey(series: readonly VectorSeries[], keyOf: KeyOf): ReadonlyMap<string, Uint8Array> {
  const presence = new Map<string, Uint8Array>();
  for (const one of series) {
    const key = keyOf(one);
    const before = presence.get(key);
    presence.set(key, before === undefined ? one.present : before.map((bit, k) => bit | one.present[k]));
  }
  return presence;
}

/** The samples at the steps where the other side's presence is `wanted`. */
function keep(
  series: readonly VectorSeries[],
  keyOf: KeyOf,
  others: ReadonlyMap<string, Uint8Array>,
  wanted: 0 | 1,
): readonly VectorSeries[] {
  const kept: VectorSeries[] = [];
  for (const one of series) {
    const other = others.get(keyOf(one));
    if (other === undefined) {
      if (wanted === 0) kept.push(one);
      continue;
    }
    const present = one.present.map((bit, k) => (other[k] === wanted ? bit : 0));
    if (present.includes(1)) kept.push({ ...one, present });
  }
  return kept;
}
