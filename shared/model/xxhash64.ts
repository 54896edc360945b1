/** A 64-bit number as two unsigned halves: BigInt is too slow for hashing. */
export interface Uint64 {
  readonly high: number;
  readonly low: number;
}

interface Lane {
  high: number;
  low: number;
}

const PRIME_1: Uint64 = { high: 0x9e3779b1, low: 0x85ebca87 };
const PRIME_2: Uint64 = { high: 0xc2b2ae3d, low: 0x27d4eb4f };
const PRIME_3: Uint64 = { high: 0x165667b1, low: 0x9e3779f9 };
const PRIME_4: Uint64 = { high: 0x85ebca77, low: 0xc2b2ae63 };
const PRIME_5: Uint64 = { high: 0x27d4eb2f, low: 0x165667c5 };

const STRIPE_BYTES = 32;

/** The XXH64 hash with seed 0 of the first `length` bytes.
 *  @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */
export function xxHash64(bytes: Uint8Array, length = bytes.length): Uint64 {
  const hash: Lane = length >= STRIPE_BYTES ? hashStripes(bytes, length) : { ...PRIME_5 };
  add(hash, 0, length);
  let at = length - (length % STRIPE_BYTES);
  for (; at + 8 <= length; at += 8) {
    const lane = round({ high: 0, low: 0 }, bytes, at);
    xor(hash, lane);
    rotateLeft(hash, 27);
    multiply(hash, PRIME_1);
    add(hash, PRIME_4.high, PRIME_4.low);
  }
  if (at + 4 <= length) {
    const word: Lane = { high: 0, low: readUint32(bytes, at) };
    multiply(word, PRIME_1);
    xor(hash, word);
    rotateLeft(hash, 23);
    multiply(hash, PRIME_2);
    add(hash, PRIME_3.high, PRIME_3.low);
    at += 4;
  }
  for (; at < length; at++) {
    const byte: Lane = { high: 0, low: bytes[at] };
    multiply(byte, PRIME_5);
    xor(hash, byte);
    rotateLeft(hash, 11);
    multiply(hash, PRIME_1);
  }
  return avalanche(hash);
}

function hashStripes(bytes: Uint8Array, length: number): Lane {
  const lanes: readonly Lane[] = [{ ...PRIME_1 }, { ...PRIME_2 }, { high: 0, low: 0 }, negate(PRIME_1)];
  add(lanes[0], PRIME_2.high, PRIME_2.low);
  for (let at = 0; at + STRIPE_BYTES <= length; at += STRIPE_BYTES) {
    for (let i = 0; i < 4; i++) round(lanes[i], bytes, at + 8 * i);
  }
  const hash: Lane = { high: 0, low: 0 };
  for (let i = 0; i < 4; i++) {
    const rotated = { ...lanes[i] };
    rotateLeft(rotated, [1, 7, 12, 18][i]);
    add(hash, rotated.high, rotated.low);
  }
  for (const lane of lanes) mergeLane(hash, lane);
  return hash;
}

function mergeLane(hash: Lane, lane: Lane): void {
  multiply(lane, PRIME_2);
  rotateLeft(lane, 31);
  multiply(lane, PRIME_1);
  xor(hash, lane);
  multiply(hash, PRIME_1);
  add(hash, PRIME_4.high, PRIME_4.low);
}

/** Takes the 8 bytes at `at` into a lane. */
function round(lane: Lane, bytes: Uint8Array, at: number): Lane {
  const input: Lane = { high: readUint32(bytes, at + 4), low: readUint32(bytes, at) };
  multiply(input, PRIME_2);
  add(lane, input.high, input.low);
  rotateLeft(lane, 31);
  multiply(lane, PRIME_1);
  return lane;
}

function avalanche(hash: Lane): Uint64 {
  hash.low = (hash.low ^ (hash.high >>> 1)) >>> 0;
  multiply(hash, PRIME_2);
  xor(hash, { high: hash.high >>> 29, low: ((hash.low >>> 29) | (hash.high << 3)) >>> 0 });
  multiply(hash, PRIME_3);
  hash.low = (hash.low ^ hash.high) >>> 0;
  return hash;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function negate({ high, low }: Uint64): Lane {
  return { high: (~high + (low === 0 ? 1 : 0)) >>> 0, low: -low >>> 0 };
}

function xor(lane: Lane, { high, low }: Uint64): void {
  lane.high = (lane.high ^ high) >>> 0;
  lane.low = (lane.low ^ low) >>> 0;
}

function add(lane: Lane, high: number, low: number): void {
  const sum = lane.low + low;
  lane.low = sum >>> 0;
  lane.high = (lane.high + high + (sum > 0xffffffff ? 1 : 0)) >>> 0;
}

/** Keeps the low 64 bits. The low halves are multiplied in parts of 16 bits, whose products a double holds exactly. */
function multiply(lane: Lane, { high, low }: Uint64): void {
  const aLow = lane.low & 0xffff;
  const aHigh = lane.low >>> 16;
  const bLow = low & 0xffff;
  const bHigh = low >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middle2 = aLow * bHigh + (middle & 0xffff);
  const carry = aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(middle2 / 0x10000);
  lane.high = (carry + Math.imul(lane.high, low) + Math.imul(lane.low, high)) >>> 0;
  lane.low = Math.imul(lane.low, low) >>> 0;
}

function rotateLeft(lane: Lane, bits: number): void {
  const { high, low } = lane;
  lane.high = ((high << bits) | (low >>> (32 - bits))) >>> 0;
  lane.low = ((low << bits) | (high >>> (32 - bits))) >>> 0;
}
