import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { BuiltChunk } from '#shared/tsdb/chunk/built-chunk.ts';
import { decodeChunk } from '#shared/tsdb/chunk/chunk.ts';
import { ChunkBuilder } from '#shared/tsdb/chunk/chunk-builder.ts';
import { isChunkEncoding, sampleCount, XOR, XOR2 } from '#shared/tsdb/chunk/encoding.ts';
import { createSampleColumns, type SampleColumns } from '#shared/tsdb/chunk/sample-columns.ts';
import { encodeXor } from '#shared/tsdb/chunk/xor.ts';
import { encodeXor2 } from '#shared/tsdb/chunk/xor2.ts';
import { crc32c } from '#shared/tsdb/encoding/crc32c.ts';
import { runPromtool, skipWithoutOracle } from '#test/support/oracle.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';

interface StoredChunk {
  readonly encoding: number;
  readonly bytes: Uint8Array;
}

const SEGMENT_HEADER_BYTES = 8;

/** The chunks of a block's segment files, in the order of the files. @see prometheus/tsdb/docs/format/chunks.md */
function* chunksOf(block: string): Generator<StoredChunk> {
  const folder = join(block, 'chunks');
  for (const name of readdirSync(folder).toSorted()) {
    const file = new Uint8Array(readFileSync(join(folder, name)));
    for (let at = SEGMENT_HEADER_BYTES; at < file.length; ) {
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        length |= (file[at] & 0x7f) << shift;
        if (file[at++] < 0x80) break;
      }
      const end = at + 1 + length;
      const checksum = new DataView(file.buffer, file.byteOffset + end, 4).getUint32(0);
      assert.equal(crc32c(file.subarray(at, end)), checksum);
      yield { encoding: file[at], bytes: file.subarray(at + 1, end) };
      at = end + 4;
    }
  }
}

function decode({ encoding, bytes }: StoredChunk): SampleColumns {
  assert.ok(isChunkEncoding(encoding));
  const columns = createSampleColumns(sampleCount(encoding, bytes), { startTimestamps: true });
  decodeChunk(encoding, bytes, { columns });
  return columns;
}

/** Decodes and encodes every chunk of floats. @returns How many there are. */
function assertSameBytes(chunks: Iterable<StoredChunk>): number {
  let count = 0;
  for (const chunk of chunks) {
    const columns = decode(chunk);
    const encode = chunk.encoding === XOR2 ? encodeXor2 : encodeXor;
    assert.ok(chunk.encoding === XOR || chunk.encoding === XOR2);
    const again = encode(columns, { from: 0, to: columns.timestampsMs.length });
    assert.deepEqual(again, Uint8Array.from(chunk.bytes), `chunk ${count}`);
    count++;
  }
  return count;
}

const DEMO_BLOCK = 'conformance/tsdb/demo-block';

test('chunks of a block of the real Prometheus become the same bytes again', { skip: skipWithout(DEMO_BLOCK) }, () => {
  let samples = 0;
  const chunks = [...chunksOf(sharedData(DEMO_BLOCK)!)];
  for (const chunk of chunks) samples += decode(chunk).timestampsMs.length;
  assert.equal(samples, 167_563);
  assert.equal(assertSameBytes(chunks), chunks.length);
});

const SERIES = 520;
const SAMPLES = 480;
const STEP_MS = 15_000;
/** Begins a range of two hours. */
const START_MS = 1_699_999_200_000;

/** How the series go: value of sample `i` of series `k`. */
const SHAPES: readonly ((i: number, random: () => number, k: number) => number)[] = [
  (_i, _random, k) => k,
  (i) => i * 17,
  (i, random) => i * 100 + Math.floor(random() * 50),
  (i, random) => Math.sin(i / 40) * 100 + random(),
  (_i, random) => Math.round(random() * 1000) / 10,
  (_i, random) => (random() < 0.1 ? Number.NaN : 1),
  (_i, random) => (random() - 0.5) * 10 ** Math.floor(random() * 300),
  (i) => (i % 97) * 1e9,
];

function openMetrics(): string {
  const lines: string[] = [];
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let k = 0; k < SERIES; k++) {
    const shape = SHAPES[k % SHAPES.length];
    const jitter = k % 3 === 0 ? 400 : 0;
    for (let i = 0; i < SAMPLES; i++) {
      const time = START_MS + i * STEP_MS + Math.floor(random() * jitter);
      lines.push(`m_${k} ${shape(i, random, k)} ${(time / 1000).toFixed(3)}`);
    }
  }
  lines.push('# EOF', '');
  return lines.join('\n');
}

/** The chunks of one series after the other: times fall where the next one begins. */
function seriesOf(chunks: Iterable<StoredChunk>): (readonly StoredChunk[])[] {
  const series: StoredChunk[][] = [];
  let last = Number.POSITIVE_INFINITY;
  for (const chunk of chunks) {
    const { timestampsMs } = decode(chunk);
    if (timestampsMs[0] <= last) series.push([]);
    series[series.length - 1].push(chunk);
    last = timestampsMs[timestampsMs.length - 1];
  }
  return series;
}

function rebuild(builder: ChunkBuilder, chunks: readonly StoredChunk[]): BuiltChunk[] {
  for (const chunk of chunks) builder.append(decode(chunk));
  return builder.finish();
}

test('chunks that promtool makes are cut where ChunkBuilder cuts, and have the same bytes', {
  skip: skipWithoutOracle('promtool'),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsdb-chunks-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const input = join(folder, 'input.txt');
  writeFileSync(input, openMetrics());
  await runPromtool('tsdb', 'create-blocks-from', 'openmetrics', input, join(folder, 'data'));
  const blocks = readdirSync(join(folder, 'data'));
  const builder = new ChunkBuilder();
  let count = 0;
  let series = 0;
  for (const block of blocks) {
    const chunks = [...chunksOf(join(folder, 'data', block))];
    count += assertSameBytes(chunks);
    for (const ofSeries of seriesOf(chunks)) {
      series++;
      const bytes = rebuild(builder, ofSeries).map((chunk) => chunk.bytes);
      assert.deepEqual(
        bytes,
        ofSeries.map((chunk) => Uint8Array.from(chunk.bytes)),
      );
    }
  }
  assert.equal(series, SERIES);
  assert.ok(count >= 2000, `${count} chunks`);
});
