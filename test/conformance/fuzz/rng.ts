import { createSeededRandom } from '#shared/adapters/memory/random.ts';

/** Random choices that are the same for the same seed. */
export interface Rng {
  /** From 0, inclusive, to 1, exclusive. */
  next(): number;
  /** An integer from `min` to `max`, both inclusive. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** @param choices Each with how often it is taken, compared with the others. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T;
  /** Up to `max` of `from`, in its order. */
  some<T>(from: readonly T[], max: number): T[];
}

/** @param seeds Numbers that together make the seed: of a run, and of a part of it. */
export function createRng(...seeds: readonly number[]): Rng {
  const { next } = createSeededRandom(seeds.reduce((seed, part) => Math.imul(seed, 0x9e3779b1) + part, 7));
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(from: readonly T[]) => from[int(0, from.length - 1)];
  return {
    next,
    int,
    pick,
    chance: (probability) => next() < probability,
    weighted: (choices) => {
      let left = next() * choices.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, choice] of choices) if ((left -= weight) < 0) return choice;
      return choices[choices.length - 1][1];
    },
    some: (from, max) => {
      const chosen = new Set(Array.from({ length: int(0, max) }, () => pick(from)));
      return from.filter((one) => chosen.has(one));
    },
  };
}
