import { parseMetricSelector } from '#shared/promql/syntax/parser.ts';
import { analyzeBlock, type BlockAnalysis, type RankedItem } from '#shared/tsdb/block/analyze-block.ts';
import { analyzeChunks, type ChunkSizes } from '#shared/tsdb/block/analyze-chunks.ts';
import type { BlockMeta } from '#shared/tsdb/block/block-meta.ts';
import type { Command } from '../command.ts';
import { openNamedBlock } from './database.ts';
import { databaseOf, integerOf, textOf } from './flags.ts';
import { formatGoDuration } from './go-duration.ts';
import { formatSizes } from './size-histogram.ts';

/** Prints what labels a block has, and with `--extended` how large its chunks are.
 *  @see prometheus/cmd/promtool/tsdb.go analyzeBlock */
export const ANALYZE: Command = {
  name: 'tsdb analyze',
  help: 'Analyzes churn, the cardinality of label pairs, and how well a block is compacted (default: the last one).',
  positionals: '[DATABASE [BLOCK]]',
  flags: {
    limit: { type: 'string', value: 'COUNT', help: 'How many items to show in each list.', default: '20' },
    extended: { type: 'boolean', help: 'Also says how large chunks are, which reads all of them.' },
    match: { type: 'string', value: 'SELECTOR', help: 'Which series to analyze.' },
  },
  async run(args, { stdout }) {
    const limit = integerOf(args, 'limit')!;
    const selector = textOf(args, 'match') ?? '';
    const matchers = selector === '' ? [] : parseMetricSelector(selector);
    const { reader } = await openNamedBlock(...databaseOf(args, 2));
    const analysis = await analyzeBlock(reader, matchers);
    stdout.write(formatAnalysis(reader.meta, analysis, { limit, selector }));
    if (args.flags.extended === true) stdout.write(formatChunkSizes(await analyzeChunks(reader, matchers)));
    return 0;
  },
};

function formatAnalysis(
  { ulid, minTime, maxTime, stats }: BlockMeta,
  analysis: BlockAnalysis,
  { limit, selector }: { readonly limit: number; readonly selector: string },
): string {
  const section = (title: string, items: readonly RankedItem[]) =>
    `\n${title}:\n${items
      .slice(0, Math.max(limit, 0))
      .map(({ key, count }) => `${count} ${key}\n`)
      .join('')}`;
  return [
    `Block ID: ${ulid}\n`,
    `Duration: ${formatGoDuration(maxTime - minTime)}\n`,
    `Total Series: ${stats.numSeries}\n`,
    selector === '' ? '' : `Matcher: ${selector}\n`,
    `Label names: ${analysis.numLabelNames}\n`,
    selector === '' ? '' : `Matched series: ${analysis.numSeries}\n`,
    `Postings (unique label pairs): ${analysis.numLabelPairs}\n`,
    `Postings entries (total label pairs): ${analysis.numLabels}\n`,
    section('Label pairs most involved in churning', analysis.churningPairs),
    section('Label names most involved in churning', analysis.churningNames),
    section('Most common label pairs', analysis.commonPairs),
    section('Label names with highest cumulative label value length', analysis.valueBytes),
    section('Highest cardinality labels', analysis.cardinality),
    section('Highest cardinality metric names', analysis.metricSeries),
  ].join('');
}

function formatChunkSizes(sizes: ChunkSizes): string {
  const of = (title: string, numbers: readonly number[]) => formatSizes(title, numbers, sizes.numChunks);
  return [
    '\nCompaction analysis:\n\n',
    of('samples per float chunk', sizes.floatSamples),
    of('bytes per float chunk', sizes.floatBytes),
    of('samples per histogram chunk', sizes.histogramSamples),
    of('bytes per histogram chunk', sizes.histogramBytes),
    of('buckets per histogram chunk', sizes.histogramBuckets),
  ].join('');
}
