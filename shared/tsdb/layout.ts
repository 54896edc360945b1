import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Labels } from '#shared/model/labels.ts';
import type { MetricMetadata, MetricType } from '#shared/model/storage.ts';
import { ByteReader, ByteWriter } from './encoding/bytes.ts';

/** The ordered series of a section, with what the target said of its metrics. Immutable. @see FORMAT.md */
export interface Layout {
  /** 32 hex digits, of the content. */
  readonly id: string;
  readonly series: readonly Labels[];
  readonly metadata: readonly MetricMetadata[];
}

const MAGIC = 'EWL1';
const ID_HEX_DIGITS = 32;

/** Makes a layout, and its body to store. */
export function createLayout(
  series: readonly Labels[],
  metadata: readonly MetricMetadata[],
): { readonly layout: Layout; readonly body: Uint8Array } {
  const body = encodeLayout(series, metadata);
  return { layout: { id: layoutId(body), series, metadata }, body };
}

/** The layout of a section without series. */
export const EMPTY_LAYOUT: Layout = createLayout([], []).layout;

function encodeLayout(series: readonly Labels[], metadata: readonly MetricMetadata[]): Uint8Array {
  const strings = new Map<string, number>();
  const intern = (text: string): number => {
    let index = strings.get(text);
    if (index === undefined) {
      index = strings.size;
      strings.set(text, index);
    }
    return index;
  };
  const rest = new ByteWriter(series.length * 16 + 64);
  rest.varint(series.length);
  for (const labels of series) {
    rest.varint(labels.length / 2);
    for (const text of labels) rest.varint(intern(text));
  }
  rest.varint(metadata.length);
  for (const { metric, type, help, unit } of metadata) {
    for (const text of [metric, type, help, unit]) rest.varint(intern(text));
  }
  const body = new ByteWriter(rest.finish().length + strings.size * 16);
  body.bytes(new TextEncoder().encode(MAGIC));
  body.varint(strings.size);
  for (const text of strings.keys()) body.string(text);
  body.bytes(rest.finish());
  return body.finish();
}

/** @throws {Error} When the body is not that of layout `id`. */
export function decodeLayout(id: string, body: Uint8Array): Layout {
  const actual = layoutId(body);
  if (actual !== id) throw new Error(`Cannot decode layout: content has id ${actual}, expected ${id}`);
  const reader = new ByteReader(body);
  const magic = new TextDecoder().decode(reader.bytes(4));
  if (magic !== MAGIC) throw new Error(`Cannot decode layout ${id}: format is "${magic}", expected "${MAGIC}"`);
  const strings = Array.from({ length: reader.varint() }, () => reader.string());
  const series = Array.from({ length: reader.varint() }, () => {
    const labels: string[] = [];
    for (let n = reader.varint() * 2; n > 0; n--) labels.push(strings[reader.varint()]);
    return labels;
  });
  const metadata = Array.from({ length: reader.varint() }, () => ({
    metric: strings[reader.varint()],
    type: strings[reader.varint()] as MetricType,
    help: strings[reader.varint()],
    unit: strings[reader.varint()],
  }));
  return { id, series, metadata };
}

function layoutId(body: Uint8Array): string {
  return bytesToHex(sha256(body)).slice(0, ID_HEX_DIGITS);
}
