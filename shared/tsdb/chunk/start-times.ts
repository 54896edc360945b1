import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { readVarbitInt, writeVarbitInt } from './varbit.ts';

/** The byte of a header that tells of start timestamps, in all encodings that have them. */
export const START_HEADER_BYTE = 2;

/** The first sample has a start timestamp. */
const FIRST_KNOWN = 0x80;
/** The other bits: from which sample on each has one of its own; 0 when none has. */
const CHANGES_MASK = 0x7f;

/** Writes start timestamps behind the samples: the first as its distance to the sample, and from the first that differs on
 *  all as their distance to the sample before them. No bits are spent where they are all 0.
 *  @see prometheus/tsdb/chunkenc/st.go stEncoder */
export class StartTimesWriter {
  #header = 0;
  #index = 0;
  #startTime = 0;
  #distance = 0;

  /** The byte of the header. */
  get header(): number {
    return this.#header;
  }

  /** Writes the start timestamp of the next sample. @param previousTime Of the sample before; anything for the first. */
  write(writer: BitWriter, startTime: number, { time, previousTime }: SampleTimes): void {
    const index = this.#index++;
    if (index === 0) {
      if (startTime !== 0) {
        this.#header = FIRST_KNOWN;
        writer.varint(time - startTime);
      }
    } else if ((this.#header & CHANGES_MASK) !== 0) {
      const distance = previousTime - startTime;
      writeVarbitInt(writer, distance - this.#distance);
      this.#distance = distance;
    } else if (startTime !== this.#startTime || index === CHANGES_MASK) {
      // Sample 127 is the last one that the header can name.
      this.#header |= index;
      this.#distance = previousTime - startTime;
      writeVarbitInt(writer, this.#distance);
    }
    this.#startTime = startTime;
  }
}

/** The times around a start timestamp, Unix milliseconds. */
export interface SampleTimes {
  readonly time: number;
  readonly previousTime: number;
}

/** Reads what StartTimesWriter wrote. @see prometheus/tsdb/chunkenc/st.go stDecoder */
export class StartTimesReader {
  readonly #firstKnown: boolean;
  readonly #changesFrom: number;
  #index = 0;
  #startTime = 0;
  #distance = 0;

  /** @param header The byte of the header. */
  constructor(header: number) {
    this.#firstKnown = (header & FIRST_KNOWN) !== 0;
    this.#changesFrom = header & CHANGES_MASK;
  }

  /** The start timestamp of the next sample, 0 when it has none. */
  read(reader: BitReader, { time, previousTime }: SampleTimes): number {
    const index = this.#index++;
    if (index === 0) {
      if (this.#firstKnown) this.#startTime = time - reader.varint();
    } else if (this.#changesFrom !== 0 && index >= this.#changesFrom) {
      const distance = readVarbitInt(reader);
      this.#distance = index === this.#changesFrom ? distance : this.#distance + distance;
      this.#startTime = previousTime - this.#distance;
    }
    return this.#startTime;
  }
}
