/** The places of the queries that may run at once; who finds none waits for its turn, first come, first served.
 *  @see prometheus/promql/query_logger.go ActiveQueryTracker */
export class QuerySlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param count At least 1. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Takes a place. @returns What `waitUntil` makes of waiting for one, and how to give the place back. */
  async take(waitUntil: (turn: Promise<void>) => Promise<void>): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await this.#queue(waitUntil);
    return () => this.#release();
  }

  async #queue(waitUntil: (turn: Promise<void>) => Promise<void>): Promise<void> {
    let start = (): void => {};
    const turn = new Promise<void>((resolve) => {
      start = resolve;
    });
    this.#waiting.push(start);
    try {
      await waitUntil(turn);
    } catch (error) {
      this.#leave(start);
      throw error;
    }
  }

  /** A place that was given to who no longer wants it goes to the next one. */
  #leave(start: () => void): void {
    const at = this.#waiting.indexOf(start);
    if (at >= 0) this.#waiting.splice(at, 1);
    else this.#release();
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
