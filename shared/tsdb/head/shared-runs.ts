/** Runs work by keys, one run of a key at a time. Who asks gets what a run gives that began after the asking: all who ask
 *  while one is at work share the next. */
export class SharedRuns<T> {
  readonly #atWork = new Map<string, Run<T>>();

  /** @param work Of the key; of those who share a run, that of the first one is run. */
  run(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#atWork.get(key);
    if (before === undefined) return this.#start(key, work);
    const start = () => this.#start(key, work);
    before.next ??= before.result.then(start, start);
    return before.next;
  }

  #start(key: string, work: () => Promise<T>): Promise<T> {
    const run: Run<T> = { result: work(), next: undefined };
    this.#atWork.set(key, run);
    const end = () => run.next === undefined && this.#atWork.delete(key);
    run.result.then(end, end);
    return run.result;
  }
}

interface Run<T> {
  readonly result: Promise<T>;
  next: Promise<T> | undefined;
}
