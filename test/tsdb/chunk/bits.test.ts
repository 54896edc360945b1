import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BitReader } from '#shared/tsdb/chunk/bit-reader.ts';
import { BitWriter } from '#shared/tsdb/chunk/bit-writer.ts';
import { readVarbitInt, readVarbitUint, writeVarbitInt, writeVarbitUint } from '#shared/tsdb/chunk/varbit.ts';
import { fromHex, hex } from './samples.ts';

const NUMBERS: Record<
  string,
  { write(writer: BitWriter, value: number): void; read(reader: BitReader): number; negative: boolean }
> = {
  varint: { write: (writer, value) => writer.varint(value), read: (reader) => reader.varint(), negative: true },
  uvarint: { write: (writer, value) => writer.uvarint(value), read: (reader) => reader.uvarint(), negative: false },
  'signed varbit': { write: writeVarbitInt, read: readVarbitInt, negative: true },
  varbit: { write: writeVarbitUint, read: readVarbitUint, negative: false },
};

/** Numbers around every size of the encodings. */
const EDGES = [0, 1, 2, 3, 6, 7, 8, 9, 12, 14, 17, 18, 24, 25, 31, 32, 33, 52]
  .flatMap((bits) => [2 ** bits - 2, 2 ** bits - 1, 2 ** bits, 2 ** bits + 1])
  .concat(Number.MAX_SAFE_INTEGER);

for (const [name, { write, read, negative }] of Object.entries(NUMBERS)) {
  test(`a ${name} reads as what was written, at any bit`, () => {
    const values = negative ? EDGES.flatMap((value) => [value, -value]) : EDGES.filter((value) => value >= 0);
    const writer = new BitWriter();
    for (const value of values) {
      writer.bits(1, 1 + (Math.abs(value) % 7));
      write(writer, value);
    }
    const reader = new BitReader();
    reader.load(writer.finish(), 0);
    for (const value of values) {
      assert.equal(reader.bits(1 + (Math.abs(value) % 7)), 1);
      assert.equal(read(reader) + 0, value + 0);
    }
  });

  test(`a ${name} is a whole number that a float holds`, () => {
    const bad = [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1.5e9 + 0.5, ...(negative ? [-(2 ** 53)] : [-1])];
    for (const value of bad) assert.throws(() => write(new BitWriter(), value), RangeError, String(value));
  });
}

test('writeVarbitInt() and writeVarbitUint() write the bits that Prometheus does', () => {
  const cases = [
    { signed: 0, expected: '00' },
    { signed: 4, expected: 'a0' },
    { signed: -3, expected: 'a8' },
    { signed: 5, expected: 'c280' },
    { signed: -4, expected: 'de00' },
    { signed: 256, expected: 'e800' },
    { signed: 131072, expected: 'fa0000' },
    { signed: -131072, expected: 'fdfe0000' },
    { signed: 16777217, expected: 'fe00000001000001' },
    { signed: -16777216, expected: 'feffffffff000000' },
    { unsigned: 7, expected: 'b8' },
    { unsigned: 8, expected: 'c400' },
    { unsigned: 33554431, expected: 'fdffffff' },
    { unsigned: 33554432, expected: 'fe00000002000000' },
  ];
  for (const { signed, unsigned, expected } of cases) {
    const writer = new BitWriter();
    if (signed !== undefined) writeVarbitInt(writer, signed);
    else writeVarbitUint(writer, unsigned!);
    assert.equal(hex(writer.finish()), expected, `${signed ?? unsigned}`);
  }
});

test('numbers of 64 bits are read where a float holds them', () => {
  const reader = new BitReader();
  reader.load(fromHex('ff001fffffffffffff'), 0);
  assert.equal(readVarbitInt(reader), 2 ** 53 - 1);
  reader.load(fromHex('ffffe0000000000001'), 0);
  assert.equal(readVarbitInt(reader), -(2 ** 53) + 1);
  for (const text of ['ff0020000000000000', 'ffffdfffffffffffff', 'fe7fffffffffffff']) {
    reader.load(fromHex(text), 0);
    assert.throws(() => readVarbitInt(reader), /is beyond 2\^53 - 1/);
    reader.load(fromHex(text), 0);
    assert.throws(() => readVarbitUint(reader), RangeError);
  }
});

test('BitReader reads what BitWriter wrote, at any bit', () => {
  const piece = fc.tuple(fc.integer({ min: 1, max: 32 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 3000 }), (pieces) => {
      const writer = new BitWriter();
      const expected = pieces.map(([count, bits]) => (count === 32 ? bits : bits >>> (32 - count)));
      let length = 0;
      for (const [i, [count]] of pieces.entries()) {
        writer.bits(expected[i], count);
        length += count;
        assert.equal(writer.byteLength, Math.ceil(length / 8));
      }
      const reader = new BitReader();
      reader.load(writer.finish(), 0);
      assert.deepEqual(
        pieces.map(([count]) => reader.bits(count)),
        expected,
      );
    }),
    { seed: 1, numRuns: 60 },
  );
});
