import type { ByteRange, ObjectStore, StoredObject } from '#shared/ports/object-store.ts';
import { joinBytes } from './block-part.ts';

/** Reads a file of a block, or a byte range of it; a range past the end is cut; `undefined` when there is no such file.
 *  @param path Below the block's folder: `index`, `chunks/000001`. */
export type ReadRange = (
  path: string,
  range?: ByteRange,
) => Promise<Pick<StoredObject, 'body' | 'sizeBytes'> | undefined>;

/** Where the files of a block are read from. */
export interface BlockSource {
  /** The ULID of the block. */
  readonly id: string;
  readonly read: ReadRange;
}

/** A block in an object store. @param folder Of blocks, ending with `/`. */
export function blockInStore(objects: ObjectStore, folder: string, id: string): BlockSource {
  return { id, read: (path, range) => objects.get(`${folder}${id}/${path}`, range) };
}

/** A file of a block does not hold what it must. */
export class BlockCorruptError extends Error {
  readonly blockId: string;
  readonly path: string;
  /** Bytes from the start of the file. */
  readonly offset: number;

  constructor(place: BlockPlace, problem: string, options?: ErrorOptions) {
    super(`Cannot read block ${place.blockId}: ${place.path} at offset ${place.offset}: ${problem}`, options);
    this.name = 'BlockCorruptError';
    this.blockId = place.blockId;
    this.path = place.path;
    this.offset = place.offset;
  }
}

/** Where in a block something is. */
export interface BlockPlace {
  readonly blockId: string;
  readonly path: string;
  readonly offset: number;
}

/** What `decode` makes of the bytes at a place. @throws {BlockCorruptError} When it finds them wrong. */
export function decodeAt<T>(place: BlockPlace, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw corruptBy(error, place);
  }
}

/** As `decodeAt`, for each of many: a place is only made for an error. */
export function decodeEach<T>(count: number, placeOf: (i: number) => BlockPlace, decode: (i: number) => T): T[] {
  const decoded: T[] = new Array(count);
  let i = 0;
  try {
    for (; i < count; i++) decoded[i] = decode(i);
  } catch (error) {
    throw corruptBy(error, placeOf(i));
  }
  return decoded;
}

function corruptBy(error: unknown, place: BlockPlace): unknown {
  // What decoders throw: of numbers, of UTF-8, of JSON.
  const expected = error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError;
  return expected ? new BlockCorruptError(place, error.message, { cause: error }) : error;
}

/** Gaps up to this are read along: a request costs more time than these bytes. */
export const MAX_GAP_BYTES = 64 * 1024;
/** What is read at once at most, unless one range is longer: several requests at the same time are faster than a long one. */
const MAX_READ_BYTES = 8 * 1024 * 1024;
/** Requests at the same time. */
const MAX_PARALLEL = 16;

/** Reads byte ranges of a file, near ones with one request, several requests at the same time.
 *  @param ranges In any order; they may overlap.
 *  @returns As the ranges are ordered; shorter where the file ends. Views of what was read.
 *  @throws {BlockCorruptError} When there is no such file. */
export async function readRanges(
  source: BlockSource,
  path: string,
  ranges: readonly ByteRange[],
  signal?: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = new Array(ranges.length);
  const requests = coalesce(ranges);
  let next = 0;
  const work = async () => {
    while (next < requests.length) {
      signal?.throwIfAborted();
      const { offset, end, members } = requests[next++];
      const body = await readRange(source, path, { offset, length: end - offset });
      for (const i of members) {
        const start = ranges[i].offset - offset;
        found[i] = body.subarray(start, start + ranges[i].length);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_PARALLEL, requests.length) }, work));
  return found;
}

/** @throws {BlockCorruptError} When there is no such file. */
async function readRange(source: BlockSource, path: string, range: ByteRange): Promise<Uint8Array> {
  const object = await source.read(path, range);
  if (object !== undefined) return object.body;
  throw new BlockCorruptError({ blockId: source.id, path, offset: range.offset }, 'the file is missing');
}

/** A whole file, large ones with several requests at the same time; `undefined` when there is no such file. */
export async function readFile(source: BlockSource, path: string): Promise<Uint8Array | undefined> {
  const first = await source.read(path, { offset: 0, length: MAX_READ_BYTES });
  if (first === undefined || first.body.length >= first.sizeBytes) return first?.body;
  const ranges: ByteRange[] = [];
  for (let offset = first.body.length; offset < first.sizeBytes; offset += MAX_READ_BYTES) {
    ranges.push({ offset, length: Math.min(MAX_READ_BYTES, first.sizeBytes - offset) });
  }
  return joinBytes([first.body, ...(await readRanges(source, path, ranges))]);
}

interface Request {
  readonly offset: number;
  end: number;
  /** Which of the ranges it is for. */
  readonly members: number[];
}

function coalesce(ranges: readonly ByteRange[]): readonly Request[] {
  const order = ranges.map((_, i) => i).sort((a, b) => ranges[a].offset - ranges[b].offset);
  const requests: Request[] = [];
  for (const i of order) {
    const { offset, length } = ranges[i];
    const last = requests.at(-1);
    const near = last !== undefined && offset - last.end <= MAX_GAP_BYTES;
    if (near && (offset + length <= last.end || offset + length - last.offset <= MAX_READ_BYTES)) {
      last.end = Math.max(last.end, offset + length);
      last.members.push(i);
    } else requests.push({ offset, end: offset + length, members: [i] });
  }
  return requests;
}

/** Something whose length is written at its start. */
export interface FrameRequest {
  readonly offset: number;
  /** How many bytes to read at first; when they are too few, the rest is read with a second request. */
  readonly guessBytes: number;
}

/** How frames of a kind are read. */
export interface FrameKind {
  /** The bytes of a frame, as its start says; 0 while `bytes` are too few to tell. @throws {RangeError} */
  readonly frameBytes: (bytes: Uint8Array) => number;
  /** A frame longer than this is a damaged one. */
  readonly maxBytes: number;
}

/** Reads frames whole.
 *  @returns As the requests are ordered, each from its start to its end or further.
 *  @throws {BlockCorruptError} When the file ends before. */
export async function readFrames(
  source: BlockSource,
  path: string,
  requests: readonly FrameRequest[],
  kind: FrameKind & { readonly signal?: AbortSignal },
): Promise<readonly Uint8Array[]> {
  const ranges = requests.map(({ offset, guessBytes }) => ({ offset, length: Math.max(guessBytes, 1) }));
  const found = [...(await readRanges(source, path, ranges, kind.signal))];
  const placeOf = (i: number) => ({ blockId: source.id, path, offset: requests[i].offset });
  const sizes = decodeEach(found.length, placeOf, (i) => frameSize(found[i], kind));
  const short = requests.map((_, i) => i).filter((i) => sizes[i] > found[i].length);
  const more = short.map((i) => ({ offset: requests[i].offset, length: sizes[i] }));
  const rest = await readRanges(source, path, more, kind.signal);
  short.forEach((i, at) => {
    found[i] = rest[at];
  });
  return decodeEach(found.length, placeOf, (i) => {
    if (found[i].length >= sizes[i]) return found[i];
    throw new RangeError(`it takes ${sizes[i]} bytes, but the file ends after ${found[i].length}`);
  });
}

function frameSize(bytes: Uint8Array, { frameBytes, maxBytes }: FrameKind): number {
  const size = frameBytes(bytes);
  if (size > maxBytes) throw new RangeError(`its length is ${size}, at most ${maxBytes} are allowed`);
  if (size === 0) throw new RangeError('the file ends before its length');
  return size;
}
