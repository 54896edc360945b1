import type { Command } from '../command.ts';
import { type FolderBlock, openBlocks } from './database.ts';
import { databaseOf, HUMAN_READABLE } from './flags.ts';
import { formatGoDuration } from './go-duration.ts';

/** Prints a table of the blocks. @see prometheus/cmd/promtool/tsdb.go listBlocks */
export const LIST: Command = {
  name: 'tsdb list',
  help: 'Lists the blocks of a database (default: data/).',
  positionals: '[DATABASE]',
  flags: { 'human-readable': HUMAN_READABLE },
  async run(args, { stdout }) {
    const [database] = databaseOf(args, 1);
    const blocks = await openBlocks(database);
    stdout.write(blockTable(blocks, { header: true, humanReadable: args.flags['human-readable'] === true }));
    return 0;
  },
};

const HEADER = ['BLOCK ULID', 'MIN TIME', 'MAX TIME', 'DURATION', 'NUM SAMPLES', 'NUM CHUNKS', 'NUM SERIES', 'SIZE'];
const MIN_COLUMN = 13;
const PADDING = 2;

/** The table, a line a block. */
export function blockTable(
  blocks: readonly FolderBlock[],
  { header, humanReadable }: { readonly header: boolean; readonly humanReadable: boolean },
): string {
  const rows = blocks.map((block) => rowOf(block, humanReadable));
  if (header) rows.unshift(HEADER);
  const widths = HEADER.map((_, i) => Math.max(MIN_COLUMN, ...rows.map((row) => row[i].length + PADDING)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i + 1 < row.length ? cell.padEnd(widths[i]) : cell)).join('');
  return rows.map((row) => `${line(row)}\n`).join('');
}

function rowOf({ reader, sizeBytes }: FolderBlock, humanReadable: boolean): string[] {
  const { ulid, minTime, maxTime, stats } = reader.meta;
  return [
    ulid,
    humanReadable ? formatTime(minTime) : String(minTime),
    humanReadable ? formatTime(maxTime) : String(maxTime),
    formatGoDuration(maxTime - minTime),
    String(stats.numSamples),
    String(stats.numChunks),
    String(stats.numSeries),
    humanReadable ? formatBytes(sizeBytes) : String(sizeBytes),
  ];
}

/** Whole seconds as Go prints them: `2026-11-22 18:08:07 +0000 UTC`. */
function formatTime(timeMs: number): string {
  const [day, time] = new Date(Math.trunc(timeMs / 1000) * 1000).toISOString().split('T');
  return `${day} ${time.slice(0, 8)} +0000 UTC`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** `335KiB574B`. */
function formatBytes(bytes: number): string {
  if (bytes === 0) return '0B';
  let out = '';
  for (let rest = bytes, unit = 0; rest > 0; rest = Math.floor(rest / 1024), unit++) {
    if (rest % 1024 !== 0) out = `${rest % 1024}${BYTE_UNITS[unit]}${out}`;
  }
  return out;
}
