import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frexp, goLog, goLog2 } from '#shared/model/go-math.ts';
import { type KahanSum, kahanAdd } from '#shared/model/kahan.ts';
import { bucketFraction, bucketQuantile, type ClassicBuckets } from '#shared/promql/functions/bucket-quantile.ts';
import { DATE_FUNCTIONS } from '#shared/promql/functions/date.ts';
import { parseGoFloat } from '#shared/promql/functions/go-float.ts';
import { goLog10, goMax, goMin, goPow } from '#shared/promql/functions/go-math.ts';
import { naturalLess } from '#shared/promql/functions/natural-order.ts';
import { quantile } from '#shared/promql/functions/quantile.ts';
import type { CallContext } from '#shared/promql/functions/step-function.ts';

const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

test('goPow() and the logarithms have the bits of Go', () => {
  const cases: [actual: number, expected: number][] = [
    [goPow(1, NAN), 1],
    [goPow(-1, INF), 1],
    [goPow(-1, -INF), 1],
    [goPow(NAN, 0), 1],
    [goPow(-2, 0.5), NAN],
    [goPow(-8, 3), -512],
    [goPow(2, -1074), 5e-324],
    [goPow(2, 1024), INF],
    [goPow(10, 400), INF],
    [goPow(10, -400), 0],
    [goPow(0, -1), INF],
    [goPow(-0, -3), -INF],
    [goPow(9, 0.5), 3],
    [goPow(9, -0.5), 1 / 3],
    [goPow(-INF, 3), -INF],
    [goPow(1.1, 10), 2.593742460100002],
    [goLog(0), -INF],
    [goLog(-1), NAN],
    [goLog(10), Math.LN10],
    [goLog2(8), 3],
    [goLog2(5e-324), -1074],
    [goLog2(0), -INF],
    [goLog10(1000), 3],
    [goLog10(INF), INF],
    [goMax(NAN, INF), INF],
    [goMax(NAN, 1), NAN],
    [goMin(NAN, -INF), -INF],
  ];
  for (const [i, [actual, expected]] of cases.entries()) assert.ok(Object.is(actual, expected), `${i}: ${actual}`);
  assert.deepEqual(frexp(-12), { fraction: -0.75, exponent: 4 });
  assert.deepEqual(frexp(5e-324), { fraction: 0.5, exponent: -1073 });
});

test('kahanAdd() keeps what a plain sum loses', () => {
  const state: KahanSum = { sum: 0, compensation: 0 };
  for (const value of [1, 1e100, 1, -1e100]) kahanAdd(state, value);
  assert.equal(state.sum + state.compensation, 2);
  kahanAdd(state, INF);
  assert.deepEqual(state, { sum: INF, compensation: 0 });
});

test('quantile() interpolates, NaN sorts first', () => {
  const cases: [phi: number, values: number[], expected: number][] = [
    [0.5, [3, 1, 2], 2],
    [0.25, [4, 2], 2.5],
    [0, [3, NAN, 1], NAN],
    [1, [3, NAN, 1], 3],
    [0.5, [], NAN],
    [NAN, [1], NAN],
    [-0.1, [1], -INF],
    [1.1, [1], INF],
  ];
  for (const [phi, values, expected] of cases) assert.equal(quantile(phi, Float64Array.from(values)), expected);
});

test('naturalLess() takes runs of digits as numbers', () => {
  const cases: [a: string, b: string, expected: boolean][] = [
    ['disk2', 'disk10', true],
    ['disk10', 'disk2', false],
    ['a', 'b', true],
    ['a1', 'a1b', true],
    ['a1b', 'a1', false],
    ['01', '1', true],
    ['99999999999999999998', '99999999999999999999', true],
    ['', 'a', false],
  ];
  for (const [a, b, expected] of cases) assert.equal(naturalLess(a, b), expected, `${a} < ${b}`);
});

