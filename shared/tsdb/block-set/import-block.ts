import type { ObjectStore } from '#shared/ports/object-store.ts';
import { META_FILE, parseBlockMeta } from '../block/block-meta.ts';
import { type BlockSource, readFile } from '../block/block-source.ts';
import { segmentPath } from '../block/chunk-meta.ts';
import { INDEX_FILE } from '../block/index-format.ts';
import { SIDECAR_FILE } from '../block/sidecar.ts';
import { TOMBSTONES_FILE } from '../block/tombstones.ts';
import { verifyBlock } from '../block/verify-block.ts';
import { BLOCKS_FOLDER, type BlockEntry, type BlockManifest } from './manifest.ts';

/** What became of a block that was to be imported. */
export interface ImportedBlock {
  readonly entry: BlockEntry;
  /** `known`: the manifest had it already, and nothing was written. */
  readonly kind: 'added' | 'known';
}

/** Checks every byte of a block, copies its files, and adds it to the manifest, which makes it visible. After a crash it is
 *  done again. Memory: the block's largest file.
 *  @throws {Error} When the block is damaged: nothing is written then. */
export async function importBlock(
  source: BlockSource,
  { objects, manifest }: { readonly objects: ObjectStore; readonly manifest: BlockManifest },
): Promise<ImportedBlock> {
  const known = (await manifest.read()).blocks.find(({ ulid }) => ulid === source.id);
  if (known !== undefined) return { entry: known, kind: 'known' };
  const { problems } = await verifyBlock(source);
  if (problems.length > 0) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more problems)` : '';
    throw new Error(`Cannot import block ${source.id}: ${problems[0].message}${more}`, { cause: problems[0] });
  }
  const prefix = `${BLOCKS_FOLDER}${source.id}/`;
  const sizeBytes = await copyFiles(source, objects, prefix);
  const entry = { ...(await describe(source)), sizeBytes, prefix };
  const added = await manifest.update(({ blocks, dropped }) => {
    if (blocks.some(({ ulid }) => ulid === entry.ulid)) return undefined;
    return { blocks: [...blocks, entry], dropped: dropped.filter(({ ulid }) => ulid !== entry.ulid) };
  });
  return { entry, kind: added ? 'added' : 'known' };
}

async function describe(source: BlockSource): Promise<Pick<BlockEntry, 'ulid' | 'minTime' | 'maxTime' | 'level'>> {
  const file = await readFile(source, META_FILE);
  const { ulid, minTime, maxTime, compaction } = parseBlockMeta(new TextDecoder().decode(file));
  return { ulid, minTime, maxTime, level: compaction.level };
}

/** @returns The bytes of all files. */
async function copyFiles(source: BlockSource, objects: ObjectStore, prefix: string): Promise<number> {
  let total = 0;
  const copy = async (path: string): Promise<boolean> => {
    const file = await readFile(source, path);
    if (file === undefined) return false;
    await objects.put(prefix + path, file);
    total += file.length;
    return true;
  };
  for (let segment = 0; await copy(segmentPath(segment)); ) segment++;
  for (const path of [INDEX_FILE, TOMBSTONES_FILE, SIDECAR_FILE, META_FILE]) await copy(path);
  return total;
}
