import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';

/** An adapter made for one suite, and its time: virtual where the adapter takes a clock, real where it does not. */
export interface Opened<T> {
  readonly port: T;
  nowMs(): number;
  passTime(ms: number): Promise<void>;
  close(): Promise<void>;
}

export type Open<T> = () => Promise<Opened<T>>;

/** Opens an adapter before the tests of the suite that calls this, and closes it after them. */
export function openForSuite<T>(open: Open<T>): () => Opened<T> {
  let opened: Opened<T> | undefined;
  before(async () => {
    opened = await open();
  });
  after(() => opened?.close());
  return () => opened!;
}

let unique = 0;

/** A name that no test before has used: suites share their adapter, as they would share a deployed one. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${process.pid}-${++unique}`;
}

/** A new folder, and its end. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'emberwatch-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}
