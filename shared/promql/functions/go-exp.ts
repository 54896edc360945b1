// Go on amd64 computes e^x by a Taylor series with fused multiplications; its bits, and that from 709.436 on the result
// is infinite, follow from that.
import { fusedMultiplyAdd } from './fused-multiply-add.ts';

/** Above this, e^x is no float. */
const OVERFLOW = 709.782712893384;
/** ln 2 in two parts: multiples of the first are nearly exact. */
const LN2_UPPER = 0.693147180559663;
const LN2_LOWER = 2.8235290563031577e-13;
/** 1/8!, 1/7!, … 1/1!. */
const TAYLOR = [
  0.0000248015873015873, 0.0001984126984126984, 0.001388888888888889, 0.008333333333333333, 0.041666666666666664,
  0.16666666666666666, 0.5, 1,
];

/** e^x with the bits of Go on amd64 with FMA: x is taken apart into `k ln 2 + r`, e^(r/16) − 1 comes from a series and is
 *  squared four times.
 *  @see go/src/math/exp_amd64.s */
export function goExp(x: number): number {
  if (!Number.isFinite(x)) return x === Number.NEGATIVE_INFINITY ? 0 : x;
  if (x > OVERFLOW) return Number.POSITIVE_INFINITY;
  if (x < -800) return 0;
  const k = roundHalfEven(x * Math.LOG2E);
  let r = fusedMultiplyAdd(-k, LN2_UPPER, x);
  r = fusedMultiplyAdd(-k, LN2_LOWER, r) * 0.0625;
  let series = TAYLOR[0];
  for (let i = 1; i < TAYLOR.length; i++) series = fusedMultiplyAdd(r, series, TAYLOR[i]);
  // (1 + y)² − 1 = y (y + 2)
  let y = r * series;
  for (let i = 0; i < 3; i++) y *= y + 2;
  y = fusedMultiplyAdd(y + 2, y, 1);
  if (k >= 1024) return Number.POSITIVE_INFINITY;
  if (k > -1023) return y * 2 ** k;
  return k < -1075 ? 0 : y * 2 ** (k + 1022) * 2 ** -1022;
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
