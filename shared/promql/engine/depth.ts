/** Calls within calls before the stack is left for a fresh one: far fewer than any stack holds. */
const CALLS_PER_STACK = 100;

/** Lets asynchronous functions that call themselves follow an expression to any depth: awaiting leaves the stack. */
export class Depth {
  #depth = 0;

  /** Runs a call within the calls that are under way. */
  async within<T>(call: () => Promise<T>): Promise<T> {
    if (++this.#depth % CALLS_PER_STACK === 0) await undefined;
    try {
      return await call();
    } finally {
      this.#depth--;
    }
  }
}
