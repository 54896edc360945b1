import { compareAnswers, type Difference } from './compare.ts';
import { allSeries, createData, type Family } from './data.ts';
import { type Case, generateCase } from './generate.ts';
import { scriptOf } from './script.ts';
import { type ServerPair, startServers } from './servers.ts';
import { shrinkCase } from './shrink.ts';
import { textOf } from './term.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** The first case. @default 0 */
  readonly from?: number;
  readonly queries: number;
  /** Leaves native histograms out. @default false */
  readonly floats?: boolean;
  /** Failing cases that are made smaller; the others are reported as they are. @default 20 */
  readonly shrink?: number;
  /** Called for each failing case as soon as it is known. */
  readonly onFailure: (failure: Failure) => void;
  /** Called now and then with the number of cases done. */
  readonly onProgress?: (done: number) => void;
}

export interface Failure {
  readonly found: Case;
  /** The smallest that fails in the same way. */
  readonly smallest: Case;
  readonly difference: Difference;
  /** The smallest case and the samples that it reads, in the notation of upstream's test scripts. */
  readonly script: string;
}

export interface FuzzResult {
  readonly passed: number;
  readonly failed: number;
  /** Cases with an answer in which the real server differs from itself; neither passed nor failed. */
  readonly unstable: number;
  /** Cases that the real server answered with at least one sample. */
  readonly withSamples: number;
  /** Cases that it refused. */
  readonly refused: number;
}

/** Cases in flight: one is evaluated by the real server while another is by us. */
const CONCURRENCY = 4;
/** How often the real server is asked again where an answer differs: few orders of a sum differ in its last bit. */
const REPEATS = 40;
/** The same for cases that are smaller than one that is stable. */
const SHRINK_REPEATS = 6;
const PROGRESS_EVERY = 1000;

/** Asks the real Prometheus and us the queries of a seed, over the data of the seed, and compares. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const families = createData(options.seed).filter(({ kind }) => kind !== 'native' || !options.floats);
  const series = allSeries(families);
  const [plain, featured] = await Promise.all([false, true].map((features) => startServers(series, { features })));
  try {
    const run = new FuzzRun(options, families, (features) => (features ? featured : plain));
    return await run.all();
  } finally {
    await Promise.all([plain, featured].map(({ real }) => real.stop()));
  }
}

class FuzzRun {
  readonly #options: FuzzOptions;
  readonly #families: readonly Family[];
  readonly #serversOf: (features: boolean) => ServerPair;
  readonly #counts = { passed: 0, failed: 0, unstable: 0, withSamples: 0, refused: 0 };
  #next: number;

  constructor(options: FuzzOptions, families: readonly Family[], serversOf: (features: boolean) => ServerPair) {
    this.#options = options;
    this.#families = families;
    this.#serversOf = serversOf;
    this.#next = options.from ?? 0;
  }

  async all(): Promise<FuzzResult> {
    await Promise.all(Array.from({ length: CONCURRENCY }, () => this.#work()));
    return this.#counts;
  }

  async #work(): Promise<void> {
    const { seed, from = 0, queries, onProgress } = this.#options;
    while (this.#next < from + queries) {
      const index = this.#next++;
      await this.#one(generateCase(seed, index, this.#families));
      if ((index + 1 - from) % PROGRESS_EVERY === 0) onProgress?.(index + 1 - from);
    }
  }

  async #one(found: Case): Promise<void> {
    const { difference, expected } = await this.#compare(found);
    if (expected.startsWith('{"status":"error"')) this.#counts.refused++;
    else if (!expected.includes('"result":[]')) this.#counts.withSamples++;
    if (difference === undefined) this.#counts.passed++;
    else if (await this.#isUnstable(found, REPEATS)) this.#counts.unstable++;
    else await this.#fail(found, difference);
  }

  async #compare(one: Case): Promise<{ readonly difference?: Difference; readonly expected: string }> {
    const { real, ours } = this.#serversOf(one.features);
    const query = textOf(one.query);
    const [expected, got] = await Promise.all([
      real.ask({ query, times: one.times }),
      ours.ask({ query, times: one.times }),
    ]);
    return { difference: compareAnswers(expected, got, { ordered: isOrdered(query), query }), expected: expected.body };
  }

  /** Whether the real server gives other answers too when asked again: Go's maps are iterated in a random order. */
  async #isUnstable(one: Case, repeats: number): Promise<boolean> {
    const { real } = this.#serversOf(one.features);
    const query = textOf(one.query);
    const first = await real.ask({ query, times: one.times });
    for (let i = 0; i < repeats; i++) {
      const again = await real.ask({ query, times: one.times });
      if (compareAnswers(first, again, { ordered: isOrdered(query), query }) !== undefined) return true;
    }
    return false;
  }

  async #fail(found: Case, difference: Difference): Promise<void> {
    const { shrink = 20, onFailure } = this.#options;
    this.#counts.failed++;
    if (this.#counts.failed > shrink) {
      onFailure({ found, smallest: found, difference, script: await this.#script(found) });
      return;
    }
    const smallest = await shrinkCase(found, async (smaller) => {
      const { difference: other } = await this.#compare(smaller);
      return other?.kind === difference.kind && !(await this.#isUnstable(smaller, SHRINK_REPEATS));
    });
    const { difference: left = difference } = await this.#compare(smallest);
    onFailure({ found, smallest, difference: left, script: await this.#script(smallest) });
  }

  async #script({ query, times, features }: Case): Promise<string> {
    const question = { query: textOf(query), times };
    const samples = await this.#serversOf(features).ours.samplesOf(question);
    return scriptOf(question.query, times, samples);
  }
}

/** Whether the series of a result are in an order that the query asked for. topk does so within each group only, and
 *  groups have none. */
function isOrdered(query: string): boolean {
  return /^sort(_desc|_by_label|_by_label_desc)?\(/.test(query);
}
