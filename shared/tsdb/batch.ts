import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Compression } from '#shared/ports/compression.ts';
import { ByteReader, ByteWriter } from './encoding/bytes.ts';
import { crc32c } from './encoding/crc32c.ts';
import { type HistogramColumn, readHistograms, writeHistograms } from './encoding/histograms.ts';

/** All samples that a stream wrote at one slot. @see FORMAT.md */
export interface Batch {
  /** The nominal time, Unix milliseconds; with the stream the batch's identity. */
  readonly slotMs: number;
  /** The time of all samples without a time of their own, Unix milliseconds. */
  readonly timestampMs: number;
  readonly sections: readonly Section[];
}

export type Section = SampledSection | UnknownSection;

export interface SampledSection {
  readonly kind: 'sampled';
  /** The target or rule: unique in the stream. */
  readonly source: string;
  /** The id of the layout that `values` follow. */
  readonly layout: string;
  /** The layout of what the producer had seen before, where this scrape failed or brought nothing. */
  readonly remembered?: string;
  /** The layout of series that were there, but whose samples were refused: neither sampled nor stale at this slot. */
  readonly pending?: string;
  readonly values: Float64Array;
  /** Where the sample of series i is a native histogram; its value is 0 then. Absent when there is none. */
  readonly histograms?: HistogramColumn;
  /** When the counters began, one a series, Unix milliseconds; 0 where that is not known. */
  readonly startTimesMs?: Float64Array;
  /** Unix milliseconds; NaN where the sample has the batch's timestamp. */
  readonly timesMs?: Float64Array;
  /** Samples with explicit times become stale too. */
  readonly trackStaleness?: boolean;
}

/** The producer could not say what the source has: nothing is stored and nothing becomes stale. */
export interface UnknownSection {
  readonly kind: 'unknown';
  readonly source: string;
}

const MAGIC = 'EWB1';
const HEADER_BYTES = 16;
const FLAG_UNKNOWN = 1;
const FLAG_EXPLICIT = 2;
const FLAG_REMEMBERED = 4;
const FLAG_TRACK = 8;
const FLAG_PENDING = 16;
const FLAG_HISTOGRAMS = 32;
const FLAG_START_TIMES = 64;
const KNOWN_FLAGS = 127;

/** Far above what a shard of 100,000 series needs (16 MB with explicit times). */
const MAX_PAYLOAD_BYTES = 256 * 1024 * 1024;

export function encodeBatch(batch: Batch, compression: Compression): Uint8Array {
  const payload = new ByteWriter(1024);
  payload.f64(batch.timestampMs);
  payload.varint(batch.sections.length);
  for (const section of batch.sections) writeSection(payload, section);
  const compressed = compression.compress(payload.finish());
  const frame = new ByteWriter(HEADER_BYTES + compressed.length);
  frame.bytes(new TextEncoder().encode(MAGIC));
  frame.f64(batch.slotMs);
  frame.u32(crc32c(compressed));
  frame.bytes(compressed);
  return frame.finish();
}

function writeSection(out: ByteWriter, section: Section): void {
  out.string(section.source);
  if (section.kind === 'unknown') {
    out.varint(FLAG_UNKNOWN);
    return;
  }
  const { timesMs, remembered, pending, histograms, startTimesMs } = section;
  out.varint(flagsOf(section));
  out.bytes(hexToBytes(section.layout));
  if (remembered !== undefined) out.bytes(hexToBytes(remembered));
  if (pending !== undefined) out.bytes(hexToBytes(pending));
  out.varint(section.values.length);
  out.f64s(section.values);
  if (timesMs !== undefined) out.f64s(timesMs);
  if (startTimesMs !== undefined) out.f64s(startTimesMs);
  if (histograms !== undefined) writeHistograms(out, histograms);
}

function flagsOf(section: SampledSection): number {
  return (
    (section.timesMs ? FLAG_EXPLICIT : 0) |
    (section.remembered ? FLAG_REMEMBERED : 0) |
    (section.pending ? FLAG_PENDING : 0) |
    (section.trackStaleness ? FLAG_TRACK : 0) |
    (section.histograms ? FLAG_HISTOGRAMS : 0) |
    (section.startTimesMs ? FLAG_START_TIMES : 0)
  );
}

/** The slot of a frame, without decoding the rest. */
export function frameSlotMs(frame: Uint8Array): number {
  const reader = openFrame(frame);
  return reader.f64();
}

/** @throws {Error} When the frame is damaged or of an unknown format. */
export function decodeBatch(frame: Uint8Array, compression: Compression): Batch {
  const reader = openFrame(frame);
  const slotMs = reader.f64();
  const expected = reader.u32();
  const compressed = reader.bytes(reader.remaining);
  const actual = crc32c(compressed);
  if (actual !== expected) {
    throw new Error(`Cannot decode batch of slot ${slotMs}: checksum is ${hex(actual)}, expected ${hex(expected)}`);
  }
  const payload = new ByteReader(compression.decompress(compressed, MAX_PAYLOAD_BYTES));
  const timestampMs = payload.f64();
  const sections = Array.from({ length: payload.varint() }, () => readSection(payload));
  return { slotMs, timestampMs, sections };
}

function openFrame(frame: Uint8Array): ByteReader {
  const reader = new ByteReader(frame);
  const magic = new TextDecoder().decode(reader.bytes(4));
  if (magic !== MAGIC) throw new Error(`Cannot decode batch: format is "${magic}", expected "${MAGIC}"`);
  return reader;
}

function readSection(reader: ByteReader): Section {
  const source = reader.string();
  const flags = reader.varint();
  if (flags > KNOWN_FLAGS)
    throw new Error(`Cannot decode section "${source}": flags are ${flags}, at most ${KNOWN_FLAGS} are known`);
  if (flags & FLAG_UNKNOWN) return { kind: 'unknown', source };
  const layout = bytesToHex(reader.bytes(16));
  const remembered = flags & FLAG_REMEMBERED ? bytesToHex(reader.bytes(16)) : undefined;
  const pending = flags & FLAG_PENDING ? bytesToHex(reader.bytes(16)) : undefined;
  const count = reader.varint();
  const values = reader.f64s(count);
  const timesMs = flags & FLAG_EXPLICIT ? reader.f64s(count) : undefined;
  const startTimesMs = flags & FLAG_START_TIMES ? reader.f64s(count) : undefined;
  const histograms = flags & FLAG_HISTOGRAMS ? readHistograms(reader, count) : undefined;
  const trackStaleness = (flags & FLAG_TRACK) !== 0;
  const numbers = { values, timesMs, startTimesMs, histograms };
  return { kind: 'sampled', source, layout, remembered, pending, ...numbers, trackStaleness };
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
