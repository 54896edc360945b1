/** How many samples there are for each block. */
export type WindowCounts = ReadonlyMap<number, number>;

/** Counts samples by the block that they are to be in. */
export class WindowCensus {
  readonly #rangeMs: number;
  readonly #counts = new Map<number, number>();

  /** @param rangeMs Of a block. */
  constructor(rangeMs: number) {
    this.#rangeMs = rangeMs;
  }

  add(timestampsMs: Float64Array): void {
    for (const timeMs of timestampsMs) {
      const window = windowOf(timeMs, this.#rangeMs);
      this.#counts.set(window, (this.#counts.get(window) ?? 0) + 1);
    }
  }

  get counts(): WindowCounts {
    return this.#counts;
  }
}

/** Which block a time is in. */
export function windowOf(timeMs: number, rangeMs: number): number {
  return Math.floor(timeMs / rangeMs);
}

/** Groups blocks that are made at once, in the order of time: as many as have at most `maxSamples` together, and at least
 *  one. Each group costs reading the text once. */
export function groupWindows(counts: WindowCounts, maxSamples: number): readonly (readonly number[])[] {
  const groups: number[][] = [];
  let samples = 0;
  for (const window of [...counts.keys()].sort((a, b) => a - b)) {
    const count = counts.get(window)!;
    if (groups.length === 0 || samples + count > maxSamples) {
      groups.push([]);
      samples = 0;
    }
    groups.at(-1)!.push(window);
    samples += count;
  }
  return groups;
}

/** How long blocks of new samples are: 2 h. */
export const DEFAULT_BLOCK_MS = 2 * 60 * 60 * 1000;
/** Blocks of a database become three times as long at most ten times. */
const LEVELS = 10;

/** The longest block that Prometheus makes of at most `maxMs`; never below 2 h.
 *  @see prometheus/cmd/promtool/backfill.go getCompatibleBlockDuration */
export function compatibleBlockMs(maxMs: number): number {
  let blockMs = DEFAULT_BLOCK_MS;
  for (let level = 1; level < LEVELS && blockMs * 3 <= maxMs; level++) blockMs *= 3;
  return blockMs;
}
