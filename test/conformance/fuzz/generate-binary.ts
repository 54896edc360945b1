import type { Family } from './data.ts';
import { labelList, labelNames } from './generate-aggregation.ts';
import { randomNumber, scalarTerm } from './generate-scalar.ts';
import { familyOf, type Grammar, selector } from './generate-selector.ts';
import { vectorTerm } from './generate-vector.ts';
import type { Rng } from './rng.ts';
import { modifier, NOTHING, type Term, vector } from './term.ts';

const ARITHMETIC = ['+', '-', '*', '/', '+', '-', '*', '/', '%', '^', 'atan2'];
const COMPARISONS = ['==', '!=', '>', '<', '>=', '<='];
const SETS = ['and', 'or', 'unless'];
const TRIMS = ['</', '>/'];
const TARGET = ['job', 'instance'];

/** A binary operator with at least one vector. */
export function binary(grammar: Grammar, depth: number, family: Family): Term {
  const { rng } = grammar;
  return rng.weighted<() => Term>([
    [5, () => withScalar(grammar, depth, family)],
    [5, () => oneToOne(grammar, depth, family)],
    [4, () => manyToOne(grammar, depth, family)],
    [4, () => setOperation(grammar, depth, family)],
    [family.kind === 'native' ? 3 : 0.2, () => trim(grammar, depth, family)],
    [1, () => anyMatching(grammar, depth, family)],
  ])();
}

function operator(rng: Rng): Term {
  if (rng.chance(0.6)) return modifierText(rng.pick(ARITHMETIC));
  const comparison = rng.pick(COMPARISONS);
  return rng.chance(0.4) ? { type: 'string', parts: [comparison, modifier` bool`] } : modifierText(comparison);
}

/** Text that has to stay. */
function modifierText(text: string): Term {
  return { type: 'string', parts: [text] };
}

function operand(rng: Rng, inner: Term): Term {
  return rng.chance(0.4) ? vector`(${inner})` : inner;
}

function withScalar(grammar: Grammar, depth: number, family: Family): Term {
  const { rng } = grammar;
  const side = operand(rng, vectorTerm(grammar, depth - 1, family));
  const number = rng.chance(0.8) ? randomNumber(grammar) : scalarTerm(grammar, depth - 1);
  return rng.chance(0.7) ? vector`${side} ${operator(rng)} ${number}` : vector`${number} ${operator(rng)} ${side}`;
}

/** Of two sides that mostly have the same labels. */
function oneToOne(grammar: Grammar, depth: number, family: Family): Term {
  const { rng } = grammar;
  const lhs = operand(rng, vectorTerm(grammar, depth - 1, family));
  const rhs = operand(rng, vectorTerm(grammar, rng.chance(0.5) ? 0 : depth - 1, family));
  const matching = rng.chance(0.5) ? NOTHING : modifier` ${matchingClause(rng, family)}`;
  return vector`${lhs} ${operator(rng)}${matching}${fill(grammar)} ${rhs}`;
}

function matchingClause(rng: Rng, family: Family): string {
  const names = labelNames(family);
  if (rng.chance(0.6)) return `on (${labelList(rng.chance(0.7) ? names : rng.some(names, 3))})`;
  return `ignoring (${labelList(rng.some([...names, 'missing'], 1))})`;
}

/** With a side that has one series a target, or less. */
function manyToOne(grammar: Grammar, depth: number, family: Family): Term {
  const { rng } = grammar;
  const many = operand(rng, vectorTerm(grammar, depth - 1, family));
  const info = familyOf(grammar, ['info']);
  const labels = rng.chance(0.5) ? TARGET : [rng.pick(TARGET)];
  const one = rng.weighted<() => Term>([
    [
      3,
      () =>
        vector`${rng.pick(['sum', 'avg', 'max', 'count'])} by (${labelList(labels)}) (${selector(grammar, family)})`,
    ],
    [2, () => selector(grammar, info)],
    [1, () => vector`max by (${labelList([...labels, 'version', 'env'])}) (${info.name})`],
  ])();
  const include = rng.pick(['', '', 'version', 'env, version', 'build', 'missing', 'job']);
  const left = rng.chance(0.7);
  const clause = modifier` on (${labelList(labels)}) group_${left ? 'left' : 'right'} (${include})`;
  const [lhs, rhs] = left ? [many, one] : [one, many];
  return vector`${lhs} ${operator(rng)}${clause}${fill(grammar)} ${rhs}`;
}

function fill({ rng, features }: Grammar): Term {
  if (!features || rng.chance(0.85)) return NOTHING;
  const value = () => rng.pick(['0', '1', '-2.5', 'NaN', 'Inf', '10']);
  return rng.weighted<() => Term>([
    [2, () => modifier` fill (${value()})`],
    [1, () => modifier` fill_left (${value()})`],
    [1, () => modifier` fill_right (${value()})`],
    [1, () => modifier` fill_left (${value()}) fill_right (${value()})`],
  ])();
}

function setOperation(grammar: Grammar, depth: number, family: Family): Term {
  const { rng } = grammar;
  const other = rng.chance(0.6) ? family : familyOf(grammar);
  const lhs = operand(rng, vectorTerm(grammar, depth - 1, family));
  const rhs = operand(rng, vectorTerm(grammar, depth - 1, other));
  const clause = rng.chance(0.5)
    ? NOTHING
    : modifier` ${rng.pick(['on', 'ignoring'])} (${labelList(rng.some(TARGET, 2))})`;
  return vector`${lhs} ${rng.pick(SETS)}${clause} ${rhs}`;
}

function trim(grammar: Grammar, depth: number, family: Family): Term {
  const { rng } = grammar;
  const side = operand(rng, vectorTerm(grammar, depth - 1, family));
  const bound = rng.chance(0.9) ? randomNumber(grammar) : selector(grammar, family);
  return vector`${side} ${rng.pick(TRIMS)} ${bound}`;
}

/** Whatever comes: most often an error, or nothing. */
function anyMatching(grammar: Grammar, depth: number, family: Family): Term {
  const { rng } = grammar;
  const lhs = operand(rng, vectorTerm(grammar, depth - 1, family));
  const rhs = operand(rng, vectorTerm(grammar, depth - 1));
  const group = rng.chance(0.4) ? modifier` ${rng.pick(['group_left', 'group_right'])}` : NOTHING;
  return vector`${lhs} ${operator(rng)}${modifier` ${matchingClause(rng, family)}${group}`} ${rhs}`;
}
