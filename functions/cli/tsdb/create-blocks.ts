import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { createSystemRandom } from '#shared/adapters/node/random.ts';
import { ExpositionError, type Page } from '#shared/exposition/page.ts';
import { type Labels, withLabel } from '#shared/model/labels.ts';
import { BackfilledBlock } from '#shared/tsdb/block/backfill.ts';
import {
  compatibleBlockMs,
  DEFAULT_BLOCK_MS,
  groupWindows,
  WindowCensus,
  type WindowCounts,
  windowOf,
} from '#shared/tsdb/block/backfill-plan.ts';
import { createUlid } from '#shared/tsdb/block/ulid.ts';
import { type Command, type CommandArgs, type CommandIo, UsageError } from '../command.ts';
import { writeBlockFolder } from './block-folder.ts';
import { openNamedBlock } from './database.ts';
import { databaseOf, HUMAN_READABLE, textOf, textsOf } from './flags.ts';
import { parseGoDuration } from './go-duration.ts';
import { blockTable } from './list.ts';
import { type OpenMetricsText, openOpenMetrics } from './openmetrics-text.ts';

/** Makes blocks of the samples of a text. @see prometheus/cmd/promtool/backfill.go */
export const CREATE_BLOCKS: Command = {
  name: 'tsdb create-blocks-from openmetrics',
  help: 'Makes blocks of the samples of an OpenMetrics file in a folder (default: data/).',
  positionals: 'FILE [FOLDER]',
  flags: {
    'human-readable': HUMAN_READABLE,
    quiet: { type: 'boolean', short: 'q', help: 'Do not print the blocks.' },
    label: { type: 'string', value: 'NAME=VALUE', multiple: true, help: 'Added to every series. Repeatable.' },
    'max-block-duration': { type: 'string', value: 'DURATION', help: 'The longest time of a block, 2h or more.' },
    'allow-incompatible-block-duration': {
      type: 'boolean',
      help: 'Take --max-block-duration as it is: it is no longer rounded down to one that Prometheus compacts to.',
    },
  },
  async run(args, io) {
    const [input, ...folders] = args.positionals;
    if (input === undefined)
      throw new UsageError('tsdb create-blocks-from openmetrics: required argument FILE is missing');
    const [database] = databaseOf({ ...args, positionals: folders }, 1);
    const labels = textsOf(args, 'label').map(labelOf);
    const rangeMs = rangeOf(args);
    const text = await openOpenMetrics(input);
    try {
      await mkdir(database, { recursive: true });
      const shown = args.flags.quiet === true ? undefined : { humanReadable: args.flags['human-readable'] === true };
      await new Backfill({ text, database, rangeMs, labels, shown }, io).run();
    } finally {
      await text.close();
    }
    return 0;
  },
};

