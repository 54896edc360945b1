import type { Random } from '#shared/ports/random.ts';

/** Crockford's base 32: without I, L, O and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const MAX_TIME_MS = 2 ** 48 - 1;

/** A new block id: 48 bits of time and 80 random bits in 26 characters, so that ids order by time.
 *  @param nowMs Unix milliseconds. @throws {RangeError} When it does not fit in 48 bits.
 *  @see https://github.com/ulid/spec */
export function createUlid(nowMs: number, random: Random): string {
  if (!Number.isInteger(nowMs) || nowMs < 0 || nowMs > MAX_TIME_MS) {
    throw new RangeError(`Cannot create ULID: time is ${nowMs}, expected whole milliseconds from 0 to ${MAX_TIME_MS}`);
  }
  return timeText(nowMs) + randomText(random);
}

function timeText(nowMs: number): string {
  let text = '';
  for (let rest = nowMs, i = 0; i < TIME_CHARS; i++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** 80 of the 122 random bits of a UUID: what stores make is unguessable, other than `Random.next()`. */
function randomText(random: Random): string {
  const hex = random.uuid().replaceAll('-', '');
  // Digits 12 and 16 hold the version and the variant.
  const digits = hex.slice(0, 12) + hex.slice(13, 16) + hex.slice(17, 22);
  let text = '';
  for (let i = 0; i < digits.length; i += 5) {
    const bits = Number.parseInt(digits.slice(i, i + 5), 16);
    for (const shift of [15, 10, 5, 0]) text += ALPHABET[(bits >>> shift) & 31];
  }
  return text;
}

/** Whether `text` is a ULID as blocks are named by: 26 characters, upper case. */
export function isUlid(text: string): boolean {
  return ULID.test(text);
}

/** When the ULID was made, Unix milliseconds. @throws {TypeError} When it is none. */
export function ulidTimeMs(ulid: string): number {
  if (!isUlid(ulid)) throw new TypeError(`Cannot read ULID "${ulid}": expected 26 characters of Crockford's base 32`);
  let timeMs = 0;
  for (const char of ulid.slice(0, TIME_CHARS)) timeMs = timeMs * 32 + ALPHABET.indexOf(char);
  return timeMs;
}
