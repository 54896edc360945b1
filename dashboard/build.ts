import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleDashboard, SITE_FOLDER } from './bundle.ts';

/** Builds the site into `dist/dashboard` and prints its sizes. Fails when the first load is larger than it may be. */

/** Of all files that the first page needs, each with gzip. */
const FIRST_LOAD_LIMIT_BYTES = 60 * 1024;

const files = await bundleDashboard({ minify: true });
await rm(SITE_FOLDER, { recursive: true, force: true });
let totalBytes = 0;
for (const [path, contents] of files) {
  const file = join(SITE_FOLDER, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, contents);
  const compressedBytes = gzipSync(contents, { level: 9 }).length;
  totalBytes += compressedBytes;
  process.stdout.write(`${path.padEnd(36)} ${kib(contents.length)}  ${kib(compressedBytes)} with gzip\n`);
}
process.stdout.write(`first load ${kib(totalBytes)} with gzip, at most ${kib(FIRST_LOAD_LIMIT_BYTES)}\n`);
if (totalBytes > FIRST_LOAD_LIMIT_BYTES) process.exitCode = 1;

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1).padStart(6)} KiB`;
}
