import type { BuiltChunk } from './built-chunk.ts';
import { chunkRangeEnd, foreseeChunkEnd, MAX_XOR_BYTES, SAMPLES_PER_CHUNK } from './chunk-cuts.ts';
import { sampleCount, XOR, XOR2 } from './encoding.ts';
import type { SampleColumns } from './sample-columns.ts';
import { encodeXor } from './xor.ts';
import { encodeXor2 } from './xor2.ts';

/** Makes chunks of consecutive float samples, cut where the head of Prometheus cuts them. A chunk is XOR2 when its first
 *  sample has a start timestamp; a sample that has one does not go into a chunk that cannot hold it.
 *  @param samples Those from `from` to before `to` are written.
 *  @see prometheus/tsdb/head_append.go appendPreprocessor, storage/series.go seriesToChunkEncoder */
export function encodeFloatRun(
  samples: SampleColumns,
  { from, to, rangeMs }: { readonly from: number; readonly to: number; readonly rangeMs: number },
): BuiltChunk[] {
  const chunks: BuiltChunk[] = [];
  for (let at = from; at < to; ) {
    const encoding = startOf(samples, at) !== 0 ? XOR2 : XOR;
    const end = foreseenEnd(samples, { from: at, to, rangeMs, mayHaveStarts: encoding === XOR2 });
    const encode = encoding === XOR2 ? encodeXor2 : encodeXor;
    const bytes = encode(samples, { from: at, to: end, cutAboveBytes: MAX_XOR_BYTES });
    const count = sampleCount(encoding, bytes);
    const { timestampsMs } = samples;
    chunks.push({ encoding, minMs: timestampsMs[at], maxMs: timestampsMs[at + count - 1], sampleCount: count, bytes });
    at += count;
  }
  return chunks;
}

function startOf({ startTimestampsMs }: SampleColumns, at: number): number {
  return startTimestampsMs === undefined ? 0 : startTimestampsMs[at];
}

/** Where the chunk that begins at `from` ends by time and number, whatever its size. */
function foreseenEnd(
  samples: SampleColumns,
  { from, to, rangeMs, mayHaveStarts }: { from: number; to: number; rangeMs: number; mayHaveStarts: boolean },
): number {
  const { timestampsMs, startTimestampsMs } = samples;
  const firstMs = timestampsMs[from];
  let endMs = chunkRangeEnd(firstMs, rangeMs);
  const last = Math.min(to, from + 2 * SAMPLES_PER_CHUNK);
  for (let i = from + 1; i < last; i++) {
    if (i - from === SAMPLES_PER_CHUNK / 4) {
      endMs = foreseeChunkEnd({ firstMs, lastMs: timestampsMs[i - 1], endMs }, 4);
    }
    if (timestampsMs[i] >= endMs) return i;
    if (!mayHaveStarts && startTimestampsMs !== undefined && startTimestampsMs[i] !== 0) return i;
  }
  return last;
}
