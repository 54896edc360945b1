/** Names whose numbers are kept apart. */
const MAX_NAMES = 100_000;

/** For each of any number of names a number that grows with each change of it, and at times without one: then the names
 *  were too many to keep. */
export class ChangeCounts {
  readonly #counts = new Map<string, number>();
  #newest = 0;
  /** The number of all names that are not in the map. */
  #others = 0;

  add(name: string): void {
    if (this.#counts.size >= MAX_NAMES) {
      this.#counts.clear();
      this.#others = ++this.#newest;
    }
    this.#counts.set(name, ++this.#newest);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? this.#others;
  }
}
