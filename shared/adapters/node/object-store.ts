import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  ByteRange,
  ObjectPage,
  ObjectStore,
  PutCondition,
  PutResult,
  StoredObject,
} from '#shared/ports/object-store.ts';
import { checkByteRange, checkObjectKey, listLimit } from '#shared/ports/object-store-rules.ts';
import { errorCode, fileStamp, makeFolder, syncFolder, writeSynced } from './durable-file.ts';
import { createMutex } from './mutex.ts';
import { etagOf, ObjectEtags } from './object-etags.ts';
import { BESIDE_FOLDER, objectPath, readFolder } from './object-path.ts';
import { explainFullDisk } from './storage-error.ts';

/** An object store that is to be closed. */
export interface FileObjectStore extends ObjectStore {
  close(): void;
}

/** An object store in `<directory>/objects`, one file an object. A body is written aside, synced, and only then given its
 *  name, so a crash leaves the old object or the new one. Bodies must not be changed before `put` resolves. Where the file
 *  system ignores case, keys must not differ by case alone.
 *  @param directory Absolute; for this process alone, with a folder `tmp`. */
export async function openFileObjectStore(directory: string): Promise<FileObjectStore> {
  const root = join(directory, 'objects');
  await makeFolder(root);
  return new DirectoryObjectStore(directory, root);
}

interface Place {
  readonly path: string;
  readonly exists: boolean;
}

interface OpenObject {
  readonly file: FileHandle;
  readonly sizeBytes: number;
  readonly etag: string;
}

class DirectoryObjectStore implements FileObjectStore {
  readonly #directory: string;
  readonly #root: string;
  readonly #etags: ObjectEtags;
  /** Changes of names happen one at a time: that is what makes a condition and its put one step. */
  readonly #exclusively = createMutex();

  constructor(directory: string, root: string) {
    this.#directory = directory;
    this.#root = root;
    this.#etags = new ObjectEtags(join(directory, 'objects.db'));
  }

  async get(key: string, range?: ByteRange): Promise<StoredObject | undefined> {
    checkObjectKey(key);
    if (range !== undefined) checkByteRange(range);
    const object = await this.#open(key);
    if (object === undefined) return undefined;
    try {
      const { etag, sizeBytes } = object;
      return { body: await readRange(object, range), etag, sizeBytes };
    } finally {
      await object.file.close();
    }
  }

  async put(key: string, body: Uint8Array, condition?: PutCondition): Promise<PutResult> {
    checkObjectKey(key);
    const temporary = join(this.#directory, 'tmp', randomUUID());
    try {
      return await explainFullDisk(this.#directory, async () => {
        const etag = etagOf(body);
        const stamp = await writeSynced(temporary, body);
        return await this.#exclusively(() => this.#name(key, { temporary, etag, stamp }, condition));
      });
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async list(prefix: string, options: { readonly after?: string; readonly limit?: number } = {}): Promise<ObjectPage> {
    const limit = listLimit(options.limit);
    const objects: { key: string; sizeBytes: number; etag: string }[] = [];
    for await (const key of this.#keys(this.#root, '', { prefix, after: options.after ?? '' })) {
      if (objects.length === limit) return { objects, next: objects[limit - 1].key };
      const object = await this.#open(key);
      if (object === undefined) continue;
      await object.file.close();
      objects.push({ key, sizeBytes: object.sizeBytes, etag: object.etag });
    }
    return { objects };
  }

  async delete(key: string): Promise<void> {
    checkObjectKey(key);
    await this.#exclusively(async () => {
      const { path, exists } = await this.#place(key);
      if (!exists) return;
      await rm(path);
      this.#etags.forget(key);
      await syncFolder(dirname(path));
      await this.#removeEmpty(dirname(path));
    });
  }

  close(): void {
    this.#etags.close();
  }

  async #name(
    key: string,
    made: { readonly temporary: string; readonly etag: string; readonly stamp: string },
    condition: PutCondition | undefined,
  ): Promise<PutResult> {
    const { path, exists } = await this.#place(key);
    if (condition !== undefined) {
      if ('ifMatch' in condition) {
        if (!exists || (await this.#etag(key)) !== condition.ifMatch) return { ok: false, reason: 'changed' };
      } else if (exists) return { ok: false, reason: 'exists' };
    }
    if (!exists) await this.#makeRoom(path);
    await rename(made.temporary, path);
    await syncFolder(dirname(path));
    this.#etags.remember(key, made.stamp, made.etag);
    return { ok: true, etag: made.etag };
  }

  /** Where the object is, or is to be. */
  async #place(key: string): Promise<Place> {
    const path = join(this.#root, objectPath(key));
    const kind = await kindOf(path);
    if (kind === 'file') return { path, exists: true };
    const beside = path + BESIDE_FOLDER;
    if ((await kindOf(beside)) === 'file') return { path: beside, exists: true };
    return { path: kind === 'folder' ? beside : path, exists: false };
  }

  /** Makes the folders above a file. An object whose key is one of them steps aside; readers look in both places. */
  async #makeRoom(path: string): Promise<void> {
    const folder = dirname(path);
    try {
      await makeFolder(folder);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST' && errorCode(error) !== 'ENOTDIR') throw error;
      for (let above = folder; above !== this.#root; above = dirname(above)) {
        if ((await kindOf(above)) === 'file') await rename(above, above + BESIDE_FOLDER);
      }
      await makeFolder(folder);
    }
  }

  async #removeEmpty(folder: string): Promise<void> {
    for (let path = folder; path !== this.#root; path = dirname(path)) {
      try {
        await rmdir(path);
      } catch {
        // Not empty, which is how the walk up ends.
        return;
      }
    }
  }

  async #etag(key: string): Promise<string | undefined> {
    const object = await this.#open(key);
    await object?.file.close();
    return object?.etag;
  }

  async #open(key: string): Promise<OpenObject | undefined> {
    const path = join(this.#root, objectPath(key));
    const file = (await openFile(path)) ?? (await openFile(path + BESIDE_FOLDER));
    if (file === undefined) return undefined;
    try {
      const stats = await file.stat({ bigint: true });
      const etag = await this.#etags.of(key, fileStamp(stats), file);
      return { file, sizeBytes: Number(stats.size), etag };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The keys that start with `prefix` and come after `after`, in order. Folders without any are not read. */
  async *#keys(folder: string, start: string, wanted: { prefix: string; after: string }): AsyncGenerator<string> {
    const { prefix, after } = wanted;
    for (const { name, path, isFolder } of await readFolder(folder)) {
      const key = start + name;
      if (isFolder) {
        const overlaps = key.startsWith(prefix) || prefix.startsWith(key);
        if (overlaps && (key > after || after.startsWith(key))) yield* this.#keys(path, key, wanted);
      } else if (key.startsWith(prefix) && key > after) yield key;
    }
  }
}

/** `undefined` when there is no file of that name. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return undefined;
  } catch (error) {
    await file?.close();
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '');
}

async function readRange({ file, sizeBytes }: OpenObject, range: ByteRange | undefined): Promise<Uint8Array> {
  const start = Math.min(range?.offset ?? 0, sizeBytes);
  const body = new Uint8Array(Math.min(range?.length ?? sizeBytes, sizeBytes - start));
  for (let done = 0; done < body.length; ) {
    const { bytesRead } = await file.read(body, done, body.length - done, start + done);
    if (bytesRead === 0) throw new Error(`Cannot read object: it ends at ${start + done} of ${sizeBytes} bytes`);
    done += bytesRead;
  }
  return body;
}
