import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeChunk } from '#shared/tsdb/chunk/chunk.ts';
import { isChunkEncoding, sampleCount, XOR } from '#shared/tsdb/chunk/encoding.ts';
import { createSampleColumns } from '#shared/tsdb/chunk/sample-columns.ts';
import { GOLDEN } from './golden.ts';
import { decoded, fromHex, hex, rowsOf } from './samples.ts';

/** Reads bytes that may be anything: the count of the header is true, else there is a RangeError with an offset. */
function readAnything(encoding: number, chunk: Uint8Array): void {
  try {
    assert.ok(isChunkEncoding(encoding));
    const columns = createSampleColumns(sampleCount(encoding, chunk), { startTimestamps: true, histograms: true });
    assert.equal(decodeChunk(encoding, chunk, { columns }), columns.timestampsMs.length);
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
    assert.match(error.message, /^Cannot (read|decode) |unknown schema/);
  }
}

test('decodeChunk() of a chunk with any bit flipped gives samples or a RangeError', () => {
  for (const { encoding, bytes } of GOLDEN) {
    const chunk = fromHex(bytes);
    for (let bit = 0; bit < chunk.length * 8; bit++) {
      const flipped = Uint8Array.from(chunk);
      flipped[bit >> 3] ^= 0x80 >> (bit & 7);
      readAnything(encoding, flipped);
    }
  }
});

test('decodeChunk() of a chunk that is cut off anywhere gives a RangeError', () => {
  for (const { name, encoding, bytes } of GOLDEN) {
    const chunk = fromHex(bytes);
    for (let length = 0; length < chunk.length - 1; length++) {
      assert.throws(() => decoded(encoding, chunk.subarray(0, length)), { name: 'RangeError' }, `${name}: ${length}`);
    }
  }
});

test('decodeChunk() of any bytes in any encoding gives samples or a RangeError', () => {
  const header = fc.constantFrom([0, 1, 0], [0, 120, 0], [0, 9, 0x81], [0xff, 0xff, 0xff], [0, 2, 0xc0]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), header, fc.uint8Array({ maxLength: 400 }), (encoding, head, tail) => {
      readAnything(encoding, Uint8Array.from([...head, ...tail]));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('decodeChunk() reads nothing outside of the chunk', () => {
  for (const { encoding, bytes } of GOLDEN) {
    const chunk = fromHex(bytes);
    const before = rowsOf(decoded(encoding, chunk));
    const around = new Uint8Array(chunk.length + 40).fill(0xff);
    around.set(chunk, 17);
    assert.deepEqual(rowsOf(decoded(encoding, around.subarray(17, 17 + chunk.length))), before);
    assert.equal(hex(around.subarray(17, 17 + chunk.length)), bytes);
  }
});

test('decodeChunk() says what is wrong, and where', () => {
  const cases = [
    { encoding: 0, bytes: '0000', error: 'Cannot decode chunk: encoding 0 is not one of 1 to 6' },
    { encoding: 7, bytes: '0000', error: 'Cannot decode chunk: encoding 7 is not one of 1 to 6' },
    { encoding: XOR, bytes: '00', error: 'Cannot decode XOR chunk: it has 1 bytes, its header 2' },
    { encoding: XOR, bytes: '0001', error: 'Cannot read chunk: it ends at byte 2, before its last sample' },
    {
      encoding: XOR,
      bytes: '0001ffffffffffffffffff01',
      error: 'Cannot read chunk: number 36028797018963970 is beyond 2^53 - 1 before byte 10',
    },
    {
      encoding: XOR,
      bytes: '00020200000000000000000280',
      error: 'Cannot read chunk: a value uses the window of the one before, which has none before byte 12',
    },
  ];
  for (const { encoding, bytes, error } of cases) {
    const columns = createSampleColumns(10);
    assert.throws(() => decodeChunk(encoding, fromHex(bytes), { columns }), { name: 'RangeError', message: error });
  }
});

test('decodeChunk() of histograms needs a column for them', () => {
  const { bytes, encoding } = GOLDEN.find((golden) => golden.encoding === 2)!;
  assert.throws(() => decodeChunk(encoding, fromHex(bytes), { columns: createSampleColumns(9) }), {
    name: 'TypeError',
    message: 'Cannot decode histogram chunk: there is no column for histograms',
  });
});
