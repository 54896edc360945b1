import type { Clock } from '#shared/ports/clock.ts';

/** setTimeout's own resolution; the rest is waited for turn by turn. */
const TIMER_MS = 1;
/** What a timer takes at most. */
const MAX_TIMER_MS = 2_147_483_647;

/** The system's clock. Sleeps end at their time or up to about a millisecond after, never before. */
export function createSystemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (durationMs, signal) => sleepUntil(performance.now() + durationMs, signal),
    yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

/** @param dueMs On the monotonic clock. */
function sleepUntil(dueMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    let timer: NodeJS.Timeout | undefined;
    let turn: NodeJS.Immediate | undefined;
    const abort = () => {
      clearTimeout(timer);
      clearImmediate(turn);
      reject(signal?.reason);
    };
    const wait = () => {
      const leftMs = dueMs - performance.now();
      if (!(leftMs > 0)) {
        signal?.removeEventListener('abort', abort);
        resolve();
      } else if (leftMs > 2 * TIMER_MS) timer = setTimeout(wait, Math.min(leftMs - TIMER_MS, MAX_TIMER_MS));
      else turn = setImmediate(wait);
    };
    signal?.addEventListener('abort', abort, { once: true });
    wait();
  });
}
