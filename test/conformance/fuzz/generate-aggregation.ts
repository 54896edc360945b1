import { isLegacyLabelName } from '#shared/model/labels.ts';
import type { Family } from './data.ts';
import { quantile } from './generate-matrix.ts';
import { number, scalarTerm } from './generate-scalar.ts';
import type { Grammar } from './generate-selector.ts';
import { vectorTerm } from './generate-vector.ts';
import { modifier, NOTHING, type Term, vector } from './term.ts';

const PLAIN = ['sum', 'sum', 'sum', 'avg', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'];

/** An aggregation. */
export function aggregation(grammar: Grammar, depth: number, family: Family): Term {
  const { rng, features } = grammar;
  const inner = vectorTerm(grammar, depth - 1, family);
  const by = grouping(grammar, family);
  const whole = (op: string, parameter: Term | string) =>
    rng.chance(0.7) ? vector`${op}${by} (${parameter}${inner})` : vector`${op}(${parameter}${inner})${by}`;
  const count = () =>
    rng.chance(0.9) ? number(rng.pick(['1', '2', '3', '5', '0', '-1', '2.7'])) : scalarTerm(grammar, 1);
  const ratio = () => number(rng.pick(['0.5', '-0.5', '0.1', '-0.9', '1', '0', '1.1', '-2', '0.33']));
  return rng.weighted<() => Term>([
    [12, () => whole(rng.pick(PLAIN), '')],
    [3, () => whole(rng.pick(['topk', 'bottomk']), modifiable(count()))],
    [2, () => whole('quantile', modifiable(quantile(grammar)))],
    [1.5, () => whole('count_values', `${JSON.stringify(rng.pick(['value', 'le', 'job', 'v.x']))}, `)],
    [features ? 1.5 : 0, () => whole('limitk', modifiable(count()))],
    [features ? 1.5 : 0, () => whole('limit_ratio', modifiable(ratio()))],
  ])();
}

/** A parameter with its comma. */
function modifiable(parameter: Term): Term {
  return { type: 'string', parts: [parameter, ', '] };
}

function grouping({ rng }: Grammar, family: Family): Term {
  if (rng.chance(0.3)) return NOTHING;
  return modifier` ${rng.pick(['by', 'by', 'without'])} (${labelList(rng.some(labelNames(family), 3))})`;
}

/** The names of labels that the series of a family have. */
export function labelNames({ series }: Family): string[] {
  return series[0].labels.filter((name, i) => i % 2 === 0 && name !== '__name__');
}

export function labelList(names: readonly string[]): string {
  return names.map((name) => (isLegacyLabelName(name) ? name : JSON.stringify(name))).join(', ');
}
