import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goExp2, ldexp } from '#shared/model/go-math.ts';

test("goExp2() has the bits of Go's math.Exp2", () => {
  const cases = [
    { value: 0, expected: 1 },
    { value: 10, expected: 1024 },
    { value: 0.25, expected: 1.189207115002721 },
    { value: -0.5, expected: 0.7071067811865475 },
    { value: 1 / 3, expected: 1.2599210498948732 },
    { value: 0.1, expected: 1.0717734625362931 },
    { value: 3.7, expected: 12.99603834169977 },
    { value: -3.7, expected: 0.07694652583405726 },
    { value: 100.25, expected: 1.5074991131288803e30 },
    { value: -1022.5, expected: 1.5733648139913585e-308 },
    { value: -1060.3, expected: 6.575e-320 },
    { value: 1023.9, expected: 1.6773070034857416e308 },
    { value: 1024, expected: Number.POSITIVE_INFINITY },
    { value: -1074, expected: Number.MIN_VALUE },
    { value: -1074.1, expected: 0 },
    { value: Number.NEGATIVE_INFINITY, expected: 0 },
    { value: Number.NaN, expected: Number.NaN },
  ];
  for (const { value, expected } of cases) assert.equal(goExp2(value), expected, `2^${value}`);
});

test('ldexp() rounds once', () => {
  const cases = [
    { fraction: 0.5, exponent: 1025, expected: Number.POSITIVE_INFINITY },
    { fraction: 0.75, exponent: 1024, expected: 0.75 * 2 ** 1023 * 2 },
    { fraction: 0.5, exponent: -1073, expected: Number.MIN_VALUE },
    { fraction: 0.5, exponent: -1074, expected: 0 },
    { fraction: 0.75, exponent: -1074, expected: Number.MIN_VALUE },
    { fraction: 0.75, exponent: -1073, expected: 2 * Number.MIN_VALUE },
    { fraction: -0.5, exponent: -2000, expected: -0 },
    { fraction: 0, exponent: 5000, expected: 0 },
  ];
  for (const { fraction, exponent, expected } of cases) assert.equal(ldexp(fraction, exponent), expected);
});
