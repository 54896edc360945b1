import { QueryError } from './query-error.ts';

export interface LimitOptions {
  /** Samples that may be in memory at once. */
  readonly maxSamples: number;
  readonly timeoutMs: number;
  /** A clock that only moves forward. */
  readonly monotonicMs: () => number;
  readonly signal?: AbortSignal;
}

/** Checks the clock only every so many `tick`s: reading it costs as much as a few dozen samples. */
const TICKS_PER_CHECK = 64;

/** Counts the samples a query holds and ends it when it takes too many, too long, or is no longer wanted. */
export class QueryLimits {
  readonly #options: LimitOptions;
  readonly #deadlineMs: number;
  #ticks = 0;
  #held = 0;
  #peak = 0;

  constructor(options: LimitOptions) {
    this.#options = options;
    this.#deadlineMs = options.monotonicMs() + options.timeoutMs;
  }

  /** Samples held now. */
  get held(): number {
    return this.#held;
  }

  /** The most samples that were held at once. */
  get peak(): number {
    return this.#peak;
  }

  /** Adds `samples` to what is held.
   *  @throws {QueryError} Above the limit. */
  hold(samples: number): void {
    this.#held += samples;
    if (this.#held > this.#peak) this.#peak = this.#held;
    if (this.#held > this.#options.maxSamples) {
      throw new QueryError('execution', 'query processing would load too many samples into memory in query execution');
    }
  }

  /** Holds `samples` for a moment, such as the window of one step. */
  touch(samples: number): void {
    this.hold(samples);
    this.#held -= samples;
  }

  /** Goes back to `held` samples: those of a finished expression but its result were dropped. */
  resetTo(held: number): void {
    this.#held = held;
  }

  /** To be called for every series of a loop: checks the deadline now and then.
   *  @throws {QueryError} Of type `timeout` or `canceled`. */
  tick(): void {
    if (++this.#ticks % TICKS_PER_CHECK === 0) this.check('expression evaluation');
  }

  /** @param stage Where the query is, as errors name it: `query execution`, `expression evaluation`.
   *  @throws {QueryError} Of type `timeout` or `canceled`. */
  check(stage: string): void {
    const { signal, monotonicMs } = this.#options;
    if (signal?.aborted) throw abortError(signal, stage);
    if (monotonicMs() > this.#deadlineMs) throw timeoutError(stage);
  }

  /** Waits for `work`, or fails as soon as the query is canceled or its time is over. */
  async guard<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.#options;
    this.check('query execution');
    const result = signal === undefined ? await work : await untilAborted(work, signal);
    this.check('query execution');
    return result;
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(abortError(signal, 'query execution'));
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A signal of `AbortSignal.timeout` counts as a timeout. */
function abortError(signal: AbortSignal, stage: string): QueryError {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') return timeoutError(stage);
  return new QueryError('canceled', `query was canceled in ${stage}`, { cause: reason });
}

function timeoutError(stage: string): QueryError {
  return new QueryError('timeout', `query timed out in ${stage}`);
}
