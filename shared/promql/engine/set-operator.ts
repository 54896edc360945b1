import type { SetOperator, VectorMatching } from '#shared/promql/syntax/ast.ts';
import { type KeyOf, matchKeys } from './match-key.ts';
import { distinctResults, type OperatorContext, type Work } from './operator-context.ts';
import type { VectorSeries } from './value.ts';

/** `and`, `or`, `unless`: keeps the samples of each side by whether the other has one of the same match group.
 *  @see prometheus/promql/engine.go VectorAnd, VectorOr, VectorUnless */
export function* applySetOperator(
  op: SetOperator,
  lhs: readonly VectorSeries[],
  rhs: readonly VectorSeries[],
  { matching, context }: { readonly matching: VectorMatching; readonly context: OperatorContext },
): Work<readonly VectorSeries[]> {
  const keyOf = matchKeys(matching);
  switch (op) {
    case 'and':
      return yield* keep(lhs, keyOf, yield* presenceByKey(rhs, keyOf), 1);
    case 'unless':
      return yield* keep(lhs, keyOf, yield* presenceByKey(rhs, keyOf), 0);
    case 'or':
      return distinctResults([...lhs, ...(yield* keep(rhs, keyOf, yield* presenceByKey(lhs, keyOf), 0))], context);
  }
}

/** At which steps a match group has a sample. Several series make an array of their own. */
interface Presence {
  present: Uint8Array;
  isOwn: boolean;
}

function* presenceByKey(series: readonly VectorSeries[], keyOf: KeyOf): Work<ReadonlyMap<string, Presence>> {
  const presence = new Map<string, Presence>();
  for (const { labels, present } of series) {
    const key = keyOf(labels);
    const before = presence.get(key);
    if (before === undefined) presence.set(key, { present, isOwn: false });
    else if (before.present !== present) addPresence(before, present);
    yield;
  }
  return presence;
}

function addPresence(group: Presence, present: Uint8Array): void {
  if (!group.isOwn) {
    group.present = group.present.slice();
    group.isOwn = true;
  }
  const own = group.present;
  for (let k = 0; k < own.length; k++) own[k] |= present[k];
}

/** The samples at the steps where the other side's presence is `wanted`. */
function* keep(
  series: readonly VectorSeries[],
  keyOf: KeyOf,
  others: ReadonlyMap<string, Presence>,
  wanted: 0 | 1,
): Work<readonly VectorSeries[]> {
  const kept: VectorSeries[] = [];
  for (const one of series) {
    const other = others.get(keyOf(one.labels))?.present;
    if (other === undefined) {
      if (wanted === 0) kept.push(one);
      continue;
    }
    const present = keepWhere(one.present, other, wanted);
    if (present === one.present) kept.push(one);
    else if (present.includes(1)) kept.push({ ...one, present });
    yield;
  }
  return kept;
}

/** `present` itself where it stays as it is. */
function keepWhere(present: Uint8Array, other: Uint8Array, wanted: 0 | 1): Uint8Array {
  if (wanted === 1 && other === present) return present;
  const flip = 1 - wanted;
  let first = 0;
  while (first < present.length && present[first] <= (other[first] ^ flip)) first++;
  if (first === present.length) return present;
  const kept = present.slice();
  for (let k = first; k < kept.length; k++) kept[k] &= other[k] ^ flip;
  return kept;
}
