import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import { MAX_SAMPLES, sampleCount, XOR2 } from './encoding.ts';
import { checkRoom, clearOthers, HIGH, LOW, type SampleColumns, STALE_HIGH, STALE_LOW } from './sample-columns.ts';
import { START_HEADER_BYTE, StartTimesReader, StartTimesWriter } from './start-times.ts';
import { checkLastTime, type EncodeRange, raiseOrder } from './xor.ts';
import { leadingZeros, NO_WINDOW, trailingZeros } from './xor-values.ts';

const TWO_32 = 0x1_0000_0000;
const writer = new BitWriter();
const reader: BitReader = new BitReader();

/** Writes float samples with their start timestamps as a chunk, byte for byte as Prometheus does. One prefix says of time and
 *  value together what changed; stale markers are a prefix of their own and leave the value that later ones differ from.
 *  @param samples Without a column of start timestamps, none is known.
 *  @throws {RangeError} When a time is not a whole number within ±(2^53 − 1), or not after the one before.
 *  @see prometheus/tsdb/chunkenc/xor2.go */
export function encodeXor2(samples: SampleColumns, range: EncodeRange): Uint8Array<ArrayBuffer> {
  const { timestampsMs, words, startTimestampsMs } = samples;
  const { from, cutAboveBytes = Number.POSITIVE_INFINITY } = range;
  const to = Math.min(range.to, from + MAX_SAMPLES);
  const startTimes = new StartTimesWriter();
  const value = new ValueWriter();
  writer.reset();
  writer.bits(0, 24);
  let delta = 0;
  let i = from;
  for (; i < to && !(writer.byteLength > cutAboveBytes && i > from); i++) {
    const high = words[2 * i + HIGH];
    const low = words[2 * i + LOW];
    const time = timestampsMs[i];
    const previousTime = i === from ? 0 : timestampsMs[i - 1];
    if (i === from) {
      writer.varint(time);
      value.writeFirst(high, low);
    } else {
      const nextDelta = time - previousTime;
      if (!(nextDelta > 0)) raiseOrder(timestampsMs, i);
      if (i === from + 1) {
        writer.uvarint(nextDelta);
        value.writeBehindTime(high, low);
      } else if (nextDelta === delta) {
        value.writeAlone(high, low);
      } else {
        writeTimeChange(nextDelta - delta);
        value.writeBehindTime(high, low);
      }
      delta = nextDelta;
    }
    startTimes.write(writer, startTimestampsMs === undefined ? 0 : startTimestampsMs[i], { time, previousTime });
  }
  if (i > from) checkLastTime(timestampsMs[i - 1]);
  const chunk = writer.finish();
  chunk[0] = (i - from) >>> 8;
  chunk[1] = i - from;
  chunk[START_HEADER_BYTE] = startTimes.header;
  return chunk;
}

function writeTimeChange(change: number): void {
  if (change >= -4096 && change <= 4095 && change === (change | 0)) {
    writer.bits((0b110 << 13) | (change & 0x1fff), 16);
  } else if (change >= -524288 && change <= 524287 && change === (change | 0)) {
    writer.bits((0b1110 << 20) | (change & 0xfffff), 24);
  } else if (Number.isSafeInteger(change)) {
    writer.bits(0b11110, 5);
    writer.words(Math.floor(change / TWO_32) | 0, (change % TWO_32) | 0);
  } else {
    throw new RangeError(
      `Cannot encode XOR2 chunk: ${change} ms between samples is not a whole number within 2^53 - 1`,
    );
  }
}

/** Writes values as changes of the last one that was no stale marker. */
class ValueWriter {
  #high = 0;
  #low = 0;
  #leading = NO_WINDOW;
  #trailing = 0;

  writeFirst(high: number, low: number): void {
    writer.words(high, low);
    if (!isStale(high, low)) this.#keep(high, low);
  }

