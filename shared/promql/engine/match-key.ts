import { type Labels, labelsKey, withoutLabels } from '#shared/model/labels.ts';
import type { VectorMatching } from '#shared/promql/syntax/ast.ts';
import { isMetadataLabel } from './value.ts';

/** The labels by which series of both sides are matched: those of `on`, or all but those of `ignoring` and the name. */
export function matchedLabels(labels: Labels, { on, matchingLabels }: VectorMatching): Labels {
  const listed = new Set(matchingLabels);
  return withoutLabels(labels, (name) => (on ? !listed.has(name) : listed.has(name) || isMetadataLabel(name)));
}

/** A function that gives equal strings to series of one match group. */
export function matchKeys(matching: VectorMatching): (series: { readonly labels: Labels }) => string {
  const listed = new Set(matching.matchingLabels);
  if (matching.on) {
    return ({ labels }) => labelsKey(withoutLabels(labels, (name) => !listed.has(name)));
  }
  return ({ labels }) => labelsKey(withoutLabels(labels, (name) => listed.has(name) || isMetadataLabel(name)));
}
