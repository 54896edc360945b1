import { join } from 'node:path';
import { BlockCorruptError } from '#shared/tsdb/block/block-source.ts';
import { type BlockReport, verifyBlock } from '#shared/tsdb/block/verify-block.ts';
import type { Command } from '../command.ts';
import { blockFolders, checkDatabase, folderSource } from './database.ts';
import { databaseOf } from './flags.ts';

/** Reads every byte of blocks: checksums, order, times and counts. */
export const VERIFY: Command = {
  name: 'tsdb verify',
  help: 'Checks every byte of blocks: checksums, the order of series and samples, times and counts (default: all blocks).',
  positionals: '[DATABASE [BLOCK…]]',
  flags: {},
  async run(args, { stdout, stderr }) {
    const [database, ...names] = databaseOf(args, Number.POSITIVE_INFINITY);
    await checkDatabase(database);
    let failed = 0;
    for (const name of names.length > 0 ? names : await blockFolders(database)) {
      const { problems, numSeries, numChunks, numSamples } = await verifyFolder(join(database, name));
      for (const { message } of problems) stderr.write(`${message}\n`);
      if (problems.length > 0) failed++;
      const verdict = problems.length === 0 ? 'ok' : `${problems.length} problem${problems.length > 1 ? 's' : ''}`;
      stdout.write(`${name}: ${verdict}: ${numSeries} series, ${numChunks} chunks, ${numSamples} samples\n`);
    }
    return failed > 0 ? 1 : 0;
  },
};

async function verifyFolder(folder: string): Promise<BlockReport> {
  try {
    return await verifyBlock(await folderSource(folder));
  } catch (error) {
    const { message } = error as Error;
    const problem = new BlockCorruptError({ blockId: folder, path: 'meta.json', offset: 0 }, message, { cause: error });
    return { problems: [problem], numSeries: 0, numChunks: 0, numSamples: 0 };
  }
}
