import type { Grammar } from './generate-selector.ts';
import { vectorTerm } from './generate-vector.ts';
import { scalar, type Term } from './term.ts';

const USUAL = ['0', '1', '2', '3', '10', '100', '0.5', '1.5', '-1', '1e3', '0.1', '7', '60', '1000'];
const STRANGE = ['NaN', 'Inf', '-Inf', '+1e308', '1e-300', '0x1F', '1_000', '5m', '1h30m', '-0', '9007199254740993'];
const ARITHMETIC = ['+', '-', '*', '/', '%', '^', 'atan2'];
const COMPARISONS = ['==', '!=', '>', '<', '>=', '<='];

export function number(text: string): Term {
  return scalar`${text}`;
}

export function randomNumber({ rng }: Grammar): Term {
  return number(rng.chance(0.85) ? rng.pick(USUAL) : rng.pick(STRANGE));
}

/** A scalar. */
export function scalarTerm(grammar: Grammar, depth: number): Term {
  const { rng, features } = grammar;
  if (depth <= 0) return rng.chance(0.9) ? randomNumber(grammar) : scalar`time()`;
  const inner = () => scalarTerm(grammar, depth - 1);
  const choices: [number, () => Term][] = [
    [12, () => randomNumber(grammar)],
    [2, () => scalar`time()`],
    [1, () => scalar`pi()`],
    [2, () => scalar`scalar(${vectorTerm(grammar, depth - 1)})`],
    [2, () => scalar`(${inner()} ${rng.pick(ARITHMETIC)} ${inner()})`],
    [1, () => scalar`(${inner()} ${rng.pick(COMPARISONS)} bool ${inner()})`],
    [1, () => scalar`-${inner()}`],
  ];
  if (features) {
    choices.push([1, () => scalar`${rng.pick(['start()', 'end()', 'step()', 'range()'])}`]);
    choices.push([1, () => scalar`${rng.pick(['min_of', 'max_of'])}(${inner()}, ${inner()})`]);
  }
  return rng.weighted(choices)();
}
