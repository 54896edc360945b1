import { getLabel, type Labels, METRIC_NAME } from '#shared/model/labels.ts';
import { createMatcher, type Matcher } from '#shared/model/matcher.ts';
import type { Expr, VectorSelector } from '#shared/promql/syntax/ast.ts';
import type { Evaluation } from './evaluation.ts';
import { combineWithInfo } from './info-combine.ts';
import { infoReference } from './info-reference.ts';
import { readInfoSeries } from './info-series.ts';
import type { Scope } from './scope.ts';
import type { VectorSeries, VectorValue } from './value.ts';

/** The info metric that is used when none is named. */
const TARGET_INFO = 'target_info';
/** What is an info metric where only names are given that it has not. */
const ANY_INFO = '.+_info';

/** The arguments of a call of `info`. */
export interface InfoArguments {
  readonly base: Expr;
  /** What only looks like a selector: which labels of which info metrics are wanted. */
  readonly selector: Expr | undefined;
}

/** Adds the labels of info metrics to the series that they belong to.
 *  @returns The info series as well: they are held until then.
 *  @throws {QueryError}
 *  @see prometheus/promql/info.go evalInfo */
export async function addInfoLabels(
  base: VectorValue,
  { base: baseExpr, selector }: InfoArguments,
  scope: Scope,
  evaluation: Evaluation,
): Promise<{ readonly value: VectorValue; readonly info: VectorValue }> {
  const wanted = (selector as VectorSelector | undefined)?.matchers;
  const nameMatchers = infoNameMatchers(wanted?.filter(({ name }) => name === METRIC_NAME) ?? []);
  const dataMatchers = wanted?.filter(({ name }) => name !== METRIC_NAME) ?? [];
  const isInfo = (labels: Labels) => nameMatchers.every((matcher) => matcher.matches(getLabel(labels, METRIC_NAME)));
  const enriched: VectorSeries[] = [];
  const untouched: VectorSeries[] = [];
  for (const series of base.series) (isInfo(series.labels) ? untouched : enriched).push(series);
  const info = await readInfoSeries(enriched, {
    matchers: [...dataMatchers, ...nameMatchers],
    reference: infoReference(baseExpr) ?? { atMs: undefined, offsetMs: 0 },
    scope,
    evaluation,
  });
  const value = await combineWithInfo({ enriched, untouched, info, dataMatchers }, scope, evaluation);
  return { value, info: { kind: 'vector', series: info } };
}

/** @see prometheus/promql/info.go effectiveInfoNameMatchers */
function infoNameMatchers(matchers: readonly Matcher[]): readonly Matcher[] {
  if (matchers.some(({ operator }) => operator === '=' || operator === '=~')) return matchers;
  if (matchers.length === 0) return [createMatcher(METRIC_NAME, '=', TARGET_INFO)];
  return [createMatcher(METRIC_NAME, '=~', ANY_INFO), ...matchers];
}
