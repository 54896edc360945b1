import { ByteReader, ByteWriter } from '../encoding/bytes.ts';
import { crc32c } from '../encoding/crc32c.ts';
import { hex } from './segment-format.ts';

/** A time range whose bounds both belong to it, Unix milliseconds. */
export interface Interval {
  readonly minMs: number;
  readonly maxMs: number;
}

/** What was deleted of a block: by series, intervals in order that neither overlap nor touch. */
export type Tombstones = ReadonlyMap<number, readonly Interval[]>;

/** The file of a block that holds its tombstones. */
export const TOMBSTONES_FILE = 'tombstones';

const MAGIC = 0x0130ba30;
const VERSION = 1;
/** Magic, version, checksum. */
const FRAME_BYTES = 9;

/** The intervals with one more, joined where they overlap or follow each other at once.
 *  @see prometheus/tsdb/tombstones/tombstones.go Intervals.Add */
export function addInterval(intervals: readonly Interval[], added: Interval): readonly Interval[] {
  const before = intervals.filter(({ maxMs }) => maxMs < added.minMs - 1);
  const after = intervals.filter(({ minMs }) => minMs > added.maxMs + 1);
  const joined = intervals.slice(before.length, intervals.length - after.length);
  const minMs = Math.min(added.minMs, ...joined.slice(0, 1).map((interval) => interval.minMs));
  const maxMs = Math.max(added.maxMs, ...joined.slice(-1).map((interval) => interval.maxMs));
  return [...before, { minMs, maxMs }, ...after];
}

/** How many intervals there are. */
export function countTombstones(tombstones: Tombstones): number {
  let count = 0;
  for (const intervals of tombstones.values()) count += intervals.length;
  return count;
}

/** The `tombstones` file of a block, ordered by series.
 *  @see prometheus/tsdb/docs/format/tombstones.md */
export function encodeTombstones(tombstones: Tombstones): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  out.u32be(MAGIC);
  out.u8(VERSION);
  const start = out.length;
  for (const ref of [...tombstones.keys()].sort((a, b) => a - b)) {
    for (const { minMs, maxMs } of tombstones.get(ref)!) {
      out.varint(ref);
      out.signedVarint(minMs);
      out.signedVarint(maxMs);
    }
  }
  // The version is not in the checksum.
  out.u32be(crc32c(out.finish(), start));
  return out.finish().slice();
}

/** Reads the `tombstones` file of a block.
 *  @throws {RangeError} When it is damaged. */
export function decodeTombstones(file: Uint8Array): Tombstones {
  if (file.length < FRAME_BYTES) throw new RangeError(`it has ${file.length} bytes, expected at least ${FRAME_BYTES}`);
  const reader = new ByteReader(file);
  const magic = reader.u32be();
  if (magic !== MAGIC) throw new RangeError(`magic number is ${hex(magic)}, expected ${hex(MAGIC)}`);
  const version = reader.u8();
  if (version !== VERSION) throw new RangeError(`version is ${version}, expected ${VERSION}`);
  const body = reader.bytes(reader.remaining - 4);
  const expected = reader.u32be();
  const actual = crc32c(body);
  if (actual !== expected) throw new RangeError(`checksum is ${hex(actual)}, expected ${hex(expected)}`);
  return decodeBody(new ByteReader(body));
}

function decodeBody(reader: ByteReader): Tombstones {
  const tombstones = new Map<number, readonly Interval[]>();
  while (reader.remaining > 0) {
    const ref = reader.varint();
    const interval = { minMs: reader.signedVarint(), maxMs: reader.signedVarint() };
    tombstones.set(ref, addInterval(tombstones.get(ref) ?? [], interval));
  }
  return tombstones;
}
