import { ConfigError } from '#shared/config/config-error.ts';
import type { FileSdConfig } from '#shared/config/prometheus-config.ts';
import { getLabel, withLabel } from '#shared/model/labels.ts';
import type { Files } from '#shared/ports/files.ts';
import { parseTargetFile } from './target-file.ts';
import { groupOfAddresses, type TargetGroup } from './target-group.ts';

const FILEPATH_LABEL = '__meta_filepath';

export interface FileSdResult {
  /** Ordered by path, then by their place in the file. */
  readonly groups: readonly TargetGroup[];
  /** Of files that could not be read or parsed; each names its path. */
  readonly errors: readonly string[];
}

/** Reads the target files that match a config's globs: JSON or YAML lists of target groups, by their extension. A file
 *  that cannot be used keeps the groups that it had; one that is gone has none.
 *  @param last What the call before gave for the same config.
 *  @see prometheus/discovery/file/file.go refresh */
export async function readFileSd(files: Files, config: FileSdConfig, last?: FileSdResult): Promise<FileSdResult> {
  const errors: string[] = [];
  const groups: TargetGroup[] = [];
  for (const path of await listFiles(files, config, errors)) {
    const result = await readTargetFile(files, path);
    if (result.ok) groups.push(...result.groups);
    else {
      errors.push(result.error);
      groups.push(...(last?.groups.filter(({ labels }) => getLabel(labels, FILEPATH_LABEL) === path) ?? []));
    }
  }
  return { groups, errors };
}

async function listFiles(files: Files, config: FileSdConfig, errors: string[]): Promise<readonly string[]> {
  const paths = new Set<string>();
  for (const glob of config.files) {
    try {
      for (const path of await files.glob(glob)) paths.add(path);
    } catch (error) {
      errors.push(`Error expanding glob "${glob}": ${messageOf(error)}`);
    }
  }
  return [...paths].sort();
}

type FileResult =
  | { readonly ok: true; readonly groups: readonly TargetGroup[] }
  | { readonly ok: false; readonly error: string };

async function readTargetFile(files: Files, path: string): Promise<FileResult> {
  try {
    const configs = parseTargetFile(path, await files.read(path));
    const groups = configs.map(({ targets, labels }, i) =>
      groupOfAddresses({ targets, labels: withLabel(labels, FILEPATH_LABEL, path) }, `${path}:${i}`),
    );
    return { ok: true, groups };
  } catch (error) {
    const positioned = error instanceof ConfigError;
    return { ok: false, error: positioned ? messageOf(error) : `Error reading file "${path}": ${messageOf(error)}` };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
