import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOpenMetricsFloat, formatTextFloat, parseGoFloat } from '#shared/exposition/float-text.ts';

const PARSED: readonly { input: string; expected: number | string }[] = [
  { input: '1', expected: 1 },
  { input: '-0', expected: -0 },
  { input: '.5', expected: 0.5 },
  { input: '5.', expected: 5 },
  { input: '1E3', expected: 1000 },
  { input: '1e-400', expected: 0 },
  { input: '1e400', expected: 'value out of range' },
  { input: 'NaN', expected: Number.NaN },
  { input: '+nan', expected: 'invalid syntax' },
  { input: 'iNf', expected: Number.POSITIVE_INFINITY },
  { input: '-Infinity', expected: Number.NEGATIVE_INFINITY },
  { input: 'infin', expected: 'invalid syntax' },
  { input: '', expected: 'invalid syntax' },
  { input: '.', expected: 'invalid syntax' },
  { input: '1e', expected: 'invalid syntax' },
  { input: ' 1', expected: 'invalid syntax' },
  { input: '0x1', expected: 'invalid syntax' },
  { input: '0x', expected: 'invalid syntax' },
  { input: '0x1p4', expected: 16 },
  { input: '-0X1.8P1', expected: -3 },
  { input: '0x.8p0', expected: 0.5 },
  { input: '0x1p-1074', expected: 5e-324 },
  { input: '0x1p2000', expected: 'value out of range' },
  { input: '0x1p-2000', expected: 0 },
  { input: '1_000', expected: 1000 },
  { input: '1_23.50_0_0e+1_2', expected: 1.235e14 },
  { input: '0x_1p4', expected: 16 },
  { input: '_1', expected: 'invalid syntax' },
  { input: '1_', expected: 'invalid syntax' },
  { input: '1__0', expected: 'invalid syntax' },
  { input: '1_.5', expected: 'invalid syntax' },
];

test('parseGoFloat() reads what Go’s ParseFloat reads', () => {
  for (const { input, expected } of PARSED) assert.equal(parseGoFloat(input), expected, input);
});

const FORMATTED: readonly { input: number; text: string; openMetrics: string }[] = [
  { input: 0, text: '0', openMetrics: '0.0' },
  { input: -0, text: '-0', openMetrics: '0.0' },
  { input: 1, text: '1', openMetrics: '1.0' },
  { input: -1, text: '-1', openMetrics: '-1.0' },
  { input: 0.1, text: '0.1', openMetrics: '0.1' },
  { input: 0.0001, text: '0.0001', openMetrics: '0.0001' },
  { input: 0.00001, text: '1e-05', openMetrics: '1e-05' },
  { input: 999999, text: '999999', openMetrics: '999999.0' },
  { input: 1e6, text: '1e+06', openMetrics: '1e+06' },
  { input: 123456789, text: '1.23456789e+08', openMetrics: '1.23456789e+08' },
  { input: Number.NaN, text: 'NaN', openMetrics: 'NaN' },
  { input: Number.POSITIVE_INFINITY, text: '+Inf', openMetrics: '+Inf' },
  { input: Number.NEGATIVE_INFINITY, text: '-Inf', openMetrics: '-Inf' },
];

test('floats are written as client_golang writes them', () => {
  for (const { input, text, openMetrics } of FORMATTED) {
    assert.equal(formatTextFloat(input), text);
    assert.equal(formatOpenMetricsFloat(input), openMetrics);
  }
});
