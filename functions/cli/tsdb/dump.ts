import type { TimeRange } from '#shared/model/storage.ts';
import { parseMetricSelector } from '#shared/promql/syntax/parser.ts';
import { readSamples } from '#shared/tsdb/block/samples.ts';
import {
  type Command,
  type CommandArgs,
  type CommandFlag,
  type CommandIo,
  UsageError,
  writeInPace,
} from '../command.ts';
import { type FolderBlock, hasLog, openBlocks } from './database.ts';
import { databaseOf, integerOf, textOf, textsOf } from './flags.ts';
import { formatLabelsJson, formatOpenMetrics, formatSamples, type SeriesFormatter } from './format-series.ts';

const FLAGS: Readonly<Record<string, CommandFlag>> = {
  'min-time': { type: 'string', value: 'MS', help: 'The first time to dump, Unix milliseconds.' },
  'max-time': { type: 'string', value: 'MS', help: 'The last time to dump, Unix milliseconds.' },
  match: { type: 'string', value: 'SELECTOR', multiple: true, help: 'Which series to dump. Repeatable.' },
  'sandbox-dir-root': { type: 'string', value: 'FOLDER', help: 'Taken for compatibility: nothing is written.' },
};
const EVERY_SERIES = "{__name__=~'(?s:.*)'}";

const FORMATS: Readonly<Record<string, SeriesFormatter>> = { prom: formatSamples, seriesjson: formatLabelsJson };

/** Prints samples, a line each. @see prometheus/cmd/promtool/tsdb.go dumpTSDBData */
export const DUMP: Command = {
  name: 'tsdb dump',
  help: 'Prints the samples, or just the series, of the blocks of a database (default: data/).',
  positionals: '[DATABASE]',
  flags: { ...FLAGS, format: { type: 'string', value: 'prom|seriesjson', help: 'What to print.', default: 'prom' } },
  async run(args, io) {
    const name = textOf(args, 'format')!;
    if (!Object.hasOwn(FORMATS, name)) {
      throw new UsageError(`tsdb dump: --format is "${name}", expected ${Object.keys(FORMATS).join(' or ')}`);
    }
    await dumpSeries(args, io, FORMATS[name]);
    return 0;
  },
};

/** Prints samples in OpenMetrics, so that `create-blocks-from openmetrics` reads them again. */
export const DUMP_OPENMETRICS: Command = {
  name: 'tsdb dump-openmetrics',
  help: 'Prints the samples of the blocks of a database in OpenMetrics, which native histograms cannot be written in.',
  positionals: '[DATABASE]',
  flags: FLAGS,
  async run(args, io) {
    await dumpSeries(args, io, formatOpenMetrics);
    io.stdout.write('# EOF\n');
    return 0;
  },
};

/** What is printed at once. */
const PRINT_CHARS = 64 * 1024;

async function dumpSeries(args: CommandArgs, { stdout }: CommandIo, format: SeriesFormatter): Promise<void> {
  const range = rangeOf(args);
  const [database] = databaseOf(args, 1);
  const blocks = await openBlocks(database);
  await refuseLog(database, blocks, range);
  const selectors = textsOf(args, 'match').length > 0 ? textsOf(args, 'match') : [EVERY_SERIES];
  const matcherSets = selectors.map((selector) => parseMetricSelector(selector));
  const readers = blocks.map(({ reader }) => reader);
  let text = '';
  for await (const series of readSamples(readers, { matcherSets, range })) {
    text += format(series);
    if (text.length < PRINT_CHARS) continue;
    await writeInPace(stdout, text);
    text = '';
  }
  stdout.write(text);
}

function rangeOf(args: CommandArgs): TimeRange {
  return {
    minMs: integerOf(args, 'min-time') ?? Number.NEGATIVE_INFINITY,
    maxMs: integerOf(args, 'max-time') ?? Number.POSITIVE_INFINITY,
  };
}

/** Samples that are only in Prometheus's write-ahead log would be missing: that is said, not passed over. */
async function refuseLog(database: string, blocks: readonly FolderBlock[], range: TimeRange): Promise<void> {
  const endMs = blocks.reduce((end, { reader }) => Math.max(end, reader.meta.maxTime), Number.NEGATIVE_INFINITY);
  if (endMs > range.maxMs || !(await hasLog(database))) return;
  const advice = blocks.length > 0 ? `: pass --max-time=${endMs - 1} to dump its blocks alone` : '';
  throw new Error(`Cannot dump ${JSON.stringify(database)}: samples in its write-ahead log are not supported${advice}`);
}
