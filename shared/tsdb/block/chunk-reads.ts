import type { SelectOptions } from '#shared/model/storage.ts';
import {
  type BlockPlace,
  type BlockSource,
  decodeEach,
  MAX_GAP_BYTES,
  readFrames,
  readRanges,
} from './block-source.ts';
import { type ChunkMeta, type ChunkPayload, chunkRef, offsetOf, segmentOf, segmentPath } from './chunk-meta.ts';
import { chunkFrameBytes, readChunk } from './segment-format.ts';
import { type SeriesPlaces, segmentStarts } from './sidecar.ts';

/** Where in a segment several chunks are. */
export interface ChunkSpan {
  readonly segment: number;
  readonly offset: number;
  readonly length: number;
}

/** Bytes of a segment that were read. */
export interface ChunkBytes {
  /** As of a chunk that begins with them. */
  readonly ref: number;
  readonly bytes: Uint8Array;
}

/** What most chunks fit in. */
const CHUNK_GUESS_BYTES = 4096;
const MAX_CHUNK_BYTES = 64 * 1024 * 1024;

/** Finds where the chunks of a series are. */
export class ChunkSpans {
  readonly #places: SeriesPlaces;
  readonly #starts: readonly number[];

  constructor(places: SeriesPlaces) {
    this.#places = places;
    this.#starts = segmentStarts(places.segmentBytes);
  }

  /** The spans of the series at an index: one, or more where it goes over the end of a segment. */
  of(series: number): readonly ChunkSpan[] {
    const { chunkStarts } = this.#places;
    const end = series + 1 < chunkStarts.length ? chunkStarts[series + 1] : this.#starts.at(-1)!;
    const spans: ChunkSpan[] = [];
    let start = chunkStarts[series];
    let segment = firstAbove(this.#starts, start) - 1;
    while (start < end) {
      const next = Math.min(end, this.#starts[segment + 1]);
      spans.push({ segment, offset: start - this.#starts[segment], length: next - start });
      start = next;
      segment++;
    }
    return spans;
  }
}

/** Where in a rising list the first number above `value` is. */
function firstAbove(list: readonly number[], value: number): number {
  const at = list.findIndex((number) => number > value);
  return at < 0 ? list.length : at;
}

/** Reads spans of segments. @returns Ordered as the spans are. @throws {BlockCorruptError} */
export async function readSpans(
  source: BlockSource,
  spans: readonly ChunkSpan[],
  signal?: AbortSignal,
): Promise<readonly ChunkBytes[]> {
  const bySegment = Map.groupBy(spans, ({ segment }) => segment);
  const read = await Promise.all(
    Array.from(bySegment, async ([segment, ranges]) => {
      const found = await readRanges(source, segmentPath(segment), ranges, signal);
      return found.map((bytes, i) => ({ ref: chunkRef(segment, ranges[i].offset), bytes }));
    }),
  );
  return read.flat();
}

/** Reads the samples of chunks.
 *  @param chunks Ordered by ref.
 *  @param options.known What was read before, ordered by ref. `reserve` is called with the bytes of the rest.
 *  @throws {BlockCorruptError} When a chunk is damaged or missing. */
export async function readChunks(
  source: BlockSource,
  chunks: readonly ChunkMeta[],
  options: SelectOptions & { readonly known?: readonly ChunkBytes[] } = {},
): Promise<readonly ChunkPayload[]> {
  const placeOf = (i: number) => placeOfChunk(source, chunks[i].ref);
  const payloads = decodeEach(chunks.length, placeOf, knownChunks(chunks, options.known ?? []));
  const missing = chunks.map((_, i) => i).filter((i) => payloads[i] === undefined);
  const requests = missing.map((i) => ({ i, segment: segmentOf(chunks[i].ref), ...requestFor(chunks, i) }));
  options.reserve?.(requests.reduce((total, { guessBytes }) => total + guessBytes, 0));
  const bySegment = Map.groupBy(requests, ({ segment }) => segment);
  const kind = { frameBytes: chunkFrameBytes, maxBytes: MAX_CHUNK_BYTES, signal: options.signal };
  await Promise.all(
    Array.from(bySegment, async ([segment, list]) => {
      const frames = await readFrames(source, segmentPath(segment), list, kind);
      const read = decodeEach(
        list.length,
        (at) => placeOf(list[at].i),
        (at) => readChunk(frames[at]),
      );
      list.forEach(({ i }, at) => {
        payloads[i] = read[at];
      });
    }),
  );
  return payloads as ChunkPayload[];
}

/** What to read for a chunk: at most up to the next one that is wanted, which near ones are read along with. */
function requestFor(chunks: readonly ChunkMeta[], i: number): { readonly offset: number; readonly guessBytes: number } {
  const { ref } = chunks[i];
  const distance = i + 1 < chunks.length ? chunks[i + 1].ref - ref : Number.POSITIVE_INFINITY;
  const near = distance > 0 && distance <= MAX_GAP_BYTES;
  return { offset: offsetOf(ref), guessBytes: near ? distance : CHUNK_GUESS_BYTES };
}

/** Finds, one after another, the chunks that are whole in what was read before. */
function knownChunks(
  chunks: readonly ChunkMeta[],
  known: readonly ChunkBytes[],
): (i: number) => ChunkPayload | undefined {
  let at = 0;
  return (i) => {
    const { ref } = chunks[i];
    while (at < known.length && known[at].ref + known[at].bytes.length <= ref) at++;
    const piece = known[at];
    return piece === undefined || piece.ref > ref ? undefined : readChunk(piece.bytes, ref - piece.ref);
  };
}

function placeOfChunk(source: BlockSource, ref: number): BlockPlace {
  return { blockId: source.id, path: segmentPath(segmentOf(ref)), offset: offsetOf(ref) };
}