test('parseGoFloat() reads what strconv.ParseFloat reads', () => {
  const cases: [text: string, expected: number | undefined][] = [
    ['1', 1],
    ['.5', 0.5],
    ['5.', 5],
    ['-1e-3', -0.001],
    ['+Inf', INF],
    ['-infinity', -INF],
    ['nan', NAN],
    ['0x1.8p1', 3],
    ['', undefined],
    ['+nan', undefined],
    ['1e400', undefined],
    ['0x10', undefined],
    ['1_000', undefined],
    [' 1', undefined],
    ['.', undefined],
    ['Hello', undefined],
  ];
  for (const [text, expected] of cases) assert.equal(parseGoFloat(text), expected, text);
});

function buckets(...pairs: [upperBound: number, count: number][]): ClassicBuckets {
  const bounds = Float64Array.from(pairs, ([upperBound]) => upperBound);
  return { bounds, counts: Float64Array.from(pairs, ([, count]) => count), length: pairs.length, read: pairs.length };
}

test('bucketQuantile() interpolates and repairs counts that fall', () => {
  assert.equal(bucketQuantile(0.5, buckets([1, 10], [2, 20], [INF, 20])).value, 1);
  assert.equal(bucketQuantile(0.75, buckets([1, 10], [2, 20], [INF, 20])).value, 1.5);
  assert.equal(bucketQuantile(1, buckets([1, 10], [2, 20], [INF, 30])).value, 2);
  assert.equal(bucketQuantile(0.1, buckets([-1, 10], [INF, 20])).value, -1);
  assert.equal(bucketQuantile(0.5, buckets([1, 10], [2, 20])).value, NAN);
  assert.equal(bucketQuantile(0.5, buckets([INF, 20])).value, NAN);
  assert.equal(bucketQuantile(0.5, buckets([1, 0], [INF, 0])).value, NAN);
  const { value, forced } = bucketQuantile(0.9, buckets([1, 10], [2, 8], [INF, 10]));
  assert.equal(value, 0.9);
  assert.deepEqual(forced, { minBucket: 2, maxBucket: 2, maxDiff: 2 });
  assert.equal(bucketQuantile(0.9, buckets([1, 1e15], [2, 1e15 - 1], [INF, 1e15])).forced, undefined);
});

test('bucketFraction() gives the share between two values', () => {
  const histogram = () => buckets([1, 10], [2, 30], [INF, 40]);
  assert.equal(bucketFraction(0, 1, histogram()), 0.25);
  assert.equal(bucketFraction(0.5, 1.5, histogram()), 0.375);
  assert.equal(bucketFraction(-INF, INF, histogram()), 1);
  assert.equal(bucketFraction(3, INF, histogram()), 0.25);
  assert.equal(bucketFraction(2, 1, histogram()), 0);
  assert.equal(bucketFraction(NAN, 1, histogram()), NAN);
});

test('date functions follow the UTC calendar, and Go where it overflows', () => {
  const parts = ['year', 'month', 'day_of_month', 'day_of_year', 'day_of_week', 'hour', 'minute', 'days_in_month'];
  const cases: [seconds: number, expected: number[]][] = [
    [0, [1970, 1, 1, 1, 4, 0, 0, 31]],
    [-1, [1969, 12, 31, 365, 3, 23, 59, 31]],
    [951_782_399, [2000, 2, 28, 59, 1, 23, 59, 29]],
    [1_709_210_096.9, [2024, 2, 29, 60, 4, 12, 34, 29]],
    [9e18, [285_198_648_531, 4, 21, 111, 6, 16, 0, 30]],
    [-9e18, [-285_198_644_592, 9, 12, 256, 1, 8, 0, 30]],
    [NAN, [292_277_026_596, 12, 4, 339, 0, 15, 30, 31]],
    [1e300, [292_277_026_596, 12, 4, 339, 0, 15, 30, 31]],
  ];
  const context = { scope: { steps: 1 }, delayedNameRemoval: false } as CallContext;
  for (const [seconds, expected] of cases) {
    const series = { labels: [], values: Float64Array.of(seconds), present: Uint8Array.of(1), dropName: false };
    const actual = parts.map((part) => {
      const value = DATE_FUNCTIONS[part]([{ kind: 'vector', series: [series] }], context);
      return 'kind' in value && value.kind === 'vector' ? value.series[0].values[0] : undefined;
    });
    assert.deepEqual(actual, expected, String(seconds));
  }
});
