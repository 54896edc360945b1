import { goSort } from '#shared/model/go-sort.ts';
import { compareStrings, labelPairs, METRIC_NAME } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { BlockReader } from './block-reader.ts';

/** Something that is counted. */
export interface RankedItem {
  readonly key: string;
  readonly count: number;
}

/** Which labels the series of a block have, and which of them came and went. Lists have the highest counts first.
 *  @see prometheus/cmd/promtool/tsdb.go analyzeBlock */
export interface BlockAnalysis {
  readonly numSeries: number;
  readonly numLabelNames: number;
  readonly numLabelPairs: number;
  readonly numLabels: number;
  /** How many times the block's time their series are missing, rounded down. */
  readonly churningPairs: readonly RankedItem[];
  readonly churningNames: readonly RankedItem[];
  /** How many series have them. */
  readonly commonPairs: readonly RankedItem[];
  /** Of label names: bytes of all their values. */
  readonly valueBytes: readonly RankedItem[];
  /** Of label names: values. */
  readonly cardinality: readonly RankedItem[];
  /** Of metric names: series. */
  readonly metricSeries: readonly RankedItem[];
}

const ALWAYS = { minMs: Number.NEGATIVE_INFINITY, maxMs: Number.POSITIVE_INFINITY };
/** Series whose entries are read at once. */
export const ANALYSIS_BATCH = 4096;

/** Counts labels by the index; samples are not read. Memory: what is known of each label pair.
 *  @param matchers Only series that they hold for. @throws {BlockCorruptError} */
export async function analyzeBlock(reader: BlockReader, matchers: readonly Matcher[] = []): Promise<BlockAnalysis> {
  const census = new LabelCensus(reader.meta.maxTime - reader.meta.minTime);
  const refs = await reader.select(matchers);
  for (let at = 0; at < refs.length; at += ANALYSIS_BATCH) {
    for (const { labels, chunks } of await reader.series(refs.subarray(at, at + ANALYSIS_BATCH), ALWAYS)) {
      census.add(labelPairs(labels), chunks.at(-1)!.maxMs - chunks[0].minMs);
    }
  }
  return census.result(refs.length);
}

interface Tally {
  series: number;
  uncoveredMs: number;
}

/** Holds a tally for each label value, by name. */
class LabelCensus {
  readonly #rangeMs: number;
  readonly #names = new Map<string, Map<string, Tally>>();

  constructor(rangeMs: number) {
    this.#rangeMs = rangeMs;
  }

  add(labels: Iterable<readonly [name: string, value: string]>, coveredMs: number): void {
    for (const [name, value] of labels) {
      let values = this.#names.get(name);
      if (values === undefined) this.#names.set(name, (values = new Map()));
      let tally = values.get(value);
      if (tally === undefined) values.set(value, (tally = { series: 0, uncoveredMs: 0 }));
      tally.series++;
      tally.uncoveredMs += this.#rangeMs - coveredMs;
    }
  }

  result(numSeries: number): BlockAnalysis {
    const names = [...this.#names].sort(([a], [b]) => compareStrings(a, b));
    const pairs = names.flatMap(([name, values]) =>
      Array.from(values, ([value, tally]) => ({ key: `${name}=${value}`, ...tally })),
    );
    const metrics = Array.from(this.#names.get(METRIC_NAME) ?? [], ([key, { series }]) => ({ key, count: series }));
    return {
      numSeries,
      numLabelNames: names.length,
      numLabelPairs: pairs.length,
      numLabels: pairs.reduce((total, { series }) => total + series, 0),
      churningPairs: rank(pairs.map(({ key, uncoveredMs }) => ({ key, count: this.#times(uncoveredMs) }))),
      churningNames: rank(names.map(([key, values]) => ({ key, count: this.#times(sumUncovered(values)) }))),
      commonPairs: rank(pairs.map(({ key, series }) => ({ key, count: series }))),
      valueBytes: rank(names.map(([key, values]) => ({ key, count: sumBytes(values) }))),
      cardinality: rank(names.map(([key, values]) => ({ key, count: values.size }))),
      metricSeries: rank(metrics.sort((a, b) => compareStrings(a.key, b.key))),
    };
  }

  #times(uncoveredMs: number): number {
    return Math.floor(uncoveredMs / this.#rangeMs);
  }
}

function sumUncovered(values: ReadonlyMap<string, Tally>): number {
  let total = 0;
  for (const { uncoveredMs } of values.values()) total += uncoveredMs;
  return total;
}

function sumBytes(values: ReadonlyMap<string, Tally>): number {
  const encoder = new TextEncoder();
  let total = 0;
  for (const value of values.keys()) total += encoder.encode(value).length;
  return total;
}

/** In upstream's order, also of equal counts where it has one. */
function rank(items: RankedItem[]): readonly RankedItem[] {
  goSort(items, (a, b) => a.count > b.count);
  return items;
}
