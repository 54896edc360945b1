import { getRandomValues, randomUUID } from 'node:crypto';
import type { Random } from '#shared/ports/random.ts';

/** Randomness of the operating system. */
export function createSystemRandom(): Random {
  const words = new Uint32Array(2);
  return {
    next() {
      getRandomValues(words);
      return ((words[0] >>> 5) * 0x4000000 + (words[1] >>> 6)) / 0x20000000000000;
    },
    uuid: () => randomUUID(),
  };
}
