import type { Clock } from '#shared/ports/clock.ts';

/** A clock that stands still until it is told to move. */
export interface VirtualClock extends Clock {
  /** Moves to `ms`, waking every sleeper that is due by then at its own time, in order of due time, then of creation.
   *  What a sleeper sets off (promises, and sleeps that are due in turn) is done before the next one wakes.
   *  @throws {RangeError} When `ms` is in the past or not whole. @throws {Error} When a move is under way. */
  advanceTo(ms: number): Promise<void>;
  /** When the next sleeper wakes, in whole Unix milliseconds, rounded up; `undefined` while nobody sleeps. */
  nextWakeMs(): number | undefined;
}

/** Starts a virtual clock at `startMs`, Unix milliseconds. */
export function createVirtualClock(startMs: number): VirtualClock {
  return new MemoryClock(startMs);
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

class MemoryClock implements VirtualClock {
  readonly #startMs: number;
  #nowMs: number;
  #moving = false;
  /** Ordered by due time, then by creation. */
  readonly #sleepers: Sleeper[] = [];

  constructor(startMs: number) {
    if (!Number.isSafeInteger(startMs))
      throw new RangeError(`Cannot start clock at ${startMs}: expected whole milliseconds`);
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (!(durationMs > 0)) return resolve();
      const abort = () => {
        this.#remove(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper: Sleeper = { dueMs: this.#nowMs + durationMs, wake };
      signal?.addEventListener('abort', abort, { once: true });
      this.#insert(sleeper);
    });
  }

  /** Nothing takes time, so nothing waits. */
  async yieldNow(): Promise<void> {}

  async advanceTo(ms: number): Promise<void> {
    if (!Number.isSafeInteger(ms) || ms < this.#nowMs) {
      throw new RangeError(`Cannot advance clock to ${ms}: expected whole milliseconds from ${this.#nowMs} on`);
    }
    if (this.#moving) throw new Error(`Cannot advance clock to ${ms}: it is already advancing`);
    this.#moving = true;
    try {
      await this.#wakeUntil(ms);
    } finally {
      this.#moving = false;
    }
  }

  nextWakeMs(): number | undefined {
    return this.#sleepers.length === 0 ? undefined : Math.ceil(this.#sleepers[0].dueMs);
  }

  async #wakeUntil(ms: number): Promise<void> {
    await settle();
    while (this.#sleepers.length > 0 && this.#sleepers[0].dueMs <= ms) {
      const sleeper = this.#sleepers.shift()!;
      this.#nowMs = sleeper.dueMs;
      sleeper.wake();
      await settle();
    }
    this.#nowMs = ms;
  }

  #insert(sleeper: Sleeper): void {
    let at = this.#sleepers.length;
    while (at > 0 && this.#sleepers[at - 1].dueMs > sleeper.dueMs) at--;
    this.#sleepers.splice(at, 0, sleeper);
  }

  #remove(sleeper: Sleeper): void {
    const at = this.#sleepers.indexOf(sleeper);
    if (at >= 0) this.#sleepers.splice(at, 1);
  }
}

/** A macrotask comes only after the whole promise queue. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
