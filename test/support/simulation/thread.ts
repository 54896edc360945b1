import { Worker } from 'node:worker_threads';

/** A function of a module that another thread can call: its argument and its result are plain data. */
export interface ThreadCall {
  readonly module: URL;
  readonly name: string;
  readonly argument: unknown;
}

/** A simulation makes much that dies young; the default collects a quarter of the time. */
const YOUNG_MB = 128;

/** Calls a function in a thread of its own. The test runner follows every promise of its thread, which takes a simulation
 *  longer than the simulation itself; and two threads are two cores.
 *  @throws {Error} What the function throws. */
export function inThread<Result>(call: ThreadCall): Promise<Result> {
  const data = { ...call, module: call.module.href };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./thread-entry.ts', import.meta.url), {
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
