import { BlockCorruptError, type BlockSource, decodeAt, readRanges } from './block-source.ts';
import {
  decodeIndexHeader,
  decodeToc,
  INDEX_FILE,
  INDEX_HEADER_BYTES,
  type IndexToc,
  type IndexVersion,
  readSection,
  sectionEnd,
  TOC_BYTES,
  U32_BYTES,
} from './index-format.ts';
import { type PostingsOffsets, SortedPostingsOffsets, UnsortedPostingsOffsets } from './postings-offsets.ts';
import type { SeriesPlaces, Sidecar } from './sidecar.ts';
import { SymbolTable } from './symbol-table.ts';

/** What is kept in memory of a block's index. */
export interface OpenIndex {
  readonly version: IndexVersion;
  readonly sizeBytes: number;
  readonly toc: IndexToc;
  readonly symbols: SymbolTable;
  readonly offsets: PostingsOffsets;
  /** Only where the block has a sidecar. */
  readonly places?: SeriesPlaces;
  /** Reads the index; out of memory when it is small. */
  readonly source: BlockSource;
}

/** What is read of the start and of the end of an index at first. An index that is smaller stays in memory. */
const EDGE_BYTES = 1024 * 1024;

/** Opens an index by its sidecar, without reading it. @throws {BlockCorruptError} When they do not fit. */
export function openIndexBySidecar(source: BlockSource, sidecar: Sidecar): OpenIndex {
  const { indexBytes, toc, symbolTable, postingsTable, places } = sidecar;
  const tables = { version: 2, toc, sizeBytes: indexBytes, symbolTable, postingsTable } as const;
  return { ...openTables(source, tables), places, source };
}

/** Opens an index in at most three rounds of reads.
 *  @throws {BlockCorruptError} When it is damaged or missing. */
export async function openIndex(block: BlockSource): Promise<OpenIndex> {
  const start = await block.read(INDEX_FILE, { offset: 0, length: EDGE_BYTES });
  if (start === undefined) throw new BlockCorruptError(placeAt(block, 0), 'the file is missing');
  const { sizeBytes } = start;
  const version = decodeAt(placeAt(block, 0), () => decodeIndexHeader(start.body));
  if (sizeBytes < INDEX_HEADER_BYTES + TOC_BYTES) {
    throw new BlockCorruptError(placeAt(block, 0), `it has only ${sizeBytes} bytes`);
  }
  const source = start.body.length === sizeBytes ? inMemory(block, start.body) : block;
  const tailStart = Math.max(0, sizeBytes - EDGE_BYTES);
  const [tail] = await readRanges(source, INDEX_FILE, [{ offset: tailStart, length: sizeBytes - tailStart }]);
  const tocStart = sizeBytes - TOC_BYTES;
  const toc = decodeAt(placeAt(block, tocStart), () => decodeToc(tail.subarray(tocStart - tailStart)));
  const known = [
    { offset: 0, bytes: start.body },
    { offset: tailStart, bytes: tail },
  ];
  const [symbolTable, postingsTable] = await Promise.all(
    [toc.symbols, toc.postingsTable].map((offset) => readTable(source, known, { toc, sizeBytes, offset })),
  );
  return { ...openTables(block, { version, toc, sizeBytes, symbolTable, postingsTable }), source };
}

interface Tables {
  readonly version: IndexVersion;
  readonly toc: IndexToc;
  readonly sizeBytes: number;
  readonly symbolTable: Uint8Array;
  readonly postingsTable: Uint8Array;
}

function openTables(block: BlockSource, tables: Tables): Omit<OpenIndex, 'places' | 'source'> {
  const { version, toc, sizeBytes, symbolTable, postingsTable } = tables;
  const Offsets = version === 1 ? UnsortedPostingsOffsets : SortedPostingsOffsets;
  const postingsEnd = sectionEnd(toc, toc.postings, sizeBytes);
  return {
    version,
    toc,
    sizeBytes,
    symbols: decodeAt(
      placeAt(block, toc.symbols),
      () => new SymbolTable(symbolTable, { version, start: toc.symbols + U32_BYTES }),
    ),
    offsets: decodeAt(placeAt(block, toc.postingsTable), () => new Offsets(postingsTable, postingsEnd)),
  };
}

interface KnownBytes {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

async function readTable(
  source: BlockSource,
  known: readonly KnownBytes[],
  { toc, sizeBytes, offset }: { readonly toc: IndexToc; readonly sizeBytes: number; readonly offset: number },
): Promise<Uint8Array> {
  const range = { offset, length: sectionEnd(toc, offset, sizeBytes) - offset };
  if (range.length <= 0) throw new BlockCorruptError(placeAt(source, offset), `the index has ${sizeBytes} bytes`);
  const here = known.find(
    (piece) => piece.offset <= offset && offset + range.length <= piece.offset + piece.bytes.length,
  );
  const bytes = here?.bytes.subarray(offset - here.offset) ?? (await readRanges(source, INDEX_FILE, [range]))[0];
  return decodeAt(placeAt(source, offset), () => readSection(bytes));
}

/** The block with its index in memory. */
function inMemory(block: BlockSource, index: Uint8Array): BlockSource {
  return {
    id: block.id,
    read: async (path, range) => {
      if (path !== INDEX_FILE) return block.read(path, range);
      const { offset, length } = range ?? { offset: 0, length: index.length };
      return { body: index.subarray(offset, offset + length), sizeBytes: index.length };
    },
  };
}

function placeAt(block: BlockSource, offset: number) {
  return { blockId: block.id, path: INDEX_FILE, offset };
}
