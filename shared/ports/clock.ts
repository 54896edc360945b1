/** Time as seen by domain code. Production reads the system's clock; tests and the simulator drive a virtual one. */
export interface Clock {
  /** Unix milliseconds, whole. */
  nowMs(): number;
  /** Milliseconds from an arbitrary origin, with fractions, never going back: for measuring durations. */
  monotonicMs(): number;
  /** Resolves after `durationMs` (at once when ≤ 0), or rejects with `signal.reason` when aborted before. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Lets what else waits in the process (requests, timers) go first: for long work, every few milliseconds. */
  yieldNow(): Promise<void>;
}
