import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader, ByteWriter } from '#shared/tsdb/encoding/bytes.ts';
import { crc32c } from '#shared/tsdb/encoding/crc32c.ts';

const FUZZ = { seed: 7, numRuns: 100 };

test('signedVarint() writes what Go writes', () => {
  const cases = [
    { value: 0, bytes: [0] },
    { value: -1, bytes: [1] },
    { value: 1, bytes: [2] },
    { value: 63, bytes: [126] },
    { value: -64, bytes: [127] },
    { value: 64, bytes: [0x80, 1] },
    { value: -65, bytes: [0x81, 1] },
    { value: 1_000, bytes: [0xd0, 0x0f] },
    { value: Number.MAX_SAFE_INTEGER, bytes: [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f] },
    { value: Number.MIN_SAFE_INTEGER, bytes: [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f] },
  ];
  for (const { value, bytes } of cases) {
    const out = new ByteWriter();
    out.signedVarint(value);
    assert.deepEqual([...out.finish()], bytes, String(value));
    assert.equal(new ByteReader(out.finish()).signedVarint(), value);
  }
});

test('the reader reads what the writer wrote', () => {
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
  const whole = fc.maxSafeNat();
  const signed = fc.maxSafeInteger();
  fc.assert(
    fc.property(fc.array(fc.tuple(u32, whole, signed, fc.string({ unit: 'binary' })), { maxLength: 9 }), (rows) => {
      const out = new ByteWriter(1);
      for (const [a, b, c, text] of rows) {
        out.u8(a & 0xff);
        out.u32(a);
        out.u32be(a);
        out.u64be(b);
        out.varint(b);
        out.signedVarint(c);
        out.string(text.toWellFormed());
        out.u32sbe(Uint32Array.of(a, a));
      }
      const reader = new ByteReader(out.finish());
      for (const [a, b, c, text] of rows) {
        assert.equal(reader.u8(), a & 0xff);
        assert.equal(reader.u32(), a);
        assert.equal(reader.u32be(), a);
        assert.equal(reader.u64be(), b);
        assert.equal(reader.varint(), b);
        assert.equal(reader.signedVarint(), c);
        assert.equal(reader.string(), text.toWellFormed());
        assert.deepEqual([...reader.u32sbe(2)], [a, a]);
      }
      assert.equal(reader.remaining, 0);
    }),
    FUZZ,
  );
});

test('string() keeps a byte order mark', () => {
  const out = new ByteWriter();
  out.string('\ufeffa');
  assert.equal(new ByteReader(out.finish()).string(), '\ufeffa');
});

test('damaged bytes are refused, not read over', () => {
  const cases: readonly { readonly bytes: number[]; readonly read: (reader: ByteReader) => unknown }[] = [
    { bytes: [], read: (reader) => reader.varint() },
    { bytes: [0x80], read: (reader) => reader.varint() },
    { bytes: new Array(400).fill(0x80), read: (reader) => reader.varint() },
    { bytes: new Array(9).fill(0xff), read: (reader) => reader.varint() },
    { bytes: new Array(9).fill(0xff), read: (reader) => reader.signedVarint() },
    { bytes: [0, 0, 0], read: (reader) => reader.u32be() },
    { bytes: new Array(8).fill(0xff), read: (reader) => reader.u64be() },
    { bytes: [1, 2, 3, 4], read: (reader) => reader.u32sbe(2) },
    { bytes: [5, 1], read: (reader) => reader.string() },
  ];
  for (const { bytes, read } of cases) {
    assert.throws(() => read(new ByteReader(Uint8Array.from(bytes))), RangeError);
  }
});

test('crc32c() of the test vectors of RFC 3720', () => {
  const rising = Uint8Array.from({ length: 32 }, (_, i) => i);
  const cases = [
    { bytes: new Uint8Array(32), expected: 0x8a9136aa },
    { bytes: new Uint8Array(32).fill(0xff), expected: 0x62a8ab43 },
    { bytes: rising, expected: 0x46dd794e },
    { bytes: rising.toReversed(), expected: 0x113fdb5c },
  ];
  for (const { bytes, expected } of cases) {
    assert.equal(crc32c(bytes), expected);
    const within = new Uint8Array(50).fill(9);
    within.set(bytes, 7);
    assert.equal(crc32c(within, 7, 39), expected);
  }
});
