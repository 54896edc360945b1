import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBucketView } from '#shared/model/histogram/buckets.ts';
import { histogramFraction } from '#shared/model/histogram/fraction.ts';
import { fractionBelow } from '#shared/model/histogram/interpolate.ts';
import { histogramQuantile } from '#shared/model/histogram/quantile.ts';
import { histogramStandardDeviation, histogramVariance } from '#shared/model/histogram/stats.ts';
import { type TrimSide, trimHistogram } from '#shared/model/histogram/trim.ts';
import { plain, type Sample, sample } from './sample.ts';

const infinity = Number.POSITIVE_INFINITY;
const both: Sample = { zero: [0.5, 2], count: 12, sum: 1, positive: [[1, 2, 3]], negative: [[1, 4, 1]] };
const positive: Sample = { zero: [0.5, 2], count: 12, sum: 100, positive: [[1, 4, 6]] };
const negative: Sample = { zero: [0.5, 2], count: 12, sum: -100, negative: [[1, 4, 6]] };
const custom: Sample = { bounds: [1, 2, 4], count: 16, sum: 40, positive: [[0, 4, 4, 4, 4]] };
const belowZero: Sample = { bounds: [-1, 1], count: 4, sum: 0, positive: [[0, 2, 2]] };

test('histogramQuantile() interpolates within a bucket', () => {
  const nan = { count: 12, sum: Number.NaN, positive: [[1, 4, 6]] };
  const cases: readonly { of: Sample; phi: number; expected: number; nan?: string }[] = [
    { of: both, phi: -0.1, expected: -infinity },
    { of: both, phi: 1.1, expected: infinity },
    { of: both, phi: Number.NaN, expected: Number.NaN },
    { of: {}, phi: 0.5, expected: Number.NaN },
    { of: both, phi: 0, expected: -4 },
    { of: both, phi: 1, expected: 4 },
    { of: both, phi: 0.5, expected: 0 },
    { of: both, phi: 8 / 12, expected: Math.SQRT2 },
    { of: both, phi: 3 / 12, expected: -Math.SQRT2 },
    { of: positive, phi: 1 / 12, expected: 0.25 },
    { of: positive, phi: 9 / 12, expected: 2 * Math.SQRT2 },
    { of: negative, phi: 11 / 12, expected: -0.25 },
    { of: custom, phi: 0.125, expected: 0.5 },
    { of: custom, phi: 0.375, expected: 1.5 },
    { of: custom, phi: 0.625, expected: 3 },
    { of: custom, phi: 0.9, expected: 4 },
    { of: belowZero, phi: 0.25, expected: -1 },
    { of: belowZero, phi: 0.75, expected: 0 },
    { of: { count: 3, sum: 1 }, phi: 0.5, expected: 0 },
    { of: { ...nan, count: 10 }, phi: 0.2, expected: Math.SQRT2 },
    { of: nan, phi: 2 / 12, expected: Math.SQRT2, nan: 'skewed' },
    { of: nan, phi: 0.9, expected: Number.NaN, nan: 'result' },
  ];
  for (const { of, phi, expected, nan } of cases) {
    const quantile = histogramQuantile(phi, sample(of));
    const name = `${phi} of ${JSON.stringify(of)}: ${quantile.value}`;
    assert.ok(Object.is(quantile.value, expected) || Math.abs(quantile.value - expected) < 1e-14, name);
    assert.equal(quantile.nan, nan, name);
  }
});

test('histogramFraction() interpolates within a bucket', () => {
  const nan = { count: 20, sum: Number.NaN, positive: [[1, 4, 6]] };
  const cases: readonly { of: Sample; from: number; to: number; expected: number; nans?: boolean }[] = [
    { of: both, from: -infinity, to: infinity, expected: 1 },
    { of: both, from: 1, to: 1, expected: 0 },
    { of: both, from: 2, to: 1, expected: 0 },
    { of: both, from: Number.NaN, to: 1, expected: Number.NaN },
    { of: both, from: 0, to: Number.NaN, expected: Number.NaN },
    { of: {}, from: 0, to: 1, expected: Number.NaN },
    { of: both, from: 0, to: 2, expected: 3 / 12 },
    { of: both, from: -2, to: 0, expected: 5 / 12 },
    { of: both, from: Math.SQRT2, to: 4, expected: 4 / 12 },
    { of: both, from: -Math.SQRT2, to: -0.5, expected: 2 / 12 },
    { of: both, from: 100, to: 200, expected: 0 },
    { of: positive, from: 0, to: 0.25, expected: 1 / 12 },
    { of: negative, from: -0.25, to: 0, expected: 1 / 12 },
    { of: custom, from: 0, to: 0.5, expected: 2 / 16 },
    { of: custom, from: -infinity, to: 1.5, expected: 6 / 16 },
    { of: custom, from: 4, to: infinity, expected: 4 / 16 },
    { of: custom, from: 5, to: infinity, expected: 4 / 16 },
    { of: belowZero, from: -infinity, to: -2, expected: 2 / 4 },
    { of: nan, from: -infinity, to: infinity, expected: 10 / 20, nans: true },
    { of: nan, from: -infinity, to: 2, expected: 4 / 20, nans: true },
    { of: { ...nan, count: 10 }, from: -infinity, to: 2, expected: 4 / 10 },
  ];
  for (const { of, from, to, expected, nans = false } of cases) {
    const fraction = histogramFraction(from, to, sample(of));
    const name = `${from} to ${to} of ${JSON.stringify(of)}: ${fraction.value}`;
    assert.ok(Object.is(fraction.value, expected) || Math.abs(fraction.value - expected) < 1e-14, name);
    assert.equal(fraction.nans, nans, name);
  }
});

