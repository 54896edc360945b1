import { decodeChunk } from '../chunk/chunk.ts';
import { type ChunkEncoding, holdsHistograms, isChunkEncoding, sampleCount } from '../chunk/encoding.ts';
import { createSampleColumns, type SampleColumns } from '../chunk/sample-columns.ts';
import { BlockCorruptError, type BlockSource } from './block-source.ts';
import { type ChunkMeta, type ChunkPayload, offsetOf, segmentOf, segmentPath } from './chunk-meta.ts';
import { readChunks } from './chunk-reads.ts';

/** Decodes chunks, and counts their samples. */
export class ChunkChecks {
  readonly #source: BlockSource;
  /** Overwritten by each chunk. */
  #columns: SampleColumns = createColumns(1024);
  #numFloats = 0;
  #numHistograms = 0;

  constructor(source: BlockSource) {
    this.#source = source;
  }

  get numFloats(): number {
    return this.#numFloats;
  }

  get numHistograms(): number {
    return this.#numHistograms;
  }

  /** Reads chunks, all at once, and where that fails, one by one: a damaged chunk does not hide the others.
   *  @returns What is wrong with them. */
  async add(chunks: readonly ChunkMeta[]): Promise<readonly BlockCorruptError[]> {
    const ordered = chunks.toSorted((a, b) => a.ref - b.ref);
    try {
      const payloads = await readChunks(this.#source, ordered);
      return payloads.flatMap((payload, i) => this.#check(ordered[i], payload));
    } catch (error) {
      if (!(error instanceof BlockCorruptError)) throw error;
      if (chunks.length === 1) return [error];
    }
    const problems: BlockCorruptError[] = [];
    for (const chunk of ordered) problems.push(...(await this.add([chunk])));
    return problems;
  }

  #check(meta: ChunkMeta, payload: ChunkPayload): readonly BlockCorruptError[] {
    const problem = this.#problem(meta, payload);
    if (problem === undefined) return [];
    const place = { path: segmentPath(segmentOf(meta.ref)), offset: offsetOf(meta.ref) };
    return [new BlockCorruptError({ blockId: this.#source.id, ...place }, problem)];
  }

  #problem({ minMs, maxMs }: ChunkMeta, { encoding, bytes }: ChunkPayload): string | undefined {
    if (!isChunkEncoding(encoding)) return `chunk encoding ${encoding} is not one of 1 to 6`;
    try {
      const times = this.#decode(encoding, bytes);
      const rising = times.every((time, i) => i === 0 || time > times[i - 1]);
      if (times.length > 0 && rising && times[0] === minMs && times.at(-1) === maxMs) return undefined;
      const got = times.length === 0 ? 'no samples' : `times ${times[0]} to ${times.at(-1)}`;
      return `the chunk has ${got}, expected ${minMs} to ${maxMs}${rising ? '' : ', rising'}`;
    } catch (error) {
      if (error instanceof RangeError) return error.message;
      throw error;
    }
  }

  #decode(encoding: ChunkEncoding, bytes: Uint8Array): Float64Array {
    const count = sampleCount(encoding, bytes);
    if (count > this.#columns.timestampsMs.length) this.#columns = createColumns(count);
    decodeChunk(encoding, bytes, { columns: this.#columns });
    if (holdsHistograms(encoding)) this.#numHistograms += count;
    else this.#numFloats += count;
    return this.#columns.timestampsMs.subarray(0, count);
  }
}

function createColumns(length: number): SampleColumns {
  return createSampleColumns(length, { startTimestamps: true, histograms: true });
}
