import { type Labels, labelsFromPairs } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { isMetadataLabel, type VectorSeries, type VectorValue } from '#shared/promql/engine/value.ts';
import type { Expr } from '#shared/promql/syntax/ast.ts';
import type { CallContext, StepFunction } from './step-function.ts';
import { vectorArg } from './step-function.ts';

/** One series of ones at the steps where no series of the argument has a sample.
 *  @see prometheus/promql/functions.go funcAbsent */
export function absentSeries(series: readonly VectorSeries[], { call, scope }: CallContext): VectorValue {
  const present = new Uint8Array(scope.steps).fill(1);
  for (const one of series) for (let k = 0; k < scope.steps; k++) if (one.present[k] === 1) present[k] = 0;
  if (!present.includes(1)) return { kind: 'vector', series: [] };
  const values = new Float64Array(scope.steps).fill(1);
  return { kind: 'vector', series: [{ labels: labelsOfAbsent(call.args[0]), values, present, dropName: false }] };
}

/** The labels that a selector asks for by `=`, each once. Upstream takes a label out again that is asked for twice, going
 *  through the matchers in the order in which its storage has put them.
 *  @see prometheus/promql/functions.go createLabelsForAbsentFunction */
function labelsOfAbsent(arg: Expr): Labels {
  const selector = arg.kind === 'matrixSelector' ? arg.vectorSelector : arg;
  if (selector.kind !== 'vectorSelector') return [];
  const labels = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, operator, value } of inStorageOrder(selector.matchers)) {
    if (isMetadataLabel(name)) continue;
    if (operator === '=' && !seen.has(name)) labels.set(name, value);
    else labels.delete(name);
    if (operator === '=') seen.add(name);
  }
  return labelsFromPairs(labels);
}

/** Matchers that select series go before those that only leave series out.
 *  @see prometheus/tsdb/querier.go PostingsForMatchers */
function inStorageOrder(matchers: readonly Matcher[]): readonly Matcher[] {
  const required = new Set(matchers.filter((matcher) => !matcher.matches('')).map(({ name }) => name));
  const subtracts = (matcher: Matcher) => {
    const negative = matcher.operator === '!=' || matcher.operator === '!~';
    return !required.has(matcher.name) || (negative && matcher.matches(''));
  };
  return [...matchers.filter((matcher) => !subtracts(matcher)), ...matchers.filter(subtracts)];
}

export const ABSENT_FUNCTIONS: Readonly<Record<string, StepFunction>> = {
  absent: (args, context) => absentSeries(vectorArg(args, 0), context),
};
