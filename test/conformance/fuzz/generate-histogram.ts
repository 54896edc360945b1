import type { Family } from './data.ts';
import { quantile, rangeCall } from './generate-matrix.ts';
import { randomNumber } from './generate-scalar.ts';
import { familyOf, type Grammar, selector } from './generate-selector.ts';
import { vectorTerm } from './generate-vector.ts';
import { type Term, vector } from './term.ts';

const PARTS = ['avg', 'count', 'sum', 'stddev', 'stdvar'];

/** A function of histograms, classic and native ones. */
export function histogramCall(grammar: Grammar, depth: number): Term {
  const { rng, features } = grammar;
  const histograms = () => histogramVector(grammar, depth);
  return rng.weighted<() => Term>([
    [6, () => vector`histogram_quantile(${quantile(grammar)}, ${histograms()})`],
    [3, () => vector`histogram_fraction(${randomNumber(grammar)}, ${randomNumber(grammar)}, ${histograms()})`],
    [5, () => vector`histogram_${rng.pick(PARTS)}(${nativeVector(grammar, depth)})`],
    [features ? 2 : 0, () => quantiles(grammar, histograms())],
  ])();
}

function quantiles(grammar: Grammar, histograms: Term): Term {
  const { rng } = grammar;
  const label = JSON.stringify(rng.pick(['q', 'quantile', 'job', 'le']));
  const rest = rng.chance(0.7) ? `, ${rng.pick(['0.9', '0.99', '1', '2'])}` : '';
  return vector`histogram_quantiles(${histograms}, ${label}, ${quantile(grammar)}${rest})`;
}

function histogramVector(grammar: Grammar, depth: number): Term {
  const { rng } = grammar;
  return rng.weighted<() => Term>([
    [4, () => bucketVector(grammar, depth)],
    [4, () => nativeVector(grammar, depth)],
    [1, () => vector`{__name__=~"latency_seconds(_bucket)?"}`],
    [1, () => vectorTerm(grammar, depth)],
  ])();
}

function bucketVector(grammar: Grammar, depth: number): Term {
  return maybeRated(grammar, depth, familyOf(grammar, ['buckets']), ['le', 'job, le', 'instance, le', 'job']);
}

function nativeVector(grammar: Grammar, depth: number): Term {
  return maybeRated(grammar, depth, familyOf(grammar, ['native']), ['', 'job', 'instance', 'job, instance']);
}

function maybeRated(grammar: Grammar, depth: number, family: Family, by: readonly string[]): Term {
  const { rng } = grammar;
  const rated = rng.chance(0.3) || depth < 0 ? selector(grammar, family) : rangeCall(grammar, depth, family);
  if (rng.chance(0.5)) return rated;
  return vector`${rng.pick(['sum', 'sum', 'avg'])} by (${rng.pick(by)}) (${rated})`;
}
