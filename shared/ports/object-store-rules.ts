import type { ByteRange } from './object-store.ts';

/** The most keys that one page of a listing holds, as S3 has it. */
export const MAX_LIST_LIMIT = 1000;

const MAX_KEY_LENGTH = 1024;
const KEY = /^[A-Za-z0-9._/=-]+$/;

/** Checks a key against the rules that every store keeps.
 *  @throws {TypeError} When it is not a key. */
export function checkObjectKey(key: string): void {
  const problem = keyProblem(key);
  if (problem !== undefined) throw new TypeError(`Cannot use object key "${key.slice(0, 200)}": ${problem}`);
}

function keyProblem(key: string): string | undefined {
  if (key.length < 1 || key.length > MAX_KEY_LENGTH)
    return `it has ${key.length} bytes, expected 1 to ${MAX_KEY_LENGTH}`;
  if (!KEY.test(key)) return 'it may hold only letters, digits and ._/=-';
  if (key.split('/').some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'it has an empty, "." or ".." segment';
  }
  return undefined;
}

/** @throws {RangeError} When the range is not one. */
export function checkByteRange(range: ByteRange): void {
  const { offset, length } = range;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 1) {
    throw new RangeError(
      `Cannot read range: got offset ${offset} and length ${length}, expected offset ≥ 0 and length ≥ 1`,
    );
  }
}

/** The page size to use. @throws {RangeError} When it is not 1 to 1000. */
export function listLimit(limit: number = MAX_LIST_LIMIT): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIST_LIMIT) return limit;
  throw new RangeError(`Cannot list objects: limit is ${limit}, expected 1 to ${MAX_LIST_LIMIT}`);
}
