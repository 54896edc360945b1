import { createVirtualClock, type VirtualClock } from '#shared/adapters/memory/clock.ts';

/** A virtual clock that tells when it must be moved for the next sleeper to wake. */
export interface SimulationClock extends VirtualClock {
  /** Unix milliseconds, whole, rounded up; `undefined` while nobody sleeps. */
  nextWakeMs(): number | undefined;
}

/** Starts a clock at `startMs`, Unix milliseconds. */
export function createSimulationClock(startMs: number): SimulationClock {
  const clock = createVirtualClock(startMs);
  const wakes = new Set<{ readonly dueMs: number }>();
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    advanceTo: (ms) => clock.advanceTo(ms),
    yieldNow: () => clock.yieldNow(),
    async sleep(durationMs, signal) {
      if (!(durationMs > 0)) return clock.sleep(durationMs, signal);
      const wake = { dueMs: startMs + clock.monotonicMs() + durationMs };
      wakes.add(wake);
      try {
        await clock.sleep(durationMs, signal);
      } finally {
        wakes.delete(wake);
      }
    },
    nextWakeMs() {
      let next = Number.POSITIVE_INFINITY;
      for (const { dueMs } of wakes) next = Math.min(next, dueMs);
      return wakes.size === 0 ? undefined : Math.ceil(next);
    },
  };
}
