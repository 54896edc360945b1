import type { Family } from './data.ts';
import { aggregation } from './generate-aggregation.ts';
import { binary } from './generate-binary.ts';
import { histogramCall } from './generate-histogram.ts';
import { rangeCall } from './generate-matrix.ts';
import { randomNumber, scalarTerm } from './generate-scalar.ts';
import { familyOf, type Grammar, regexQuote, selector } from './generate-selector.ts';
import { modifier, NOTHING, type Term, vector } from './term.ts';

const OF_NUMBERS =
  'abs ceil deg exp floor ln log10 log2 rad sgn sqrt acos acosh asin asinh atan atanh cos cosh sin sinh tan tanh';
const OF_TIMES = 'days_in_month day_of_month day_of_week day_of_year hour minute month year timestamp';
const MAPPED = `${OF_NUMBERS} ${OF_TIMES} timestamp absent`.split(' ');
const SORTS = ['sort', 'sort_desc'];

/** An instant vector. @param depth How many levels more it may have. */
export function vectorTerm(grammar: Grammar, depth: number, family = familyOf(grammar)): Term {
  const { rng, features } = grammar;
  if (depth <= 0) return selector(grammar, family);
  const inner = () => vectorTerm(grammar, depth - 1, family);
  return rng.weighted<() => Term>([
    [8, () => selector(grammar, family)],
    [24, () => rangeCall(grammar, depth - 1, family)],
    [18, () => aggregation(grammar, depth, family)],
    [20, () => binary(grammar, depth, family)],
    [10, () => histogramCall(grammar, depth - 1)],
    [9, () => vector`${rng.pick(MAPPED)}(${inner()})`],
    [4, () => numbersCall(grammar, inner(), depth)],
    [4, () => labelCall(grammar, inner(), family)],
    [2, () => vector`${rng.pick(SORTS)}(${inner()})`],
    [2, () => vector`-${rng.chance(0.5) ? vector`(${inner()})` : inner()}`],
    [2, () => vector`(${inner()})`],
    [1, () => vector`absent(${selector(grammar, family)})`],
    [1, () => vector`${rng.pick(['hour', 'day_of_year', 'minute', 'year', 'month', 'days_in_month'])}()`],
    [1, () => vector`vector(${scalarTerm(grammar, depth - 1)})`],
    [features ? 4 : 0, () => experimentalCall(grammar, inner(), family)],
  ])();
}

function numbersCall(grammar: Grammar, inner: Term, depth: number): Term {
  const { rng } = grammar;
  const bound = () => (rng.chance(0.8) ? randomNumber(grammar) : scalarTerm(grammar, depth - 1));
  return rng.weighted<() => Term>([
    [1, () => vector`clamp(${inner}, ${bound()}, ${bound()})`],
    [1, () => vector`clamp_min(${inner}, ${bound()})`],
    [1, () => vector`clamp_max(${inner}, ${bound()})`],
    [2, () => vector`round(${inner}${rng.chance(0.5) ? modifier`, ${bound()}` : NOTHING})`],
  ])();
}

const TARGETS = ['host', 'job', 'instance', 'le', 'my.label', '__name__', 'zone'];
const REGEXES = ['(.*):(.*)', '(.*)', '(?P<name>[a-z]+).*', '', 'a.*|w.*', '.*(\\d).*', '(a|b):80', '(?i)(A):.*'];
const REPLACEMENTS = ['$1', '$2-$1', '\u0024{name}x', 'fixed', '', '$0', '$9', '$$1', 'a$1b'];

function labelCall(grammar: Grammar, inner: Term, family: Family): Term {
  const { rng } = grammar;
  const own = family.series[0].labels.filter((_, i) => i % 2 === 0);
  const quote = (text: string) => JSON.stringify(text);
  const source = () => quote(rng.chance(0.8) ? rng.pick(own) : 'missing');
  const target = quote(rng.pick(TARGETS));
  if (rng.chance(0.7)) {
    const regex = rng.chance(0.8) ? rng.pick(REGEXES) : regexQuote(rng.pick(family.series).labels[1]);
    return vector`label_replace(${inner}, ${target}, ${quote(rng.pick(REPLACEMENTS))}, ${source()}, ${quote(regex)})`;
  }
  const sources = Array.from({ length: rng.int(0, 3) }, () => `, ${source()}`).join('');
  return vector`label_join(${inner}, ${target}, ${quote(rng.pick(['-', '', '::']))}${sources})`;
}

const INFO_SELECTORS = [
  '',
  ', {version=~".+"}',
  ', {__name__="build_info"}',
  ', {__name__=~".*_info", env="prod"}',
  ', {env=~"dev|prod",version="1.1"}',
  ', {nothing="x"}',
  ', {__name__=~".*_info"}',
];

function experimentalCall(grammar: Grammar, inner: Term, family: Family): Term {
  const { rng } = grammar;
  const own = family.series[0].labels.filter((_, i) => i % 2 === 0);
  const order = [...rng.some(own, 2), ...(rng.chance(0.2) ? ['missing'] : [])].map(
    (name) => `, ${JSON.stringify(name)}`,
  );
  return rng.weighted<() => Term>([
    [3, () => vector`info(${inner}${rng.pick(INFO_SELECTORS)})`],
    [1, () => vector`sort_by_label(${inner}${order.join('') || ', "job"'})`],
    [1, () => vector`sort_by_label_desc(${inner}${order.join('') || ', "job"'})`],
    [1, () => vector`start_timestamp(${selector(grammar, family)})`],
  ])();
}
