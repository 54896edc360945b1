import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { BlockManifest } from './manifest.ts';

/** Longer than a query takes, and than a reader's manifest may be old. */
const GRACE_MS = 3_600_000;

/** Takes blocks that end before the retention out of the manifest, and deletes the files of those that have been out of it
 *  for an hour. @returns How many blocks were deleted. */
export async function dropOldBlocks(
  { objects, manifest }: { readonly objects: ObjectStore; readonly manifest: BlockManifest },
  { nowMs, retentionMs }: { readonly nowMs: number; readonly retentionMs: number },
): Promise<number> {
  const isOld = ({ maxTime }: { readonly maxTime: number }) => maxTime + retentionMs < nowMs;
  const { blocks, dropped } = await manifest.read();
  const deleted = dropped.filter(({ droppedAtMs }) => droppedAtMs + GRACE_MS < nowMs);
  for (const { prefix } of deleted) await deleteBelow(objects, prefix);
  if (deleted.length === 0 && !blocks.some(isOld)) return 0;
  const gone = new Set(deleted.map(({ ulid }) => ulid));
  await manifest.update((content) => ({
    blocks: content.blocks.filter((block) => !isOld(block)),
    dropped: [
      ...content.dropped.filter(({ ulid }) => !gone.has(ulid)),
      ...content.blocks.filter(isOld).map(({ ulid, prefix }) => ({ ulid, prefix, droppedAtMs: nowMs })),
    ],
  }));
  return deleted.length;
}

async function deleteBelow(objects: ObjectStore, prefix: string): Promise<void> {
  let after: string | undefined;
  do {
    const page = await objects.list(prefix, { after });
    for (const { key } of page.objects) await objects.delete(key);
    after = page.next;
  } while (after !== undefined);
}
