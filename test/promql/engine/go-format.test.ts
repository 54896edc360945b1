import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatGoF, formatGoG, formatLabelSet, formatRfc3339 } from '#shared/promql/engine/go-format.ts';

test('formatGoG() writes floats as %g', () => {
  const cases: [value: number, expected: string][] = [
    [0, '0'],
    [-0, '-0'],
    [1.5, '1.5'],
    [123456, '123456'],
    [1234567, '1.234567e+06'],
    [1e6, '1e+06'],
    [100000, '100000'],
    [0.0001, '0.0001'],
    [0.00001234, '1.234e-05'],
    [-2.5e-7, '-2.5e-07'],
    [1e100, '1e+100'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ];
  for (const [value, expected] of cases) assert.equal(formatGoG(value), expected);
});

test('formatGoG() rounds to a precision', () => {
  const cases: [value: number, expected: string][] = [
    [5, '5'],
    [10, '10'],
    [123, '1.2e+02'],
    [0.123, '0.12'],
    [0.00001234, '1.2e-05'],
    [165, '1.6e+02'],
    [-175, '-1.8e+02'],
    [0.125, '0.12'],
    [995, '1e+03'],
  ];
  for (const [value, expected] of cases) assert.equal(formatGoG(value, 2), expected);
});

test('formatGoF() writes floats as %f', () => {
  assert.equal(formatGoF(1.5), '1.500000');
  assert.equal(formatGoF(1 / 128), '0.007812');
  assert.equal(formatGoF(-3 / 128), '-0.023438');
  assert.equal(formatGoF(1e21), '1000000000000000000000.000000');
  assert.equal(formatGoF(Number.POSITIVE_INFINITY), '+Inf');
});

test('formatLabelSet() shows the metric name among the labels', () => {
  assert.equal(formatLabelSet([]), '{}');
  assert.equal(formatLabelSet(['__name__', 'up', 'a b', 'x"y']), '{__name__="up", "a b"="x\\"y"}');
});

test('formatRfc3339() leaves fractions of seconds out', () => {
  assert.equal(formatRfc3339(1_700_000_000_999), '2023-11-14T22:13:20Z');
});
