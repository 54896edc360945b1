import { parentPort, workerData } from 'node:worker_threads';

/** What `inThread` starts: calls the function that it names, and posts the result. */
const { module, name, argument } = workerData as { module: string; name: string; argument: unknown };
const exported = (await import(module)) as Record<string, (argument: unknown) => Promise<unknown>>;
parentPort!.postMessage(await exported[name](argument));