test('fractionBelow() is linear by value or by its logarithm', () => {
  const cases = [
    { lower: 0, upper: 10, value: 5, linear: true, expected: 0.5 },
    { lower: -10, upper: -5, value: -6, linear: true, expected: 0.8 },
    { lower: 2, upper: 8, value: 4, linear: false, expected: 0.5 },
    { lower: 1, upper: 16, value: 2, linear: false, expected: 0.25 },
    { lower: -8, upper: -2, value: -4, linear: false, expected: 0.5 },
    { lower: -4, upper: -2, value: -3, linear: false, expected: 0.4150374992788437 },
  ];
  for (const { lower, upper, value, linear, expected } of cases) {
    assert.equal(fractionBelow({ ...createBucketView(), lower, upper }, value, linear), expected);
  }
});

test('histogramVariance() takes observations to be in the middle of their buckets', () => {
  const cases: readonly { of: Sample; expected: number }[] = [
    {
      of: { count: 2, sum: 4, positive: [[1, 0, 1, 1]] },
      expected: ((Math.sqrt(8) - 2) ** 2 + (Math.sqrt(32) - 2) ** 2) / 2,
    },
    { of: { zero: [0.5, 4], count: 4, sum: 0 }, expected: 0 },
    { of: { count: 2, sum: 0, positive: [[1, 1]], negative: [[1, 1]] }, expected: 2 },
    { of: { bounds: [0, 2, 4], count: 2, sum: 4, positive: [[1, 1, 1]] }, expected: 1 },
    { of: {}, expected: Number.NaN },
  ];
  for (const { of, expected } of cases) {
    const variance = histogramVariance(sample(of));
    assert.ok(Object.is(variance, expected) || Math.abs(variance - expected) < 1e-14, JSON.stringify({ of, variance }));
  }
  assert.equal(histogramStandardDeviation(sample({ bounds: [0, 6], count: 1, sum: 5, positive: [[1, 1]] })), 2);
});

test('trimHistogram() keeps one side of a bound', () => {
  const root = Math.SQRT2;
  const cases: readonly { of: Sample; keep: TrimSide; bound: number; expected: Sample }[] = [
    { of: both, keep: 'below', bound: 4, expected: both },
    { of: both, keep: 'above', bound: -4, expected: both },
    {
      of: both,
      keep: 'below',
      bound: 2,
      expected: { ...both, count: 9, sum: 2 * root - 4 * root - 2 * root, positive: [[1, 2]] },
    },
    {
      of: both,
      keep: 'above',
      bound: 0,
      expected: { ...both, zero: [0.5, 1], count: 6, sum: 2 * root + 6 * root + 0.25, negative: [] },
    },
    { of: positive, keep: 'below', bound: 0.25, expected: { zero: [0.5, 1], count: 1, sum: 0.125 } },
    { of: negative, keep: 'above', bound: -0.25, expected: { zero: [0.5, 1], count: 1, sum: -0.125 } },
    { of: positive, keep: 'above', bound: 4, expected: { zero: [0.5, 0] } },
    { of: positive, keep: 'below', bound: -1, expected: { zero: [0.5, 0] } },
    {
      of: custom,
      keep: 'below',
      bound: 3,
      expected: { ...custom, count: 10, sum: 2 + 6 + 5, positive: [[0, 4, 4, 2]] },
    },
    { of: custom, keep: 'above', bound: 3, expected: { ...custom, count: 6, sum: 7 + 16, positive: [[2, 2, 4]] } },
    { of: custom, keep: 'below', bound: 0.5, expected: { ...custom, count: 2, sum: 0.5, positive: [[0, 2]] } },
    {
      of: custom,
      keep: 'above',
      bound: 0.5,
      expected: { ...custom, count: 14, sum: 1.5 + 6 + 12 + 16, positive: [[0, 2, 4, 4, 4]] },
    },
    { of: custom, keep: 'above', bound: 5, expected: { ...custom, count: 4, sum: 20, positive: [[3, 4]] } },
    {
      of: custom,
      keep: 'below',
      bound: 5,
      expected: { ...custom, count: 12, sum: 2 + 6 + 12, positive: [[0, 4, 4, 4]] },
    },
    { of: custom, keep: 'below', bound: -1, expected: { ...custom, count: 0, sum: 0, positive: [] } },
    { of: belowZero, keep: 'below', bound: -2, expected: { ...belowZero, count: 2, sum: -4, positive: [[0, 2]] } },
    { of: belowZero, keep: 'above', bound: -2, expected: { ...belowZero, count: 2, sum: 0, positive: [[1, 2]] } },
  ];
  for (const { of, keep, bound, expected } of cases) {
    const trimmed = trimHistogram(sample(of), bound, keep);
    const name = JSON.stringify({ of, keep, bound, sum: trimmed.sum });
    const { sum = 0 } = expected;
    assert.ok(Math.abs(trimmed.sum - sum) < 1e-14, name);
    assert.deepEqual(plain({ ...trimmed, sum }), plain(sample(expected)), name);
  }
});

test('trimHistogram() returns a histogram itself when nothing goes', () => {
  const histogram = sample(custom);
  assert.equal(trimHistogram(histogram, infinity, 'below'), histogram);
});
