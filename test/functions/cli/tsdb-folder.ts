import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import type { BlockFiles } from '#test/tsdb/block/block-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'tsdb-'));
after(() => rmSync(folder, { recursive: true }));

let made = 0;

/** A path that nothing is at, in a folder that is removed when the tests end. */
export function freePath(): string {
  return join(folder, String(made++));
}

/** A database of blocks by their ids. */
export function databaseWith(blocks: Readonly<Record<string, BlockFiles>>): string {
  const database = freePath();
  mkdirSync(database);
  for (const [ulid, files] of Object.entries(blocks)) {
    for (const [path, bytes] of files) write(join(database, ulid, path), bytes);
  }
  return database;
}

/** Writes a file and the folders above it. */
export function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
