/** The folder of a path: `conf/prometheus.yml` → `conf`, `prometheus.yml` → `.`. */
export function folderOf(file: string): string {
  const slash = file.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : file.slice(0, slash);
}

/** Resolves a path of a configuration file against the folder of the file. Empty and absolute paths stay as they are.
 *  @see prometheus/common/config JoinDir */
export function joinFolder(folder: string, path: string): string {
  if (path === '' || isAbsolute(path)) return path;
  return cleanPath(`${folder}/${path}`);
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || path.startsWith('\\\\') || /^[A-Za-z]:[\\/]/.test(path);
}

/** `a/./b/../c` → `a/c`, as Go's `path.Clean`. */
function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (part !== '..' || !path.startsWith('/')) kept.push(part);
  }
  const cleaned = kept.join('/');
  return path.startsWith('/') ? `/${cleaned}` : cleaned || '.';
}
