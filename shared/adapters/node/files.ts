import { readdir, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { compareStrings } from '#shared/model/labels.ts';
import type { Files } from '#shared/ports/files.ts';
import { hasGlob, matchGlob } from '#shared/ports/glob.ts';
import { errorCode } from './durable-file.ts';

/** Reads files of the disk. Paths come back as they were asked for, relative ones relative.
 *  @param options.baseFolder What relative paths are relative to. */
export function createLocalFiles(options: { readonly baseFolder: string }): Files {
  const { baseFolder } = options;
  return {
    read: (path) => readText(path, resolve(baseFolder, path)),
    async glob(pattern) {
      // Also finds out whether the pattern is well-formed where no folder is ever read.
      matchGlob(pattern, '');
      const paths = await expand(baseFolder, pattern.startsWith('/') ? '/' : '', pattern.split('/').filter(Boolean));
      return paths.sort(compareStrings);
    },
  };
}

/** Go's words for what went wrong, since Prometheus's users see them. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
};

async function readText(path: string, full: string): Promise<string> {
  try {
    return await readFile(full, 'utf8');
  } catch (error) {
    const code = errorCode(error) ?? '';
    const operation = code === 'EISDIR' ? 'read' : 'open';
    throw new Error(`${operation} ${path}: ${PROBLEMS[code] ?? (error as Error).message}`, { cause: error });
  }
}

/** The files below `folder` (which ends in `/` or is empty) whose path matches the segments.
 *  @see go/src/path/filepath/match.go Glob */
async function expand(base: string, folder: string, segments: readonly string[]): Promise<string[]> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return [];
  const names = hasGlob(segment) ? await namesThatMatch(resolve(base, folder), segment) : [segment];
  if (rest.length > 0) return (await Promise.all(names.map((name) => expand(base, `${folder}${name}/`, rest)))).flat();
  const paths = names.map((name) => folder + name);
  const found = await Promise.all(paths.map((path) => isFile(resolve(base, path))));
  return paths.filter((_, index) => found[index]);
}

/** A folder that cannot be read has no matches, as in Go. */
async function namesThatMatch(folder: string, pattern: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => matchGlob(pattern, name));
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => !stats.isDirectory(),
    () => false,
  );
}
