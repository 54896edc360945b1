import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Which bytes a file holds, as far as its inode can say: a changed body always changes it. */
export type FileStamp = string;

/** Writes a new file and waits until its bytes are on the disk; its name may not be yet.
 *  @throws {Error} When there is one. */
export async function writeSynced(path: string, body: Uint8Array): Promise<FileStamp> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(body);
    await file.sync();
    return fileStamp(await file.stat({ bigint: true }));
  } finally {
    await file.close();
  }
}

/** Of a file that is replaced, never written in place. */
export function fileStamp(stat: { readonly ino: bigint; readonly mtimeNs: bigint; readonly size: bigint }): FileStamp {
  return `${stat.ino}-${stat.mtimeNs}-${stat.size}`;
}

/** Gives `from` the name `to` too, unless something has it; then forgets `from`. @returns Whether it got the name. */
export async function moveIfAbsent(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    await syncFolder(dirname(to));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(from);
  }
}

/** Makes a folder and those above it, durably. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) await syncFolder(dirname(folder));
}

/** Waits until the names in a folder are on the disk. Windows cannot, and need not. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The system's or Node's code of an error: `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
