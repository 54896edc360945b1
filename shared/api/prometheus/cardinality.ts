import { compareStrings, type Labels, METRIC_NAME } from '#shared/model/labels.ts';
import { utf8Length } from '#shared/ports/utf8.ts';

/** Where the series come from, for finding what there is too much of. Lists are ordered, the largest first. */
export interface Cardinality {
  readonly series: number;
  /** Distinct pairs of name and value. */
  readonly labelPairs: number;
  readonly seriesByMetricName: readonly CardinalityStat[];
  readonly valuesByLabelName: readonly CardinalityStat[];
  /** The bytes of the distinct values. */
  readonly bytesByLabelName: readonly CardinalityStat[];
  /** Names are `name=value`. */
  readonly seriesByLabelPair: readonly CardinalityStat[];
}

export interface CardinalityStat {
  readonly name: string;
  readonly value: number;
}

/** @see prometheus/tsdb/index/postings.go MemPostings.Stats */
export function cardinality(series: readonly Labels[]): Cardinality {
  const byName = countPairs(series);
  const pairs = [...byName].flatMap(([name, values]) => {
    return Array.from(values, ([value, count]) => ({ name: `${name}=${value}`, value: count }));
  });
  const perName = (measure: (values: ReadonlyMap<string, number>) => number) => {
    return ordered(Array.from(byName, ([name, values]) => ({ name, value: measure(values) })));
  };
  const metricNames = Array.from(byName.get(METRIC_NAME) ?? [], ([name, value]) => ({ name, value }));
  return {
    series: series.length,
    labelPairs: pairs.length,
    seriesByMetricName: ordered(metricNames),
    valuesByLabelName: perName((values) => values.size),
    bytesByLabelName: perName((values) => [...values.keys()].reduce((sum, value) => sum + utf8Length(value), 0)),
    seriesByLabelPair: ordered(pairs),
  };
}

/** Name → value → how many series have the pair. */
function countPairs(series: readonly Labels[]): Map<string, Map<string, number>> {
  const byName = new Map<string, Map<string, number>>();
  for (const labels of series) {
    for (let i = 0; i < labels.length; i += 2) {
      let values = byName.get(labels[i]);
      if (values === undefined) byName.set(labels[i], (values = new Map()));
      values.set(labels[i + 1], (values.get(labels[i + 1]) ?? 0) + 1);
    }
  }
  return byName;
}

function ordered(stats: readonly CardinalityStat[]): readonly CardinalityStat[] {
  return stats.toSorted((a, b) => b.value - a.value || compareStrings(a.name, b.name));
}
