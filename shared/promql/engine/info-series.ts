import { getLabel } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { quoteMeta } from '#shared/model/quote-meta.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import type { Evaluation } from './evaluation.ts';
import { select } from './fetch.ts';
import { formatLabelSet } from './go-format.ts';
import type { InfoReference } from './info-reference.ts';
import type { ReferenceTimes } from './instant-selector.ts';
import { executionError } from './query-error.ts';
import { createScope, type Scope } from './scope.ts';
import type { VectorSeries } from './value.ts';
import { selectInstants } from './vector-selector.ts';

/** The labels that say what an info series belongs to.
 *  @see prometheus/promql/info.go identifyingLabels */
export const IDENTIFYING_LABELS = ['instance', 'job'] as const;

interface InfoOptions {
  /** Of names and of labels that are wanted. */
  readonly matchers: readonly Matcher[];
  readonly reference: InfoReference;
  readonly scope: Scope;
  readonly evaluation: Evaluation;
}

/** The info series that may belong to `base`; their values are the times of their samples, in seconds.
 *  @throws {QueryError}
 *  @see prometheus/promql/info.go fetchInfoSeries */
export async function readInfoSeries(base: readonly VectorSeries[], options: InfoOptions): Promise<VectorSeries[]> {
  const { reference, scope, evaluation } = options;
  const { limits, querier, lookbackMs, selected } = evaluation;
  const times: ReferenceTimes = {
    firstMs: (reference.atMs ?? scope.startMs) - reference.offsetMs,
    stepMs: reference.atMs === undefined ? scope.stepMs : 0,
  };
  const lastMs = times.firstMs + (scope.steps - 1) * times.stepMs;
  const range = { minMs: times.firstMs - lookbackMs + 1, maxMs: lastMs };
  const found: SeriesSamples[] = [];
  for (const identifying of identifyingMatchers(base)) {
    const matchers = [...identifying, ...options.matchers];
    const series = await limits.guard(select(querier, { matchers, range, limits }));
    selected.touch(series.length);
    for (const one of series) found.push(one);
  }
  await refuseHistograms(found, { times, scope, evaluation });
  return selectInstants(found, scope, { times, part: 'time', evaluation });
}

async function refuseHistograms(
  series: readonly SeriesSamples[],
  { times, scope, evaluation }: { times: ReferenceTimes; scope: Scope; evaluation: Evaluation },
): Promise<void> {
  const suspects = series.filter(({ histograms }) => histograms !== undefined);
  if (suspects.length === 0) return;
  const uncounted = createScope(scope.startMs, scope.startMs + (scope.steps - 1) * scope.stepMs, scope.stepMs);
  const selected = await selectInstants(suspects, uncounted, { times, part: 'value', evaluation });
  for (const { labels, histograms } of selected) {
    if (histograms === undefined) continue;
    throw executionError(`this should be an info metric, with float samples: ${formatLabelSet(labels)}`);
  }
}

/** One list of matchers for the series with both identifying labels, one for those with each of them alone: no info
 *  series is selected twice.
 *  @see prometheus/promql/info.go infoIdentifyingMatcherSets */
function identifyingMatchers(base: readonly VectorSeries[]): Matcher[][] {
  const groups = new Map<number, Set<string>[]>();
  for (const { labels } of base) {
    const values = IDENTIFYING_LABELS.map((name) => getLabel(labels, name));
    const group = (values[1] === '' ? 0 : 1) + (values[0] === '' ? 0 : 2);
    if (group === 0) continue;
    const sets = groups.get(group) ?? IDENTIFYING_LABELS.map(() => new Set<string>());
    groups.set(group, sets);
    for (let i = 0; i < values.length; i++) sets[i].add(values[i]);
  }
  const inOrder = [...groups].sort(([a], [b]) => a - b);
  return inOrder.map(([, sets]) => sets.map((values, i) => oneOf(IDENTIFYING_LABELS[i], values)));
}

/** Compiling a pattern of all the values would take longer than looking into their set. */
function oneOf(name: string, values: ReadonlySet<string>): Matcher {
  if (values.has('')) return { name, operator: '=', value: '', matches: (value) => value === '' };
  const pattern = [...values].sort().map(quoteMeta).join('|');
  return { name, operator: '=~', value: pattern, matches: (value) => values.has(value) };
}
