import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatFloat, parseFloat64, parseInt64 } from '#shared/template/go-number.ts';
import { fromBytes, quote, toBytes, unquote, utf8Length } from '#shared/template/go-string.ts';

const FLOATS = [
  { value: 2.5, verb: 'f', precision: 0, expected: '2' },
  { value: 3.5, verb: 'f', precision: 0, expected: '4' },
  { value: 1.005, verb: 'f', precision: 2, expected: '1.00' },
  { value: 99_999.5, verb: 'e', precision: 3, expected: '1.000e+05' },
  { value: 123_456_789, verb: 'g', precision: -1, expected: '1.23456789e+08' },
  { value: 100_000, verb: 'g', precision: -1, expected: '100000' },
  { value: 1e6, verb: 'g', precision: -1, expected: '1e+06' },
  { value: 0.0001, verb: 'g', precision: -1, expected: '0.0001' },
  { value: 0.000_01, verb: 'G', precision: -1, expected: '1E-05' },
  { value: 1234.5678, verb: 'g', precision: 4, expected: '1235' },
  { value: -0, verb: 'g', precision: -1, expected: '-0' },
  { value: 1e22, verb: 'f', precision: -1, expected: '10000000000000000000000' },
  { value: 5e-324, verb: 'e', precision: 20, expected: '4.94065645841246544177e-324' },
  { value: 1, verb: 'b', precision: -1, expected: '4503599627370496p-52' },
  { value: 1.5, verb: 'x', precision: -1, expected: '0x1.8p+00' },
  { value: 5e-324, verb: 'x', precision: -1, expected: '0x1p-1074' },
  { value: Number.NaN, verb: 'f', precision: 2, expected: 'NaN' },
  { value: -Infinity, verb: 'e', precision: 2, expected: '-Inf' },
];

test('formatFloat() writes floats as Go does', () => {
  for (const { value, verb, precision, expected } of FLOATS)
    assert.equal(formatFloat(value, verb, precision), expected);
});

test('parseFloat64() reads what formatFloat() writes', () => {
  const property = fc.property(fc.double({ noNaN: true }), fc.constantFrom('e', 'f', 'g', 'x'), (value, verb) => {
    assert.ok(Object.is(parseFloat64(formatFloat(value, verb, -1)), value));
  });
  fc.assert(property, { seed: 1, numRuns: 500 });
});

const LITERALS = [
  { text: '0x1F', expected: 31n },
  { text: '0b_1', expected: 1n },
  { text: '017', expected: 15n },
  { text: '-9223372036854775808', expected: -0x8000000000000000n },
  { text: '9223372036854775808', expected: undefined },
  { text: '1__0', expected: undefined },
  { text: '_1', expected: undefined },
  { text: '08', expected: undefined },
  { text: '0x', expected: undefined },
  { text: '', expected: undefined },
];

test('parseInt64() reads the literals of Go', () => {
  for (const { text, expected } of LITERALS) assert.equal(parseInt64(text), expected, text);
});

test('bytes that are no UTF-8 survive strings', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
    const text = fromBytes(bytes);
    assert.deepEqual(toBytes(text), bytes);
    assert.equal(utf8Length(text), bytes.length);
    assert.equal(unquote(quote(text)), text);
  });
  fc.assert(property, { seed: 2, numRuns: 1000 });
});
