import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '#shared/adapters/node/durable-file.ts';
import type { BlockMeta } from '#shared/tsdb/block/block-meta.ts';
import type { BlockPart } from '#shared/tsdb/block/block-part.ts';

/** Upstream's name for a block that is being made; nobody reads a folder of this name. */
const UNFINISHED = '.tmp-for-creation';

/** Writes the parts of a block into a folder that gets its name when all are on the disk.
 *  @returns The block's folder. */
export async function writeBlockFolder(
  database: string,
  ulid: string,
  parts: Generator<BlockPart, BlockMeta>,
): Promise<string> {
  const unfinished = join(database, ulid + UNFINISHED);
  const open = new Map<string, FileHandle>();
  try {
    for (const part of parts) await writePart(unfinished, part, open);
    await syncFolder(join(unfinished, 'chunks'));
    await syncFolder(unfinished);
    await rename(unfinished, join(database, ulid));
    await syncFolder(database);
  } catch (error) {
    await Promise.all([...open.values()].map((file) => file.close()));
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
  return join(database, ulid);
}

async function writePart(
  folder: string,
  { path, bytes, last }: BlockPart,
  opened: Map<string, FileHandle>,
): Promise<void> {
  const file = opened.get(path) ?? (await createFile(join(folder, path)));
  opened.set(path, file);
  await file.writeFile(bytes);
  if (!last) return;
  await file.sync();
  await file.close();
  opened.delete(path);
}

async function createFile(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  return open(path, 'wx');
}
