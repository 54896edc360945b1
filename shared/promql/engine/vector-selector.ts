import type { SeriesSamples } from '#shared/model/storage.ts';
import { ColumnArena } from './column-arena.ts';
import type { Evaluation } from './evaluation.ts';
import { LatestFinder, type ReferenceTimes, type SamplePart, selectLatest } from './instant-selector.ts';
import { refuseTooMany } from './least-samples.ts';
import type { Scope } from './scope.ts';
import { columnBytes, columnWeight, histogramWeight } from './size.ts';
import type { Column, VectorSeries } from './value.ts';

/** The latest samples of series at each step, as far as a selector sees them.
 *  @throws {QueryError}
 *  @see prometheus/promql/engine.go evalSeries */
export async function selectInstants(
  series: readonly SeriesSamples[],
  scope: Scope,
  options: { times: ReferenceTimes; lookbackMs?: number; part: SamplePart; evaluation: Evaluation },
): Promise<VectorSeries[]> {
  const { times, part, evaluation } = options;
  const { limits } = evaluation;
  const lookbackMs = options.lookbackMs ?? evaluation.lookbackMs;
  // The latest sample of a step may be a stale marker, and what is seen of it nothing.
  const timesOf = (index: number) => (series[index].staleFree ? series[index].timestampsMs : undefined);
  const coverage = { times, coverMs: lookbackMs, samples: 1 } as const;
  refuseTooMany({ length: series.length, timesOf }, scope, { coverage, limits });
  const finder = new LatestFinder(scope.steps, times, lookbackMs);
  const arena = new ColumnArena(scope.steps);
  const selected: VectorSeries[] = [];
  let complete = 0;
  for (const one of series) {
    if (limits.due()) await limits.pause();
    limits.memory.take(columnBytes(scope.steps));
    const found = selectLatest(one, { finder, arena, part });
    if (found === undefined) continue;
    const { column, count } = found;
    limits.hold(columnWeight(column, count));
    if (count === scope.steps && column.histograms === undefined) complete++;
    else countSamples(column, scope);
    selected.push(seriesOf(one, column));
  }
  for (let k = 0; k < scope.steps; k++) {
    scope.samplesPerStep[k] += complete;
    scope.samplesReadPerStep[k] += complete;
  }
  return selected;
}

function seriesOf({ labels }: SeriesSamples, { values, present, histograms }: Column): VectorSeries {
  const floats = { labels, dropName: false, values, present };
  return histograms === undefined ? floats : { ...floats, histograms };
}

function countSamples({ present, histograms }: Column, scope: Scope): void {
  for (let k = 0; k < scope.steps; k++) {
    if (present[k] === 0) continue;
    const histogram = histograms?.[k];
    const weight = histogram === undefined ? 1 : histogramWeight(histogram);
    scope.samplesPerStep[k] += weight;
    scope.samplesReadPerStep[k] += weight;
  }
}
