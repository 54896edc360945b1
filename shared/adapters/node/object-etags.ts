import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from './database.ts';
import type { FileStamp } from './durable-file.ts';

const SCHEMA = 'CREATE TABLE etags (key TEXT PRIMARY KEY, stamp TEXT NOT NULL, etag TEXT NOT NULL) WITHOUT ROWID';

/** Remembers the hashes of objects, so that a ranged read of a large one does not read all of it. Only a cache:
 *  an entry counts while the file's stamp is the same, and a missing one is computed. */
export class ObjectEtags {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = openDatabase(path, { schema: SCHEMA, durability: 'normal' });
  }

  /** The etag of an object's open file. Reads the whole file when it is not known. */
  async of(key: string, stamp: FileStamp, file: FileHandle): Promise<string> {
    const known = this.#database.prepare('SELECT etag FROM etags WHERE key = ? AND stamp = ?').get(key, stamp);
    if (known !== undefined) return String(known.etag);
    const etag = await hashFile(file);
    this.remember(key, stamp, etag);
    return etag;
  }

  remember(key: string, stamp: FileStamp, etag: string): void {
    this.#database.prepare('INSERT OR REPLACE INTO etags VALUES (?, ?, ?)').run(key, stamp, etag);
  }

  forget(key: string): void {
    this.#database.prepare('DELETE FROM etags WHERE key = ?').run(key);
  }

  close(): void {
    this.#database.close();
  }
}

/** The etag of a body. */
export function etagOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

async function hashFile(file: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(1 << 20);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}
