import { getLabel, type Labels, withoutLabels } from '#shared/model/labels.ts';
import type { AggregateExpr, VectorMatching } from '#shared/promql/syntax/ast.ts';
import { isMetadataLabel } from './value.ts';

/** Gives equal strings to label sets that are equal in some labels. */
export type KeyOf = (labels: Labels) => string;

/** The labels by which series of both sides are matched: those of `on`, or all but those of `ignoring` and the name. */
export function matchedLabels(labels: Labels, { on, matchingLabels }: VectorMatching): Labels {
  return on ? onlyListed(labels, matchingLabels) : withoutListed(labels, matchingLabels);
}

/** The key of a series' match group. */
export function matchKeys({ on, matchingLabels }: VectorMatching): KeyOf {
  return on ? keyOfListed(matchingLabels) : keyOfUnlisted(matchingLabels);
}

/** The key of the group that a series is aggregated into. */
export function groupKeys({ without, grouping }: Pick<AggregateExpr, 'grouping' | 'without'>): KeyOf {
  return without ? keyOfUnlisted(grouping) : keyOfListed(grouping);
}

/** The labels with these names. */
export function onlyListed(labels: Labels, names: readonly string[]): Labels {
  return withoutLabels(labels, (name) => !names.includes(name));
}

/** The labels with other names; never those that say what the metric is. */
export function withoutListed(labels: Labels, names: readonly string[]): Labels {
  return withoutLabels(labels, (name) => names.includes(name) || isMetadataLabel(name));
}

/** By the values of few labels: the names need not be in the key. A length before each value keeps keys apart, and keys
 *  of ASCII labels strings of single bytes, which are hashed twice as fast. */
function keyOfListed(names: readonly string[]): KeyOf {
  if (names.length === 0) return () => '';
  const [first] = names;
  if (names.length === 1) return (labels) => getLabel(labels, first);
  return (labels) => {
    let key = '';
    for (const name of names) {
      const value = getLabel(labels, name);
      key = `${key}${value.length}:${value}`;
    }
    return key;
  };
}

function keyOfUnlisted(names: readonly string[]): KeyOf {
  const prefixes = new Map<string, string>();
  const prefixOf = (name: string): string => {
    let prefix = prefixes.get(name);
    if (prefix === undefined) {
      prefix = names.includes(name) || isMetadataLabel(name) ? '' : `${name.length}:${name}`;
      prefixes.set(name, prefix);
    }
    return prefix;
  };
  return (labels) => {
    let key = '';
    for (let i = 0; i < labels.length; i += 2) {
      const prefix = prefixOf(labels[i]);
      if (prefix === '') continue;
      const value = labels[i + 1];
      key = `${key}${prefix}${value.length}:${value}`;
    }
    return key;
  };
}
