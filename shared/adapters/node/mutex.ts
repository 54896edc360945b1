/** Runs pieces of work one after the other, in the order of the calls. A failure does not stop those after it. */
export type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a mutex that nobody holds. */
export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
