import type { Random } from '#shared/ports/random.ts';

/** Random numbers that are the same for the same seed, on every machine.
 *  @param seed Its lower 32 bits count.
 *  @see sfc32 of PractRand by Chris Doty-Humphrey */
export function createSeededRandom(seed: number): Random {
  const next32 = createSfc32(seed);
  return {
    next: () => ((next32() >>> 5) * 0x4000000 + (next32() >>> 6)) / 0x20000000000000,
    uuid: () => formatUuid([next32(), next32(), next32(), next32()]),
  };
}

function createSfc32(seed: number): () => number {
  let a = 0;
  let b = seed | 0;
  let c = 0;
  let counter = 1;
  const next = () => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + result;
    return result;
  };
  // The first results still show the seed.
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** Sets the version and variant bits of RFC 9562. */
function formatUuid([a, b, c, d]: readonly number[]): string {
  const words = [a, (b & 0xffff0fff) | 0x4000, (c & 0x3fffffff) | 0x80000000, d];
  const hex = words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
