import type { ObjectStore } from '#shared/ports/object-store.ts';

/** Window objects are 10 minutes long, and a slot's batch may be written late. */
const MARGIN_MS = 3_600_000;

/** Deletes the objects below `prefix` that are older than the retention. Their names end in the time from which they are:
 *  digits, then nothing or a `-`. Records expire by themselves. @returns How many were deleted. */
export async function dropOldObjects(
  objects: ObjectStore,
  prefix: string,
  { nowMs, retentionMs }: { readonly nowMs: number; readonly retentionMs: number },
): Promise<number> {
  let deleted = 0;
  let after: string | undefined;
  do {
    const page = await objects.list(prefix, { after });
    for (const { key } of page.objects) {
      const timeMs = Number.parseInt(key.slice(key.lastIndexOf('/') + 1), 10);
      if (!(timeMs + retentionMs + MARGIN_MS < nowMs)) continue;
      await objects.delete(key);
      deleted++;
    }
    after = page.next;
  } while (after !== undefined);
  return deleted;
}
