import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChunkEncoding, XOR, XOR2 } from '#shared/tsdb/chunk/encoding.ts';
import { encodeXor } from '#shared/tsdb/chunk/xor.ts';
import { encodeXor2 } from '#shared/tsdb/chunk/xor2.ts';
import { GOLDEN } from './golden.ts';
import { columnsOf, decoded, encodeHistograms, fromHex, hex, rowsOf, type TestSample } from './samples.ts';

for (const { name, encoding, samples, bytes } of GOLDEN) {
  test(`decodeChunk() reads ${name} as Prometheus wrote them`, () => {
    assert.deepEqual(rowsOf(decoded(encoding, fromHex(bytes))), rowsOf(columnsOf(samples)));
  });

  test(`${name} become the bytes that Prometheus writes`, () => {
    assert.equal(hex(encoded(encoding, samples)), bytes);
  });
}

test('decodeChunk() says of counter resets what the header and the position in the chunk tell', () => {
  const hints = (name: string) => {
    const { encoding, bytes } = GOLDEN.find((golden) => golden.name.includes(name))!;
    return decoded(encoding, fromHex(bytes)).histograms!.map((histogram) => histogram?.counterReset);
  };
  assert.deepEqual(hints('histograms that get'), ['unknown', 'not-reset', 'not-reset', undefined]);
  assert.deepEqual(hints('gauge'), ['gauge', 'gauge']);
});

function encoded(encoding: ChunkEncoding, samples: readonly TestSample[]): Uint8Array {
  const range = { from: 0, to: samples.length };
  if (encoding === XOR) return encodeXor(columnsOf(samples), range);
  if (encoding === XOR2) return encodeXor2(columnsOf(samples), range);
  return encodeHistograms(encoding, samples);
}
