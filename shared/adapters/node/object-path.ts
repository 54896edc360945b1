import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './durable-file.ts';

/* An object is a file at its key, so that tools of Prometheus read blocks where they lie. No key has a comma, so names
 * with one are free for the two cases that a file system does not know:
 *   `a,f`    the object `a`, where there are objects below `a/`
 *   `aaa,c/` the rest of a segment that is longer than a file name may be */

/** The suffix of an object's file where its key is also a folder. */
export const BESIDE_FOLDER = ',f';

const CONTINUED = ',c';

/** File systems end a name at 255 bytes; the suffixes need two. */
const MAX_NAME_LENGTH = 240;

/** Where an object's file is below the store's folder. */
export function objectPath(key: string): string {
  return join(...key.split('/').map(segmentPath));
}

function segmentPath(segment: string): string {
  if (segment.length <= MAX_NAME_LENGTH) return segment;
  return join(segment.slice(0, MAX_NAME_LENGTH) + CONTINUED, segmentPath(segment.slice(MAX_NAME_LENGTH)));
}

/** A file or folder, with the part of the key that it stands for. A folder's ends in `/`. */
export interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly isFolder: boolean;
}

/** What is directly in a folder, in the order of the keys. `[]` when there is no such folder. */
export async function readFolder(path: string): Promise<readonly FolderEntry[]> {
  const entries = await readUnordered(path);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readUnordered(path: string): Promise<FolderEntry[]> {
  const children = await readdir(path, { withFileTypes: true }).catch((error) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const entries: FolderEntry[] = [];
  for (const child of children) {
    const full = join(path, child.name);
    if (child.isDirectory() && child.name.endsWith(CONTINUED)) {
      const start = child.name.slice(0, -CONTINUED.length);
      for (const rest of await readUnordered(full)) entries.push({ ...rest, name: start + rest.name });
    } else if (child.isDirectory()) entries.push({ name: `${child.name}/`, path: full, isFolder: true });
    else entries.push({ name: withoutSuffix(child.name), path: full, isFolder: false });
  }
  return entries;
}

function withoutSuffix(name: string): string {
  return name.endsWith(BESIDE_FOLDER) ? name.slice(0, -BESIDE_FOLDER.length) : name;
}
