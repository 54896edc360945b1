import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Labels } from '#shared/model/labels.ts';
import { joinParts } from '#shared/tsdb/block/block-part.ts';
import type { BlockSource, ReadRange } from '#shared/tsdb/block/block-source.ts';
import { type BlockPlan, BlockWriter } from '#shared/tsdb/block/block-writer.ts';
import type { NewChunk } from '#shared/tsdb/block/chunk-meta.ts';
import type { Tombstones } from '#shared/tsdb/block/tombstones.ts';

/** A block in memory, by path. */
export type BlockFiles = ReadonlyMap<string, Uint8Array>;

export interface NewSeries {
  readonly labels: Labels;
  readonly chunks: readonly NewChunk[];
}

/** Writes a block into memory. */
export function writeBlock(
  series: readonly NewSeries[],
  plan: Omit<BlockPlan, 'symbols'>,
  tombstones?: Tombstones,
): Map<string, Uint8Array> {
  const writer = new BlockWriter({ ...plan, symbols: series.flatMap(({ labels }) => labels) });
  const parts = series.flatMap(({ labels, chunks }) => writer.add(labels, chunks));
  return joinParts([...parts, ...writer.finish(tombstones)]);
}

/** What was asked of a source. */
export interface ReadCount {
  reads: number;
  bytes: number;
  /** How many rounds: reads that began before an answer are of one. */
  rounds: number;
}

/** Reads a block in memory as from a bucket, and counts. */
export function sourceOf(id: string, files: BlockFiles): BlockSource & { readonly count: ReadCount } {
  const count = { reads: 0, bytes: 0, rounds: 0 };
  let open = 0;
  const read: ReadRange = async (path, range) => {
    if (open++ === 0) count.rounds++;
    await new Promise((resolve) => setImmediate(resolve));
    open--;
    const file = files.get(path);
    if (file === undefined) return undefined;
    const { offset, length } = range ?? { offset: 0, length: file.length };
    const body = file.slice(offset, offset + length);
    count.reads++;
    count.bytes += body.length;
    return { body, sizeBytes: file.length };
  };
  return { id, read, count };
}

/** A block in a folder, whole in memory. */
export function readBlockFolder(folder: string, segments = 1): Map<string, Uint8Array> {
  const chunks = Array.from({ length: segments }, (_, i) => `chunks/${String(i + 1).padStart(6, '0')}`);
  const paths = ['meta.json', 'index', 'tombstones', ...chunks];
  return new Map(paths.map((path) => [path, new Uint8Array(readFileSync(join(folder, path)))]));
}
