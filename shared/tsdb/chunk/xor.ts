import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import { MAX_SAMPLES, sampleCount, XOR } from './encoding.ts';
import { checkRoom, clearOthers, HIGH, LOW, type SampleColumns } from './sample-columns.ts';
import { leadingZeros, NO_WINDOW, trailingZeros } from './xor-values.ts';

const TWO_32 = 0x1_0000_0000;
const writer = new BitWriter();
const reader: BitReader = new BitReader();

/** Which samples become a chunk. */
export interface EncodeRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Ends the chunk before a sample, when it has more bytes than this. @default Infinity */
  readonly cutAboveBytes?: number;
}

/** Writes float samples as a chunk, byte for byte as Prometheus does: times as changes of their differences, values as
 *  changed bits. `sampleCount` of it tells how many there are.
 *  @param samples Values are written with their bits. At most 65,535 of the range are written.
 *  @throws {RangeError} When a time is not a whole number within ±(2^53 − 1), or not after the one before.
 *  @see prometheus/tsdb/docs/format/chunks.md, tsdb/chunkenc/xor.go */
export function encodeXor(samples: SampleColumns, range: EncodeRange): Uint8Array<ArrayBuffer> {
  const { timestampsMs, words } = samples;
  const { from, cutAboveBytes = Number.POSITIVE_INFINITY } = range;
  const to = Math.min(range.to, from + MAX_SAMPLES);
  if (to <= from) return new Uint8Array(2);
  let time = timestampsMs[from];
  let high = words[2 * from + HIGH];
  let low = words[2 * from + LOW];
  writer.reset();
  writer.bits(0, 16);
  writer.varint(time);
  writer.words(high, low);
  let delta = 0;
  let leading = NO_WINDOW;
  let trailing = 0;
  let i = from + 1;
  for (; i < to && writer.byteLength <= cutAboveBytes; i++) {
    const nextDelta = timestampsMs[i] - time;
    if (!(nextDelta > 0)) raiseOrder(timestampsMs, i);
    if (i === from + 1) writer.uvarint(nextDelta);
    else if (nextDelta === delta) writer.bits(0, 1);
    else writeTimeChange(nextDelta - delta);
    delta = nextDelta;
    time = timestampsMs[i];
    const changedHigh = words[2 * i + HIGH] ^ high;
    const changedLow = words[2 * i + LOW] ^ low;
    high = words[2 * i + HIGH];
    low = words[2 * i + LOW];
    if ((changedHigh | changedLow) === 0) {
      writer.bits(0, 1);
      continue;
    }
    const nextLeading = leadingZeros(changedHigh);
    const nextTrailing = trailingZeros(changedHigh, changedLow);
    if (leading !== NO_WINDOW && nextLeading >= leading && nextTrailing >= trailing) {
      writer.bits(0b10, 2);
    } else {
      leading = nextLeading;
      trailing = nextTrailing;
      writer.bits((0b11 << 11) | (leading << 6) | ((64 - leading - trailing) & 63), 13);
    }
    writer.window(changedHigh, changedLow, trailing, 64 - leading - trailing);
  }
  checkLastTime(time);
  const chunk = writer.finish();
  chunk[0] = (i - from) >>> 8;
  chunk[1] = i - from;
  return chunk;
}

/** Writes how much a difference of times is more than the one before. Not the varbit encoding: that is younger. */
function writeTimeChange(change: number): void {
  const small = change | 0;
  if (small !== change) writeLargeTimeChange(change);
  else if (small >= -8191 && small <= 8192) writer.bits((0b10 << 14) | (small & 0x3fff), 16);
  else if (small >= -65535 && small <= 65536) writer.bits((0b110 << 17) | (small & 0x1ffff), 20);
  else if (small >= -524287 && small <= 524288) writer.bits((0b1110 << 20) | (small & 0xfffff), 24);
  else writeLargeTimeChange(change);
}

function writeLargeTimeChange(change: number): void {
  if (!Number.isSafeInteger(change)) {
    throw new RangeError(`Cannot encode XOR chunk: ${change} ms between samples is not a whole number within 2^53 - 1`);
  }
  writer.bits(0b1111, 4);
  writer.words(Math.floor(change / TWO_32) | 0, (change % TWO_32) | 0);
}

/** @throws {RangeError} Always: time `i` is not after the one before. */
export function raiseOrder(timestampsMs: Float64Array, i: number): never {
  throw new RangeError(`Cannot encode chunk: time ${timestampsMs[i]} is not after ${timestampsMs[i - 1]}`);
}

