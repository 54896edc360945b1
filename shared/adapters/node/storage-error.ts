const SQLITE_FULL = 13;

/** Runs `work`; where the disk or the quota is full it throws an error that says so and names the data directory. */
export async function explainFullDisk<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fullDiskError(directory, error) ?? error;
  }
}

/** The same for work that does not wait. */
export function explainFullDiskSync<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fullDiskError(directory, error) ?? error;
  }
}

function fullDiskError(directory: string, error: unknown): Error | undefined {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  const full = code === 'ENOSPC' || code === 'EDQUOT' || (code === 'ERR_SQLITE_ERROR' && errcode === SQLITE_FULL);
  return full ? new Error(`No space left in data directory "${directory}"`, { cause: error }) : undefined;
}