  /** The value behind a time of its own. */
  writeBehindTime(high: number, low: number): void {
    if (isStale(high, low)) writer.bits(0b111, 3);
    else if (high === this.#high && low === this.#low) writer.bits(0, 1);
    else this.#writeChange(high, low, { reuse: 0b10, reuseBits: 2, replace: 0b110, replaceBits: 3 });
  }

  /** The value where the time comes as expected. */
  writeAlone(high: number, low: number): void {
    if (isStale(high, low)) writer.bits(0b11111, 5);
    else if (high === this.#high && low === this.#low) writer.bits(0, 1);
    else this.#writeChange(high, low, { reuse: 0b100, reuseBits: 3, replace: 0b101, replaceBits: 3 });
  }

  /** Keeps the window where a new one would cost more than it saves, and widens it a little more than needed where that
   *  may save the next one.
   *  @see prometheus/tsdb/chunkenc/xor2.go writeVDelta, writeVDeltaKnownNonZero */
  #writeChange(high: number, low: number, prefix: WindowPrefix): void {
    const changedHigh = high ^ this.#high;
    const changedLow = low ^ this.#low;
    this.#keep(high, low);
    let leading = leadingZeros(changedHigh);
    let trailing = trailingZeros(changedHigh, changedLow);
    // What a new window costs: 11 bits, and one more where its prefix is longer.
    const cost = prefix.reuseBits === 2 ? 12 : 11;
    const wider = leading < this.#leading || trailing < this.#trailing;
    if (!wider && leading + trailing <= this.#leading + this.#trailing + cost) {
      writer.bits(prefix.reuse, prefix.reuseBits);
    } else {
      if (wider && this.#leading !== NO_WINDOW) {
        const widestLeading = Math.min(leading, this.#leading);
        const widestTrailing = Math.min(trailing, this.#trailing);
        if (leading + trailing - widestLeading - widestTrailing <= cost >> 1) {
          leading = widestLeading;
          trailing = widestTrailing;
        }
      }
      this.#leading = leading;
      this.#trailing = trailing;
      writer.bits(prefix.replace, prefix.replaceBits);
      writer.bits((leading << 6) | ((64 - leading - trailing) & 63), 11);
    }
    writer.window(changedHigh, changedLow, this.#trailing, 64 - this.#leading - this.#trailing);
  }

  #keep(high: number, low: number): void {
    this.#high = high;
    this.#low = low;
  }
}

interface WindowPrefix {
  readonly reuse: number;
  readonly reuseBits: number;
  readonly replace: number;
  readonly replaceBits: number;
}

function isStale(high: number, low: number): boolean {
  return low === STALE_LOW && high === STALE_HIGH;
}

/** Reads all samples of a chunk into `columns` from `at` on.
 *  @returns How many there are.
 *  @throws {RangeError} As `decodeXor`.
 *  @see prometheus/tsdb/chunkenc/xor2.go */
export function decodeXor2(chunk: Uint8Array, columns: SampleColumns, at: number): number {
  const count = sampleCount(XOR2, chunk);
  checkRoom(columns, at, count);
  clearOthers(columns, at, count);
  const { timestampsMs, startTimestampsMs, words } = columns;
  const header = chunk[START_HEADER_BYTE];
  const startTimes = header === 0 ? undefined : new StartTimesReader(header);
  const value = new ValueReader();
  reader.load(chunk, 3);
  let time = 0;
  let delta = 0;
  for (let i = at, end = at + count; i < end; i++) {
    const previousTime = time;
    if (i === at) {
      time = reader.varint();
      value.readFirst();
    } else if (i === at + 1) {
      delta = reader.uvarint();
      value.readBehindTime();
    } else {
      delta += readPrefix(value);
    }
    if (i > at) time += delta;
    timestampsMs[i] = time;
    words[2 * i + HIGH] = value.high;
    words[2 * i + LOW] = value.low;
    if (startTimes !== undefined) {
      const startTime = startTimes.read(reader, { time, previousTime });
      if (startTimestampsMs !== undefined) startTimestampsMs[i] = startTime;
    }
  }
  if (!Number.isSafeInteger(time)) reader.raise(`time ${time} is beyond 2^53 - 1`);
  return count;
}

/** Reads prefix and value. @returns How much the difference of times changed. */
function readPrefix(value: ValueReader): number {
  switch (reader.ones(5)) {
    case 0:
      value.readUnchanged();
      return 0;
    case 1:
      value.readAlone();
      return 0;
    case 2:
      return withValue((reader.bits(13) << 19) >> 19, value);
    case 3:
      return withValue((reader.bits(20) << 12) >> 12, value);
    case 4:
      return withValue(reader.int64(), value);
    default:
      value.readStale();
      return 0;
  }
}

function withValue(change: number, value: ValueReader): number {
  value.readBehindTime();
  return change;
}

/** Reads what ValueWriter wrote. */
class ValueReader {
  /** The words of the value read last. */
  high = 0;
  low = 0;
  #keptHigh = 0;
  #keptLow = 0;
  #trailing = 0;
  /** Bits of the window; 0 while there is none. */
  #size = 0;

  readFirst(): void {
    this.high = reader.bits(32);
    this.low = reader.bits(32);
    if (!isStale(this.high, this.low)) {
      this.#keptHigh = this.high;
      this.#keptLow = this.low;
    }
  }

  readBehindTime(): void {
    switch (reader.ones(3)) {
      case 0:
        this.readUnchanged();
        break;
      case 1:
        this.#readChange();
        break;
      case 2:
        this.#readWindow();
        this.#readChange();
        break;
      default:
        this.readStale();
    }
  }

  readAlone(): void {
    if (reader.bit()) this.#readWindow();
    this.#readChange();
  }

  readUnchanged(): void {
    this.high = this.#keptHigh;
    this.low = this.#keptLow;
  }

  readStale(): void {
    this.high = STALE_HIGH;
    this.low = STALE_LOW;
  }

  #readWindow(): void {
    const bits = reader.bits(11);
    const leading = bits >>> 6;
    this.#size = bits & 63 || 64;
    this.#trailing = 64 - leading - this.#size;
    if (this.#trailing < 0) reader.raise(`a value has ${leading} leading zeros and ${this.#size} bits`);
  }

  #readChange(): void {
    const size = this.#size;
    const trailing = this.#trailing;
    if (size === 0) reader.raise('a value uses the window of the one before, which has none');
    if (size > 32) {
      const upper = reader.bits(size - 32);
      const lower = reader.bits(32);
      this.#keptHigh ^= trailing === 0 ? upper : (upper << trailing) | (lower >>> (32 - trailing));
      this.#keptLow ^= lower << trailing;
    } else {
      const bits = reader.bits(size);
      if (trailing >= 32) {
        this.#keptHigh ^= bits << (trailing - 32);
      } else {
        this.#keptLow ^= bits << trailing;
        if (trailing > 0) this.#keptHigh ^= bits >>> (32 - trailing);
      }
    }
    this.readUnchanged();
  }
}
