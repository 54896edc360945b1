import { compareStrings } from '#shared/model/labels.ts';

/** Longer runs of digits do not fit into 64 bits: Go compares them as text. */
const MAX_INT64 = 9_223_372_036_854_775_807n;

/** Whether `a` comes before `b` when runs of digits count as numbers: `disk2` before `disk10`.
 *  @see github.com/facette/natsort Compare */
export function naturalLess(a: string, b: string): boolean {
  const chunksA = a.match(/[0-9]+|[^0-9]+/g) ?? [];
  const chunksB = b.match(/[0-9]+|[^0-9]+/g) ?? [];
  for (let i = 0; i < chunksA.length; i++) {
    if (i >= chunksB.length) return false;
    const order = compareChunks(chunksA[i], chunksB[i]);
    if (order !== 0) return order < 0;
    if (i === chunksA.length - 1) return true;
    if (i === chunksB.length - 1) return false;
  }
  return false;
}

function compareChunks(a: string, b: string): number {
  const numberA = toInt64(a);
  const numberB = toInt64(b);
  if (numberA === undefined || numberB === undefined) return compareStrings(a, b);
  if (numberA === numberB) return 0;
  return numberA < numberB ? -1 : 1;
}

function toInt64(chunk: string): bigint | undefined {
  if (!/^[0-9]/.test(chunk)) return undefined;
  const number = BigInt(chunk);
  return number <= MAX_INT64 ? number : undefined;
}
