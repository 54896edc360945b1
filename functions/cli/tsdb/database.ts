import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '#shared/adapters/node/durable-file.ts';
import { goSort } from '#shared/model/go-sort.ts';
import { META_FILE } from '#shared/tsdb/block/block-meta.ts';
import { type BlockReader, openBlock } from '#shared/tsdb/block/block-reader.ts';
import type { BlockSource, ReadRange } from '#shared/tsdb/block/block-source.ts';
import { INDEX_FILE } from '#shared/tsdb/block/index-format.ts';
import { TOMBSTONES_FILE } from '#shared/tsdb/block/tombstones.ts';
import { isUlid, ulidTimeMs } from '#shared/tsdb/block/ulid.ts';

/** A block in a folder. */
export interface FolderBlock {
  readonly reader: BlockReader;
  /** Of the files that Prometheus knows. */
  readonly sizeBytes: number;
}

/** Of the folders of a database: those named as blocks are, by name.
 *  @throws {Error} When there is no such folder. */
export async function blockFolders(database: string): Promise<readonly string[]> {
  await checkDatabase(database);
  const entries = await readdir(database, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && isUlid(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** @throws {Error} When there is no such folder, in Prometheus's words. */
export async function checkDatabase(database: string): Promise<void> {
  await stat(database).catch((error) => {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new Error(`opening the db dir: stat ${database}: no such file or directory`, { cause: error });
  });
}

/** The blocks of a database, by time. Folders that are not whole blocks yet, without their meta, are passed over.
 *  @throws {Error} When a block is damaged. */
export async function openBlocks(database: string): Promise<readonly FolderBlock[]> {
  const blocks: FolderBlock[] = [];
  for (const name of await blockFolders(database)) {
    if (await exists(join(database, name, META_FILE))) blocks.push(await openFolderBlock(join(database, name)));
  }
  goSort(blocks, (a, b) => a.reader.meta.minTime < b.reader.meta.minTime);
  return blocks;
}

/** Opens one block of a database. @param name Its id, or the name of its folder. @default The one that was made last. */
export async function openNamedBlock(database: string, name?: string): Promise<FolderBlock> {
  await checkDatabase(database);
  const folder = name ?? lastOf(await blockFolders(database));
  if (folder === undefined) throw new Error('no blocks found');
  if (!(await exists(join(database, folder)))) throw new Error(`invalid block ID ${folder}`);
  return openFolderBlock(join(database, folder));
}

function lastOf(names: readonly string[]): string | undefined {
  let last: string | undefined;
  for (const name of names) if (last === undefined || ulidTimeMs(name) > ulidTimeMs(last)) last = name;
  return last;
}

async function openFolderBlock(folder: string): Promise<FolderBlock> {
  const source = await folderSource(folder);
  return { reader: await openBlock(source), sizeBytes: await blockBytes(folder) };
}

/** A block in a folder, whatever the folder's name is.
 *  @throws {Error} When its `meta.json` cannot be read, so that it has no name. */
export async function folderSource(folder: string): Promise<BlockSource> {
  const path = join(folder, META_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`open ${path}: ${errorCode(error) === 'ENOENT' ? 'no such file or directory' : error}`, {
      cause: error,
    });
  }
  return { id: idIn(text) ?? folder, read: readerOf(folder) };
}

/** `undefined` when the text is damaged, which reading the block will tell. */
function idIn(metaText: string): string | undefined {
  try {
    const { ulid } = JSON.parse(metaText);
    return typeof ulid === 'string' ? ulid : undefined;
  } catch {
    return undefined;
  }
}

function readerOf(folder: string): ReadRange {
  return async (path, range) => {
    const file = await openFile(join(folder, path));
    if (file === undefined) return undefined;
    try {
      const { size } = await file.stat();
      const start = Math.min(range?.offset ?? 0, size);
      const body = new Uint8Array(Math.min(range?.length ?? size, size - start));
      for (let done = 0; done < body.length; ) {
        const { bytesRead } = await file.read(body, done, body.length - done, start + done);
        if (bytesRead === 0) throw new Error(`Cannot read ${path}: it ends at ${start + done} of ${size} bytes`);
        done += bytesRead;
      }
      return { body, sizeBytes: size };
    } finally {
      await file.close();
    }
  };
}

async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function blockBytes(folder: string): Promise<number> {
  const segments = (await readdir(join(folder, 'chunks'))).filter((name) => /^[0-9]+$/.test(name));
  const paths = [META_FILE, INDEX_FILE, TOMBSTONES_FILE, ...segments.map((name) => join('chunks', name))];
  const sizes = await Promise.all(paths.map((path) => sizeOf(join(folder, path))));
  return sizes.reduce((total, size) => total + size, 0);
}

/** 0 where there is no such file. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    (error) => {
      if (errorCode(error) === 'ENOENT') return 0;
      throw error;
    },
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Whether a database has samples in its write-ahead log, which are in no block yet. */
export async function hasLog(database: string): Promise<boolean> {
  for (const folder of ['wal', 'wbl', 'chunks_head']) {
    const names = await readdir(join(database, folder), { recursive: true }).catch(() => []);
    for (const name of names) {
      const { size } = await stat(join(database, folder, name)).then(
        (stats) => (stats.isFile() ? stats : { size: 0 }),
        () => ({ size: 0 }),
      );
      if (size > 0) return true;
    }
  }
  return false;
}
