import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { errorCode } from '#shared/adapters/node/durable-file.ts';
import { parseOpenMetrics } from '#shared/exposition/openmetrics-parser.ts';
import type { Page } from '#shared/exposition/page.ts';
import { SeriesCache } from '#shared/exposition/series-cache.ts';

/** A text that may be larger than memory, to be parsed as often as needed. */
export interface OpenMetricsText {
  /** The samples in their order, in pieces. @throws {ExpositionError} */
  pages(): AsyncGenerator<Page>;
  close(): Promise<void>;
}

/** How much is parsed at once. */
const PIECE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
const END = new TextEncoder().encode('# EOF\n');

/** Reads up to `into.length` bytes from `position` on. @returns How many; fewer than asked for only at the end. */
type ReadAt = (into: Uint8Array, position: number) => Promise<number>;

/** Opens a file. What is not a file, as a pipe, is kept in memory.
 *  @param pieceBytes How much is parsed at once, and so about a tenth of the memory that parsing takes.
 *  @throws {Error} When it cannot be read, in Prometheus's words. */
export async function openOpenMetrics(path: string, pieceBytes = PIECE_BYTES): Promise<OpenMetricsText> {
  const stats = await stat(path).catch((error) => {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new Error(`stat ${path}: no such file or directory`, { cause: error });
  });
  if (stats.isDirectory()) throw new Error(`read ${path}: is a directory`);
  if (!stats.isFile()) {
    const text = new Uint8Array(await readFile(path));
    return { pages: () => parsePieces(readerOfBytes(text), pieceBytes), close: async () => {} };
  }
  const file = await open(path, 'r');
  return { pages: () => parsePieces(readerOfFile(file), pieceBytes), close: () => file.close() };
}

function readerOfBytes(text: Uint8Array): ReadAt {
  return async (into, position) => {
    const piece = text.subarray(position, position + into.length);
    into.set(piece);
    return piece.length;
  };
}

function readerOfFile(file: FileHandle): ReadAt {
  return async (into, position) => {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await file.read(into, done, into.length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  };
}

/** Parses whole lines at a time. Each piece but the last is given an end, and each but the first the `# TYPE` that was the
 *  last before it, which decides how bounds are written. */
async function* parsePieces(read: ReadAt, pieceBytes: number): AsyncGenerator<Page> {
  const cache = new SeriesCache();
  let position = 0;
  let type: Uint8Array = new Uint8Array();
  for (;;) {
    const { lines, isLast } = await readLines(read, position, pieceBytes);
    yield parseOpenMetrics(join(type, lines, isLast ? new Uint8Array() : END), cache);
    if (isLast) return;
    position += lines.length;
    type = lastType(lines) ?? type;
  }
}

async function readLines(
  read: ReadAt,
  position: number,
  pieceBytes: number,
): Promise<{ readonly lines: Uint8Array; readonly isLast: boolean }> {
  // A line may be longer than a piece.
  for (let size = pieceBytes; ; size *= 2) {
    // One byte more tells whether this is the end.
    const buffer = new Uint8Array(size + 1);
    const length = await read(buffer, position);
    if (length <= size) return { lines: buffer.subarray(0, length), isLast: true };
    const end = buffer.lastIndexOf(NEWLINE, size - 1);
    if (end >= 0) return { lines: buffer.subarray(0, end + 1), isLast: false };
  }
}

const TYPE = '# TYPE ';

function lastType(lines: Uint8Array): Uint8Array | undefined {
  const buffer = Buffer.from(lines.buffer, lines.byteOffset, lines.length);
  const later = buffer.lastIndexOf(`\n${TYPE}`) + 1;
  if (later === 0 && !buffer.subarray(0, TYPE.length).equals(Buffer.from(TYPE))) return undefined;
  return buffer.subarray(later, buffer.indexOf(NEWLINE, later) + 1);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return parts.every(({ length }, i) => i === 1 || length === 0) ? parts[1] : new Uint8Array(Buffer.concat(parts));
}
