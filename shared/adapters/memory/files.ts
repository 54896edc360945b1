import { compareStrings } from '#shared/model/labels.ts';
import type { Files } from '#shared/ports/files.ts';
import { matchGlob } from '#shared/ports/glob.ts';

/** @param texts Path → text. The object may change later. */
export function createMemoryFiles(texts: Readonly<Record<string, string>> = {}): Files {
  return {
    async read(path) {
      if (!Object.hasOwn(texts, path)) throw new Error(`open ${path}: no such file or directory`);
      return texts[path];
    },
    async glob(pattern) {
      return Object.keys(texts)
        .filter((path) => matchGlob(pattern, path))
        .sort(compareStrings);
    },
  };
}
