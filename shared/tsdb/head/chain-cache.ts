import { LRUCache } from 'lru-cache';
import { JoinedChain } from './joined-chain.ts';
import type { Run } from './run.ts';

/** Joined chains by their runs' key, while memory lasts. */
export class ChainCache {
  readonly #chains: LRUCache<string, JoinedChain>;

  constructor(maxBytes: number) {
    this.#chains = new LRUCache({ maxSize: maxBytes });
  }

  /** A chain that holds the runs, and maybe others before and after them.
   *  @param runs In the order of time, with nothing between them.
   *  @returns `undefined` when their times do not rise. */
  chainOf(runs: readonly Run[]): JoinedChain | undefined {
    const { key } = runs[0];
    const known = this.#chains.get(key);
    if (known?.take(runs)) return known;
    const chain = joined(withNeighbours(runs, known?.runs ?? [])) ?? joined(runs);
    if (chain === undefined) this.#chains.delete(key);
    return chain;
  }

  /** Keeps a chain, whose size has changed since. */
  keep(key: string, chain: JoinedChain): void {
    this.#chains.set(key, chain, { size: chain.sizeBytes });
  }
}

function joined(runs: readonly Run[]): JoinedChain | undefined {
  const length = runs.reduce((sum, run) => sum + run.length, 0);
  // Room for what the next hours bring, so that it need not be copied for each new sample.
  const chain = new JoinedChain(length + Math.max(MIN_ROOM, Math.ceil(length / 8)));
  return chain.take(runs) ? chain : undefined;
}

const MIN_ROOM = 64;

/** The runs with those known ones that come right before or after them: else two queries of different ranges would take
 *  turns in replacing each other's. */
function withNeighbours(runs: readonly Run[], known: readonly Run[]): readonly Run[] {
  const first = known.indexOf(runs[0]);
  const before = first > 0 ? known.slice(0, first) : [];
  const last = known.indexOf(runs[runs.length - 1]);
  return [...before, ...runs, ...(last < 0 ? [] : known.slice(last + 1))];
}