/** @throws {RangeError} When the last, and so the highest, time is beyond 2^53 − 1. */
export function checkLastTime(time: number): void {
  if (!Number.isSafeInteger(time)) throw new RangeError(`Cannot encode chunk: time ${time} is beyond 2^53 - 1`);
}

/** Reads all samples of a chunk into `columns` from `at` on.
 *  @returns How many there are.
 *  @throws {RangeError} When the chunk ends too early, a number is beyond ±(2^53 − 1), or the columns are too short.
 *  Bytes that were changed otherwise may give wrong samples: checksums are of the file around.
 *  @see prometheus/tsdb/chunkenc/xor.go */
export function decodeXor(chunk: Uint8Array, columns: SampleColumns, at: number): number {
  const count = sampleCount(XOR, chunk);
  checkRoom(columns, at, count);
  clearOthers(columns, at, count);
  if (count === 0) return 0;
  const { timestampsMs, words } = columns;
  reader.load(chunk, 2);
  timestampsMs[at] = reader.varint();
  let high = reader.bits(32);
  let low = reader.bits(32);
  words[2 * at + HIGH] = high;
  words[2 * at + LOW] = low;
  if (count === 1) return 1;
  let time = timestampsMs[at];
  timestampsMs[at + 1] = reader.uvarint();
  // Read back so that the engine knows it as a float, as it knows the time: else the loop is a third slower.
  let delta = timestampsMs[at + 1];
  const { view, endBit } = reader;
  let position = reader.position;
  let trailing = 0;
  let size = 0;
  for (let i = at + 1, end = at + count; i < end; i++) {
    let next = peek(view, position);
    if (i > at + 1) {
      if (next >= 0) {
        position++;
        next <<= 1;
      } else {
        let change: number;
        if ((next & 0x40000000) === 0) {
          change = (next << 2) >>> 18;
          if (change > 8192) change -= 16384;
          position += 16;
        } else if ((next & 0x20000000) === 0) {
          change = (next << 3) >>> 15;
          if (change > 65536) change -= 131072;
          position += 20;
        } else if ((next & 0x10000000) === 0) {
          change = (next << 4) >>> 12;
          if (change > 524288) change -= 1048576;
          position += 24;
        } else {
          reader.position = Math.min(position + 4, endBit);
          change = reader.int64();
          position = reader.position;
        }
        delta += change;
        next = peek(view, position);
      }
    }
    time += delta;
    if (next >= 0) {
      position++;
    } else {
      // Of the 32 bits 31 are valid, where one was shifted out.
      let control: number;
      if ((next & 0x40000000) === 0) {
        if (size === 0) raiseAt(position, 'a value uses the window of the one before, which has none');
        control = 2;
      } else {
        control = 13;
        const leading = (next << 2) >>> 27;
        size = (next << 7) >>> 26 || 64;
        trailing = 64 - leading - size;
        if (trailing < 0) raiseAt(position, `a value has ${leading} leading zeros and ${size} bits`);
      }
      position += control;
      if (size <= 32) {
        const bits = (control + size <= 31 ? next << control : peek(view, position)) >>> (32 - size);
        position += size;
        if (trailing >= 32) {
          high ^= bits << (trailing - 32);
        } else {
          low ^= bits << trailing;
          if (trailing > 0) high ^= bits >>> (32 - trailing);
        }
      } else {
        const upper = peek(view, position) >>> (64 - size);
        const lower = peek(view, position + size - 32);
        position += size;
        high ^= trailing === 0 ? upper : (upper << trailing) | (lower >>> (32 - trailing));
        low ^= lower << trailing;
      }
    }
    if (position > endBit) reader.raiseEnd();
    timestampsMs[i] = time;
    words[2 * i + HIGH] = high;
    words[2 * i + LOW] = low;
  }
  if (!Number.isSafeInteger(time)) raiseAt(position, `time ${time} is beyond 2^53 - 1`);
  return count;
}

function raiseAt(position: number, problem: string): never {
  reader.position = position;
  reader.raise(problem);
}

/** The 32 bits at a position. */
function peek(view: DataView, position: number): number {
  const byte = position >>> 3;
  const shift = position & 7;
  return (view.getInt32(byte) << shift) | (view.getUint8(byte + 4) >>> (8 - shift));
}