function labelOf(text: string): readonly [name: string, value: string] {
  const at = text.search(/[:=]/);
  if (at < 0) throw new UsageError(`tsdb create-blocks-from openmetrics: expected KEY=VALUE got '${text}'`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function rangeOf(args: CommandArgs): number {
  const text = textOf(args, 'max-block-duration');
  if (text === undefined) return DEFAULT_BLOCK_MS;
  const wantedMs = Math.trunc(parseGoDuration(text));
  const asItIs = args.flags['allow-incompatible-block-duration'] === true && wantedMs > 0;
  return asItIs ? wantedMs : compatibleBlockMs(wantedMs);
}

interface BackfillPlan {
  readonly text: OpenMetricsText;
  readonly database: string;
  /** Of a block. */
  readonly rangeMs: number;
  /** What every series gets. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** Absent: nothing is printed. */
  readonly shown?: { readonly humanReadable: boolean };
}

/** Samples in memory, at about 100 bytes each: as many blocks as they fill are made at once. A block is always made whole. */
const MAX_SAMPLES = 2_000_000;

/** A block that is being filled, up to the first sample that it refuses. */
interface OpenWindow {
  readonly block: BackfilledBlock;
  error?: Error;
}

class Backfill {
  readonly #plan: BackfillPlan;
  readonly #io: CommandIo;
  readonly #random = createSystemRandom();
  /** Of the series as parsed, with the labels that every series gets. */
  readonly #labelled = new Map<Labels, Labels>();
  #wroteHeader = false;
  #leftOut = 0;

  constructor(plan: BackfillPlan, io: CommandIo) {
    this.#plan = plan;
    this.#io = io;
  }

  async run(): Promise<void> {
    const counts = await this.#count();
    for (const windows of groupWindows(counts, MAX_SAMPLES)) await this.#make(windows);
    if (this.#leftOut > 0) {
      this.#io.stderr.write(`${this.#leftOut} samples were left out: they came after newer ones of their series\n`);
    }
  }

  /** Reads the whole text, so that one that does not parse makes no block. */
  async #count(): Promise<WindowCounts> {
    const census = new WindowCensus(this.#plan.rangeMs);
    try {
      for await (const page of this.#plan.text.pages()) census.add(checkedTimes(page));
    } catch (error) {
      throw explained(error);
    }
    return census.counts;
  }

  async #make(windows: readonly number[]): Promise<void> {
    const open = new Map<number, OpenWindow>(windows.map((window) => [window, { block: new BackfilledBlock() }]));
    for await (const page of this.#plan.text.pages()) this.#fill(open, page);
    for (const window of windows) {
      const { block, error } = open.get(window)!;
      if (error !== undefined) throw new Error(`block creation: process blocks: ${error.message}`, { cause: error });
      await this.#write(block);
      open.delete(window);
    }
  }

  #fill(open: ReadonlyMap<number, OpenWindow>, { labels, values, timestampsMs }: Page): void {
    for (let i = 0; i < timestampsMs.length; i++) {
      const window = open.get(windowOf(timestampsMs[i], this.#plan.rangeMs));
      if (window === undefined || window.error !== undefined) continue;
      try {
        window.block.append(this.#withLabels(labels[i]), values[i], timestampsMs[i]);
      } catch (error) {
        window.error = new Error(`add sample: ${(error as Error).message}`, { cause: error });
      }
    }
  }

  #withLabels(labels: Labels): Labels {
    if (this.#plan.labels.length === 0) return labels;
    let labelled = this.#labelled.get(labels);
    if (labelled === undefined) {
      labelled = this.#plan.labels.reduce((set, [name, value]) => withLabel(set, name, value), labels);
      if (this.#labelled.size >= MAX_LABELLED) this.#labelled.clear();
      this.#labelled.set(labels, labelled);
    }
    return labelled;
  }

  async #write(block: BackfilledBlock): Promise<void> {
    const { database, rangeMs, shown } = this.#plan;
    const ulid = createUlid(Date.now(), this.#random);
    const folder = await writeBlockFolder(database, ulid, block.finish({ ulid, rangeMs }));
    this.#leftOut += block.leftOut;
    if (shown === undefined) return;
    const made = await openNamedBlock(database, basename(folder));
    this.#io.stdout.write(blockTable([made], { header: !this.#wroteHeader, ...shown }));
    this.#wroteHeader = true;
  }
}

const MAX_LABELLED = 100_000;

function checkedTimes({ timestampsMs }: Page): Float64Array {
  if (timestampsMs.some(Number.isNaN)) {
    throw new Error('getting min and max timestamp: expected timestamp for series got none');
  }
  return timestampsMs;
}

/** In upstream's words. Of the samples before what does not parse, one without a time is told first. */
function explained(error: unknown): unknown {
  if (!(error instanceof ExpositionError)) return error;
  try {
    checkedTimes(error.partial);
  } catch (earlier) {
    return earlier;
  }
  const stage = error.reason.endsWith('is not unique: invalid sample')
    ? 'block creation: process blocks: add sample'
    : 'getting min and max timestamp: next';
  return new Error(`${stage}: ${error.reason}`, { cause: error });
}
