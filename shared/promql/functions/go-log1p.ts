// log(1 + x) of FreeBSD's s_log1p.c, bit by bit as in Go.

import { frexp } from '#shared/model/go-math.ts';

/** ln 2 in two parts: the first has zeros at the end, so that multiples of it are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Of the polynomial that log(1 + f) comes down to. */
const L1 = 0.6666666666666735;
const L2 = 0.3999999999940942;
const L3 = 0.2857142874366239;
const L4 = 0.22222198432149784;
const L5 = 0.1818357216161805;
const L6 = 0.15313837699209373;
const L7 = 0.14798198605116586;

/** √2 − 1 and √2/2 − 1: between them `1 + x` needs no power of two. */
const SQRT2_MINUS_1 = 0.41421356237309503;
const HALF_SQRT2_MINUS_1 = -0.2928932188134525;
/** The mantissa of √2, its upper word and the lower one. */
const SQRT2_MANTISSA = 0x6a09e_667f3bcd;
const TWO_52 = 2 ** 52;

/** log(1 + x), exact also where x is small: FreeBSD's s_log1p.c.
 *  @see go/src/math/log1p.go */
export function goLog1p(x: number): number {
  if (x < -1 || Number.isNaN(x)) return Number.NaN;
  if (x === -1) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  const size = Math.abs(x);
  if (size < 2 ** -29) return size < 2 ** -54 ? x : x - x * x * 0.5;
  if (size < SQRT2_MINUS_1 && x > HALF_SQRT2_MINUS_1)
    return logOfNormalized({ f: x, k: 0, correction: 0, tiny: false });
  return logOfNormalized(normalize(x, size));
}

/** `1 + x = 2^k (1 + f)`, and what `1 + x` lost by rounding, relative to it. */
interface Normalized {
  readonly f: number;
  readonly k: number;
  readonly correction: number;
  /** Whether `1 + f` is 1 but for a few last bits. */
  readonly tiny: boolean;
}

function normalize(x: number, size: number): Normalized {
  const u = size < 2 ** 53 ? 1 + x : x;
  const { fraction, exponent } = frexp(u);
  let k = exponent - 1;
  let correction = 0;
  if (size < 2 ** 53) correction = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
  const one = fraction * 2;
  let mantissa = (one - 1) * TWO_52;
  let f = one - 1;
  if (mantissa >= SQRT2_MANTISSA) {
    k++;
    f = one / 2 - 1;
    mantissa = Math.floor((TWO_52 - mantissa) / 4);
  }
  return { f, k, correction, tiny: mantissa === 0 };
}

function logOfNormalized({ f, k, correction, tiny }: Normalized): number {
  const half = 0.5 * f * f;
  if (tiny) {
    if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + (correction + k * LN2_LOW);
    const r = half * (1 - 0.6666666666666666 * f);
    return k === 0 ? f - r : k * LN2_HIGH - (r - (k * LN2_LOW + correction) - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const r = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))));
  if (k === 0) return f - (half - s * (half + r));
  return k * LN2_HIGH - (half - (s * (half + r) + (k * LN2_LOW + correction)) - f);
}
