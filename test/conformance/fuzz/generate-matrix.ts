import type { Family } from './data.ts';
import { number, scalarTerm } from './generate-scalar.ts';
import { duration, familyOf, type Grammar, rangeSelector, timeModifiers } from './generate-selector.ts';
import { vectorTerm } from './generate-vector.ts';
import { matrix, modifier, NOTHING, type Term, vector } from './term.ts';

const OF_ANY =
  'avg_over_time count_over_time last_over_time first_over_time present_over_time sum_over_time changes resets';
const OF_FLOATS =
  'min_over_time max_over_time stddev_over_time stdvar_over_time deriv delta idelta mad_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time';
const OF_COUNTERS = 'rate increase irate rate increase';

/** Functions of a range vector alone, that a kind of metric is usually asked for. */
const USUAL: Readonly<Record<Family['kind'], readonly string[]>> = {
  counter: `${OF_COUNTERS} resets changes delta`.split(' '),
  gauge: `${OF_ANY} ${OF_FLOATS}`.split(' '),
  buckets: OF_COUNTERS.split(' '),
  native: `${OF_COUNTERS} ${OF_COUNTERS} delta idelta ${OF_ANY}`.split(' '),
  info: OF_ANY.split(' '),
};
const ALL = `${OF_ANY} ${OF_FLOATS} ${OF_COUNTERS}`.split(' ');
const EXPERIMENTAL = /^(mad_|ts_of_)/;
const ANCHORED = ['rate', 'increase', 'delta', 'changes', 'resets'];
const SMOOTHED = ['rate', 'increase', 'delta'];

/** A function of a range vector. */
export function rangeCall(grammar: Grammar, depth: number, family = familyOf(grammar)): Term {
  const { rng } = grammar;
  if (rng.chance(0.12)) return parameterCall(grammar, depth, family);
  const name = pickFunction(grammar, rng.chance(0.85) ? USUAL[family.kind] : ALL);
  if (rng.chance(0.06)) return extendedCall(grammar, name, family);
  return vector`${name}(${rangeTerm(grammar, depth, family)})`;
}

function pickFunction({ rng, features }: Grammar, names: readonly string[]): string {
  return rng.pick(features ? names : names.filter((name) => !EXPERIMENTAL.test(name)));
}

/** With a range that reaches to the samples around it. */
function extendedCall(grammar: Grammar, name: string, family: Family): Term {
  const { rng } = grammar;
  const smoothed = rng.chance(0.5);
  const allowed = smoothed ? SMOOTHED : ANCHORED;
  const func = rng.chance(0.1) ? name : rng.pick(allowed);
  const extension = smoothed ? modifier` smoothed` : modifier` anchored`;
  return vector`${func}(${rangeSelector(grammar, family, extension)})`;
}

/** A function of a range vector and numbers. */
function parameterCall(grammar: Grammar, depth: number, family: Family): Term {
  const { rng, features } = grammar;
  const range = rangeTerm(grammar, depth, family);
  const choices: [number, () => Term][] = [
    [3, () => vector`quantile_over_time(${quantile(grammar)}, ${range})`],
    [2, () => vector`predict_linear(${range}, ${scalarTerm(grammar, depth - 1)})`],
    [1, () => vector`absent_over_time(${range})`],
  ];
  if (features) {
    const factor = () => rng.pick(['0.1', '0.5', '0.9', '0.99', '0', '1', '2']);
    choices.push([1, () => vector`double_exponential_smoothing(${range}, ${factor()}, ${factor()})`]);
    choices.push([1, () => vector`integral(${range}${rng.pick(['', ', 0', ', 1', ', 2', ', 3'])})`]);
  }
  return rng.weighted(choices)();
}

/** A quantile, most often a sensible one. */
export function quantile(grammar: Grammar): Term {
  const { rng } = grammar;
  if (rng.chance(0.85)) return number(rng.pick(['0.5', '0.9', '0.99', '0', '1', '0.25', '0.333', '5e-1']));
  return rng.chance(0.7) ? number(rng.pick(['-0.1', '1.5', 'NaN', 'Inf', '-Inf'])) : scalarTerm(grammar, 1);
}

/** A range vector: a selector, or a subquery where the query may still be deep. */
export function rangeTerm(grammar: Grammar, depth: number, family = familyOf(grammar)): Term {
  const { rng } = grammar;
  if (depth <= 0 || rng.chance(0.75)) return rangeSelector(grammar, family);
  return subquery(grammar, depth, family);
}

const SUBQUERY_RANGES = ['1m', '2m', '3m', '5m', '7m30s', '10m', '(2m+step())'];
const SUBQUERY_STEPS = ['', '', '15s', '20s', '30s', '1m', '2m', '17s', 'step()', 'max_of(step(), 30s)'];

function subquery(grammar: Grammar, depth: number, family: Family): Term {
  const { rng } = grammar;
  const inner = rng.chance(0.93) ? vectorTerm(grammar, depth - 1, family) : scalarTerm(grammar, depth - 1);
  const range = rng.chance(0.05) ? duration(grammar) : rng.pick(SUBQUERY_RANGES);
  const modifiers = rng.chance(0.3) ? timeModifiers(grammar) : NOTHING;
  return matrix`(${inner})[${range}:${rng.pick(SUBQUERY_STEPS)}]${modifiers}`;
}
