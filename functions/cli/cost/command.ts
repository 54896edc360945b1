import { readFile } from 'node:fs/promises';
import { parsePriceList } from '#shared/cost/price-list.ts';
import { type Command, type CommandArgs, type CommandIo, UsageError } from '../command.ts';
import { type CostEstimate, estimateCost } from './estimate.ts';
import { LOAD_HELP, type Load, parseLoad } from './load.ts';
import { costReport } from './report.ts';

const PRICES = new URL('../../../docs/prices.json', import.meta.url);
const FORMATS = ['text', 'json'];

/** Says what a load would cost on AWS. */
export const COST: Command = {
  name: 'cost',
  help: 'Says what a load would cost on AWS in a month: runs the functions in memory and prices what they use.',
  flags: {
    simulate: { type: 'string', value: 'LOAD', help: LOAD_HELP },
    format: { type: 'string', value: 'text|json', help: 'How to say it.', default: 'text' },
    prices: { type: 'string', value: 'FILE', help: 'Prices of your own, as docs/prices.json has them.' },
  },
  run,
};

async function run({ flags }: CommandArgs, io: CommandIo): Promise<number> {
  if (flags.simulate === undefined) throw new UsageError(`cost: --simulate is missing, expected ${LOAD_HELP}`);
  const format = String(flags.format);
  if (!FORMATS.includes(format)) throw new UsageError(`cost: --format is "${format}", expected text or json`);
  const load = readLoad(String(flags.simulate));
  const prices = parsePriceList(await readFile(flags.prices === undefined ? PRICES : String(flags.prices), 'utf8'));
  const estimate = await estimateCost(load, prices);
  io.stdout.write(
    format === 'json' ? `${JSON.stringify(forPrograms(estimate), undefined, 2)}\n` : costReport(estimate),
  );
  return 0;
}

function readLoad(text: string): Load {
  try {
    return parseLoad(text);
  } catch (cause) {
    throw new UsageError(`cost: --simulate: ${(cause as Error).message}`, { cause });
  }
}

function forPrograms({ load, simulation, items, totalUsd, managedPrometheus, prices }: CostEstimate) {
  const { uses: _uses, ...how } = simulation;
  const { region, date } = prices;
  return { load, region, date, totalUsd, items, managedPrometheus, simulation: how };
}
