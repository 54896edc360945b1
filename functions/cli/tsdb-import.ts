import { resolve } from 'node:path';
import { openNodePorts } from '#shared/adapters/node/node-ports.ts';
import { importBlock } from '#shared/tsdb/block-set/import-block.ts';
import { createBlockManifest } from '#shared/tsdb/block-set/manifest.ts';
import { type Command, type CommandArgs, type CommandIo, UsageError } from './command.ts';
import { folderSource } from './tsdb/database.ts';

/** Copies blocks of Prometheus into the data directory of a local process that is not running. */
export const TSDB_IMPORT: Command = {
  name: 'tsdb import',
  help: 'Checks blocks of Prometheus, and adds them to a data directory, where they can be queried.',
  positionals: 'BLOCK-FOLDER…',
  flags: {
    'storage.tsdb.path': {
      type: 'string',
      value: 'FOLDER',
      help: 'The data directory to add to. No process may be using it. Blocks past its retention are dropped again.',
      default: 'data/',
    },
    bucket: { type: 'string', value: 'NAME', help: 'Not supported: blocks are imported into local data directories.' },
  },
  run,
};

async function run({ flags, positionals }: CommandArgs, io: CommandIo): Promise<number> {
  if (flags.bucket !== undefined) {
    throw new UsageError('tsdb import: --bucket is not supported, expected --storage.tsdb.path');
  }
  if (positionals.length === 0) throw new UsageError('tsdb import: no block, expected the folders of one or more');
  const ports = await openNodePorts({ dataDir: resolve(String(flags['storage.tsdb.path'])) });
  try {
    const manifest = createBlockManifest(ports);
    for (const folder of positionals) {
      const { entry, kind } = await importBlock(await folderSource(folder), { objects: ports.objects, manifest });
      const times = `${new Date(entry.minTime).toISOString()} to ${new Date(entry.maxTime).toISOString()}`;
      const verdict = kind === 'added' ? 'imported' : 'was there already';
      io.stdout.write(`${entry.ulid}: ${verdict}: ${times}, ${entry.sizeBytes} bytes\n`);
    }
    return 0;
  } finally {
    await ports.close();
  }
}
