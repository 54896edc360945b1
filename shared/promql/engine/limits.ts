import type { MemoryPool, QueryMemory } from './memory-pool.ts';
import { QueryError } from './query-error.ts';
import type { QuerySlots } from './query-slots.ts';

export interface LimitOptions {
  /** Samples that may be in memory at once. */
  readonly maxSamples: number;
  readonly timeoutMs: number;
  readonly memory: MemoryPool;
  /** A query that has taken more than `bytes` goes on only while it has one of the slots. */
  readonly large: { readonly bytes: number; readonly slots: QuerySlots };
  /** A clock that only moves forward. */
  readonly monotonicMs: () => number;
  readonly signal?: AbortSignal;
  /** Lets what else waits in the process go first. */
  readonly yieldNow?: () => Promise<void>;
  /** Resolves after a while. Without it, what is waited for is never left before it is done or canceled. */
  readonly sleep?: (durationMs: number, signal: AbortSignal) => Promise<void>;
}

/** Where a query is, as errors name it. */
export type QueryStage = 'query queue' | 'query execution' | 'expression evaluation';

/** How long a query may keep the process to itself: 20 of them taking turns still leave a new request waiting less than
 *  a tenth of a second. */
const SLICE_MS = 4;

/** What a sample takes in storage's columns: its time and its value. */
const SAMPLE_BYTES = 16;

/** Counts the samples and bytes a query holds and ends it when it takes too many, too long, or is no longer wanted. */
export class QueryLimits {
  readonly memory: QueryMemory;
  readonly #options: LimitOptions;
  readonly #deadlineMs: number;
  readonly #failure = new AbortController();
  #sliceStartMs: number;
  #leaveLarge: (() => void) | undefined;
  #held = 0;
  #peak = 0;

  constructor(options: LimitOptions) {
    this.#options = options;
    this.memory = options.memory.open();
    this.#sliceStartMs = options.monotonicMs();
    this.#deadlineMs = this.#sliceStartMs + options.timeoutMs;
  }

  /** Aborted when the query fails: nobody waits any more for what still works for it. */
  get failed(): AbortSignal {
    return this.#failure.signal;
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
    if (this.#held > this.#options.maxSamples) throw tooManySamples();
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

  /** Refuses more steps than there may be samples, before columns of so many are made.
   *  @throws {QueryError} */
  checkSteps(steps: number): void {
    if (steps > this.#options.maxSamples) throw tooManySamples();
  }

  /** Whether so many samples or bytes more might be too many. */
  mayExceed(samples: number, bytes: number): boolean {
    return this.#held + samples > this.#options.maxSamples || this.memory.exceedsBound(bytes);
  }

  /** Refuses what is certain to come.
   *  @throws {QueryError} When it is too many samples or bytes. */
  refuse(samples: number, bytes: number): void {
    if (this.#held + samples > this.#options.maxSamples) throw tooManySamples();
    if (this.memory.exceedsBound(bytes)) this.memory.take(bytes);
  }

  /** Takes memory for what storage is about to read.
   *  @throws {QueryError} When it is more than a query may have. */
  reserveRead(bytes: number): void {
    if (this.memory.exceedsBound(bytes) && bytes > SAMPLE_BYTES * this.#options.maxSamples) throw tooManySamples();
    this.memory.keep(bytes);
  }

  /** To be asked for every series of a loop: whether to `pause`.
   *  @throws {QueryError} Of type `timeout` or `canceled`. */
  due(): boolean {
    const nowMs = this.#check('expression evaluation');
    return nowMs - this.#sliceStartMs >= SLICE_MS || this.#isLargeWithoutSlot();
  }

  #isLargeWithoutSlot(): boolean {
    return this.#leaveLarge === undefined && this.memory.totalBytes > this.#options.large.bytes;
  }

  /** Lets others go first: a large query those before it until they are complete. Side by side they would not be faster,
   *  and need the memory of all of them at once.
   *  @throws {QueryError} Of type `timeout` or `canceled`. */
  async pause(): Promise<void> {
    if (this.#isLargeWithoutSlot()) {
      const { slots } = this.#options.large;
      this.#leaveLarge = await slots.take((turn) => this.guard(turn, 'expression evaluation'));
    }
    await this.#options.yieldNow?.();
    this.#sliceStartMs = this.#check('expression evaluation');
  }

  /** Runs work that yields whenever it may be interrupted, pausing where that is due; a result is taken as it is. */
  async run<T extends object>(work: T | Generator<void, T>): Promise<T> {
    if (!(Symbol.iterator in work)) return work;
    let step = work.next();
    while (!step.done) {
      if (this.due()) await this.pause();
      step = work.next();
    }
    return step.value;
  }

  /** @throws {QueryError} Of type `timeout` or `canceled`. */
  check(stage: QueryStage): void {
    this.#check(stage);
  }

  /** @returns The time. */
  #check(stage: QueryStage): number {
    const { signal, monotonicMs } = this.#options;
    if (signal?.aborted) throw abortError(signal, stage);
    const nowMs = monotonicMs();
    if (nowMs > this.#deadlineMs) throw timeoutError(stage);
    return nowMs;
  }

  /** Waits for `work`, or fails as soon as the query is canceled or its time is over. */
  async guard<T>(work: Promise<T>, stage: QueryStage = 'query execution'): Promise<T> {
    const result = await ((await isSoonDone(work)) ? work : this.#untilOver(work, stage));
    this.#sliceStartMs = this.#check(stage);
    return result;
  }

  #untilOver<T>(work: Promise<T>, stage: QueryStage): Promise<T> {
    const { signal, sleep, monotonicMs } = this.#options;
    if (signal === undefined && sleep === undefined) return work;
    return new Promise<T>((resolve, reject) => {
      const timer = new AbortController();
      const abort = () => reject(abortError(signal!, stage));
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
      // One more than what is left: at the deadline itself the query may still go on.
      sleep?.(this.#deadlineMs - monotonicMs() + 1, timer.signal).then(
        () => reject(timeoutError(stage)),
        () => {},
      );
      work.then(resolve, reject).finally(() => {
        timer.abort(OVER);
        signal?.removeEventListener('abort', abort);
      });
    });
  }

  /** Ends what still works for a query that failed. */
  fail(): void {
    this.#failure.abort(OVER);
  }

  /** Gives back what the query has taken. May be called again. */
  close(): void {
    this.memory.close();
    this.#leaveLarge?.();
    this.#leaveLarge = undefined;
  }
}

/** Turns of what waits to go on: enough for what is in memory. */
const SOON_TURNS = 24;

/** Whether work is done before anything from outside can come: no timer is needed for it. */
async function isSoonDone(work: Promise<unknown>): Promise<boolean> {
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  work.then(done, done);
  for (let turn = 0; turn < SOON_TURNS && !isDone; turn++) await undefined;
  return isDone;
}

/** Why signals are aborted that only end what nobody waits for any more. Without a reason, each would make an error. */
const OVER = new Error('it is over');

function tooManySamples(): QueryError {
  return new QueryError('execution', 'query processing would load too many samples into memory in query execution');
}

/** A signal of `AbortSignal.timeout` counts as a timeout. */
function abortError(signal: AbortSignal, stage: QueryStage): QueryError {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') return timeoutError(stage);
  return new QueryError('canceled', `query was canceled in ${stage}`, { cause: reason });
}

function timeoutError(stage: QueryStage): QueryError {
  return new QueryError('timeout', `query timed out in ${stage}`);
}
