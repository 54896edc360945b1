import { executionError } from './query-error.ts';

export interface MemoryBounds {
  /** Of all queries together. */
  readonly maxBytes: number;
  /** Of one query. */
  readonly maxQueryBytes: number;
}

/** The memory that the running queries of an engine share. What counts are the columns and histograms that values are
 *  made of, as they are allocated: an estimate from above, since columns are shared. */
export class MemoryPool {
  readonly #bounds: MemoryBounds;
  #usedBytes = 0;

  constructor(bounds: MemoryBounds) {
    this.#bounds = bounds;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The account of one query. To be closed. */
  open(): QueryMemory {
    return new QueryMemory(this.#bounds, (bytes) => {
      const before = this.#usedBytes;
      this.#usedBytes += bytes;
      return before;
    });
  }
}

/** What one query has taken from its engine's memory: some until its end, the rest while an expression is evaluated. */
export class QueryMemory {
  readonly #bounds: MemoryBounds;
  readonly #addToPool: (bytes: number) => number;
  #keptBytes = 0;
  #usedBytes = 0;

  /** @param addToPool Adds to what all queries use, and gives what that was before. */
  constructor(bounds: MemoryBounds, addToPool: (bytes: number) => number) {
    this.#bounds = bounds;
    this.#addToPool = addToPool;
  }

  /** What was taken for a time. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** All that was taken. */
  get totalBytes(): number {
    return this.#keptBytes + this.#usedBytes;
  }

  /** Whether the query alone would then use more than one query may. */
  exceedsBound(bytes: number): boolean {
    return this.totalBytes + bytes > this.#bounds.maxQueryBytes;
  }

  /** Takes `bytes` for a time; to be called before they are allocated.
   *  @throws {QueryError} Above a bound; nothing is taken then. */
  take(bytes: number): void {
    this.#claim(bytes);
    this.#usedBytes += bytes;
  }

  /** Takes `bytes` until the query ends.
   *  @throws {QueryError} As `take`. */
  keep(bytes: number): void {
    this.#claim(bytes);
    this.#keptBytes += bytes;
  }

  #claim(bytes: number): void {
    const { maxBytes, maxQueryBytes } = this.#bounds;
    const own = this.totalBytes;
    const wanted = `query would take ${own + bytes} bytes of memory`;
    if (this.exceedsBound(bytes)) throw executionError(`${wanted}, at most ${maxQueryBytes} bytes are allowed`);
    const others = this.#addToPool(bytes) - own;
    if (others + own + bytes <= maxBytes) return;
    this.#addToPool(-bytes);
    const bound = `at most ${maxBytes} bytes are allowed for all queries together`;
    throw executionError(`${wanted} while other queries have ${others} bytes, ${bound}`);
  }

  /** Gives back what was taken for a time but `bytes`, or takes what is missing up to `bytes` without asking: it is in
   *  use already. */
  resetTo(bytes: number): void {
    this.#addToPool(bytes - this.#usedBytes);
    this.#usedBytes = bytes;
  }

  /** Gives everything back. */
  close(): void {
    this.resetTo(0);
    this.#addToPool(-this.#keptBytes);
    this.#keptBytes = 0;
  }
}
