import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';

/** Bits of the number behind n ones and a zero. Behind seven ones and a zero there are 56, behind eight ones 64. */
const SIZES = [0, 3, 6, 9, 12, 18, 25];

/** With so many ones or fewer, all is in one word. */
const MAX_SMALL_ONES = 6;

const TWO_32 = 0x1_0000_0000;

/** Writes a signed number in 1 to 65 bits, few where it is small. A number of n bits reaches from −2^(n−1) + 1 to 2^(n−1).
 *  @param value A whole number within ±(2^53 − 1). @throws {RangeError} When it is not.
 *  @see prometheus/tsdb/chunkenc/varbit.go putVarbitInt */
export function writeVarbitInt(writer: BitWriter, value: number): void {
  if (value === 0) writer.bits(0, 1);
  else if ((value | 0) !== value) writeVarbit56(writer, value);
  else if (value >= -3 && value <= 4) writer.bits((0b10 << 3) | (value & 7), 5);
  else if (value >= -31 && value <= 32) writer.bits((0b110 << 6) | (value & 0x3f), 9);
  else if (value >= -255 && value <= 256) writer.bits((0b1110 << 9) | (value & 0x1ff), 13);
  else if (value >= -2047 && value <= 2048) writer.bits((0b11110 << 12) | (value & 0xfff), 17);
  else if (value >= -131071 && value <= 131072) writer.bits((0b111110 << 18) | (value & 0x3ffff), 24);
  else if (value >= -16777215 && value <= 16777216) writer.bits((0b1111110 << 25) | (value & 0x1ffffff), 32);
  else writeVarbit56(writer, value);
}

/** Writes a number that is not negative. A number of n bits reaches to 2^n − 1.
 *  @param value A whole number from 0 to 2^53 − 1. @throws {RangeError} When it is not.
 *  @see prometheus/tsdb/chunkenc/varbit.go putVarbitUint */
export function writeVarbitUint(writer: BitWriter, value: number): void {
  if (value === 0) writer.bits(0, 1);
  else if ((value | 0) !== value || value < 0) writeVarbitUint56(writer, value);
  else if (value <= 7) writer.bits((0b10 << 3) | value, 5);
  else if (value <= 63) writer.bits((0b110 << 6) | value, 9);
  else if (value <= 511) writer.bits((0b1110 << 9) | value, 13);
  else if (value <= 4095) writer.bits((0b11110 << 12) | value, 17);
  else if (value <= 262143) writer.bits((0b111110 << 18) | value, 24);
  else if (value <= 33554431) writer.bits((0b1111110 << 25) | value, 32);
  else writeVarbit56(writer, value);
}

function writeVarbitUint56(writer: BitWriter, value: number): void {
  if (value < 0) throw new RangeError(`Cannot write varbit: ${value} is negative`);
  writeVarbit56(writer, value);
}

function writeVarbit56(writer: BitWriter, value: number): void {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`Cannot write varbit: ${value} is not a whole number within ±(2^53 - 1)`);
  }
  writer.bits(0b11111110, 8);
  writer.bits(Math.floor(value / TWO_32) & 0xffffff, 24);
  writer.bits((value % TWO_32) | 0, 32);
}

/** @throws {RangeError} When the chunk ends, or the number is beyond ±(2^53 − 1). */
export function readVarbitInt(reader: BitReader): number {
  const word = reader.peek();
  const ones = Math.clz32(~word);
  if (ones === 0) {
    reader.skip(1);
    return 0;
  }
  if (ones > MAX_SMALL_ONES) return readLarge(reader, ones);
  const size = SIZES[ones];
  reader.skip(ones + 1 + size);
  const value = (word << (ones + 1)) >>> (32 - size);
  // The range is shifted by one: half of 2^size is positive.
  return value > 1 << (size - 1) ? value - (1 << size) : value;
}

/** @throws {RangeError} When the chunk ends, or the number is above 2^53 − 1. */
export function readVarbitUint(reader: BitReader): number {
  const word = reader.peek();
  const ones = Math.clz32(~word);
  if (ones === 0) {
    reader.skip(1);
    return 0;
  }
  if (ones <= MAX_SMALL_ONES) {
    const size = SIZES[ones];
    reader.skip(ones + 1 + size);
    return (word << (ones + 1)) >>> (32 - size);
  }
  const value = readLarge(reader, ones);
  if (value < 0) reader.raise('a number that cannot be negative is above 2^53 - 1');
  return value;
}

function readLarge(reader: BitReader, ones: number): number {
  reader.skip(8);
  if (ones > 7) return reader.int64();
  const high = (reader.bits(24) << 8) >> 8;
  const value = high * TWO_32 + (reader.bits(32) >>> 0);
  if (!Number.isSafeInteger(value)) reader.raise(`number ${value} is beyond 2^53 - 1`);
  return value;
}
