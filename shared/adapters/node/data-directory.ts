import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode, makeFolder, syncFolder, writeSynced } from './durable-file.ts';
import { explainFullDisk } from './storage-error.ts';

/** The folder that holds everything of a local process, for this process alone. */
export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  /** A path below it. */
  file(...segments: string[]): string;
  /** Lets another process have it. */
  close(): void;
}

/** Of the folder's layout; another number is refused. */
const LAYOUT_VERSION = 1;
const VERSION_FILE = 'emberwatch.json';
const LOCK_FILE = 'lock.db';
const PID_FILE = 'lock.pid';
/** Files for writing before they get their names; nothing in it outlives a process. */
export const TEMPORARY_FOLDER = 'tmp';

/** How long a starter that lost waits for the winner to write its process id. */
const PID_WAIT_MS = 1000;

/** Opens a data directory, making it if need be, and keeps every other process out until it is closed or this one ends.
 *  The lock is one of the operating system on a SQLite file, so nothing is left of it when a process is killed.
 *  @throws {Error} When another process has it, another version wrote it, it is some other folder, or it is not writable. */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const absolute = resolve(path);
  return explainFullDisk(absolute, async () => {
    await attempt(absolute, () => makeFolder(absolute));
    await checkOwner(absolute);
    const lock = await takeLock(absolute);
    try {
      await attempt(absolute, () => prepare(absolute));
    } catch (error) {
      lock.close();
      throw error;
    }
    return { path: absolute, file: (...segments) => join(absolute, ...segments), close: () => lock.close() };
  });
}

/** Only an empty folder is taken, or one that is ours already. */
async function checkOwner(path: string): Promise<void> {
  const names = await attempt(path, () => readdir(path));
  const foreign = names.filter((name) => !name.startsWith('lock.') && name !== TEMPORARY_FOLDER);
  if (foreign.length === 0 || names.includes(VERSION_FILE)) return;
  throw new Error(
    `Cannot open data directory "${path}": it holds other files ("${foreign[0]}") and no ${VERSION_FILE}`,
  );
}

async function takeLock(path: string): Promise<DatabaseSync> {
  const file = join(path, LOCK_FILE);
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    if (!isBusy(error)) throw cannotOpen(path, error);
    throw new Error(`Cannot open data directory "${path}": ${await describeHolder(path)} is using it`, {
      cause: error,
    });
  }
  await attempt(path, () => writeFile(join(path, PID_FILE), `${process.pid}\n`));
  return lock;
}

function isBusy(error: unknown): boolean {
  const SQLITE_BUSY = 5;
  return (error as { errcode?: number }).errcode === SQLITE_BUSY;
}

/** The file may still name the holder before, for as long as the new one needs to write. */
async function describeHolder(path: string): Promise<string> {
  for (let waitedMs = 0; waitedMs < PID_WAIT_MS; waitedMs += 20) {
    const pid = Number(await readFile(join(path, PID_FILE), 'utf8').catch(() => ''));
    if (pid > 0 && isAlive(pid)) return `process ${pid}`;
    await wait(20);
  }
  return 'another process';
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

async function prepare(path: string): Promise<void> {
  const temporary = join(path, TEMPORARY_FOLDER);
  await rm(temporary, { recursive: true, force: true });
  await makeFolder(temporary);
  await checkVersion(path);
  const probe = join(temporary, 'probe');
  await writeSynced(probe, new Uint8Array(4096));
  await rm(probe);
}

async function checkVersion(path: string): Promise<void> {
  const file = join(path, VERSION_FILE);
  const text = await readFile(file, 'utf8').catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return writeVersion(path, file);
  const version = versionOf(text);
  if (version === LAYOUT_VERSION) return;
  throw new Error(`the version in ${VERSION_FILE} is ${version ?? 'not readable'}, expected ${LAYOUT_VERSION}`);
}

async function writeVersion(path: string, file: string): Promise<void> {
  const temporary = join(path, TEMPORARY_FOLDER, VERSION_FILE);
  await writeSynced(temporary, new TextEncoder().encode(`${JSON.stringify({ version: LAYOUT_VERSION })}\n`));
  await rename(temporary, file);
  await syncFolder(path);
}

function versionOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { version?: unknown }).version;
  } catch {
    return undefined;
  }
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw cannotOpen(path, error);
  }
}

function cannotOpen(path: string, error: unknown): Error {
  const code = errorCode(error);
  // Left as they are, for the error that names the cause.
  if (code === 'ENOSPC' || code === 'EDQUOT') return error as Error;
  return new Error(`Cannot open data directory "${path}": ${(error as Error).message}`, { cause: error });
}
