/** Quantities by what they are of; `by` is a function's name, or what is there without being asked for. */
export interface Use {
  readonly by: string;
  /** A price's name. */
  readonly price: string;
  /** Such as `PutItem`, where a price is for several. */
  readonly what: string;
  readonly quantity: number;
}

/** Adds uses of the same kind. */
export class Usage {
  readonly #uses = new Map<string, Use>();

  add({ by, price, what, quantity }: Use): void {
    if (quantity === 0) return;
    const key = JSON.stringify([by, price, what]);
    this.#uses.set(key, { by, price, what, quantity: (this.#uses.get(key)?.quantity ?? 0) + quantity });
  }

  addAll(uses: Iterable<Use>, factor = 1): void {
    for (const use of uses) this.add({ ...use, quantity: use.quantity * factor });
  }

  get(): readonly Use[] {
    return [...this.#uses].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, use]) => use);
  }
}

/** What `shards` shards use, of what one and two use: what is there once stays, what each shard adds is added. */
export function extrapolate(one: readonly Use[], two: readonly Use[], shards: number): readonly Use[] {
  const result = new Usage();
  result.addAll(two, shards - 1);
  result.addAll(one, 2 - shards);
  return result.get().map((use) => ({ ...use, quantity: Math.max(0, use.quantity) }));
}
