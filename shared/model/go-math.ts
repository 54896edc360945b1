// Go's logarithm and power of two, bit by bit: JavaScript's differ by a last bit, and what is computed from them is compared
// with ==. And floats taken apart into fraction and exponent.

/** ln 2 in two parts: the first has zeros at the end, so that multiples of it are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Of the polynomial that log(1 + f) comes down to; the odd ones and the even ones make two. */
const L1 = 0.6666666666666735;
const L2 = 0.3999999999940942;
const L3 = 0.2857142874366239;
const L4 = 0.22222198432149784;
const L5 = 0.1818357216161805;
const L6 = 0.15313837699209373;
const L7 = 0.14798198605116586;

/** The natural logarithm: `x = 2^k (1 + f)`, and log(1 + f) by a polynomial in `f / (2 + f)`. A subnormal number is read
 *  as if it were normal, as Go's assembly does on amd64.
 *  @see go/src/math/log_amd64.s */
export function goLog(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return Math.log(x);
  parts.setFloat64(0, x);
  const high = parts.getUint32(0);
  let k = (high >>> 20) - EXPONENT_BIAS;
  parts.setUint32(0, (high & 0xfffff) | (EXPONENT_BIAS << 20));
  let fraction = parts.getFloat64(0);
  if (fraction <= Math.SQRT1_2) {
    fraction *= 2;
    k--;
  }
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const odd = s2 * (L1 + s4 * (L3 + s4 * (L5 + s4 * L7)));
  const even = s4 * (L2 + s4 * (L4 + s4 * L6));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + (odd + even)) + k * LN2_LOW) - f);
}

/** @see go/src/math/log10.go Log2 */
export function goLog2(value: number): number {
  const { fraction, exponent } = frexp(value);
  return fraction === 0.5 ? exponent - 1 : goLog(fraction) * Math.LOG2E + exponent;
}

/** Of the polynomial that e^r comes down to. */
const EXP_TERMS = [
  0.16666666666666666, -0.0027777777777015593, 0.00006613756321437934, -0.0000016533902205465252, 4.1381367970572385e-8,
];

/** 2^value: `value = k + t` with |t| ≤ 1/2, and e^(t ln 2) by a rational function.
 *  @see go/src/math/exp.go Exp2 */
export function goExp2(value: number): number {
  if (Number.isNaN(value)) return value;
  if (value > 1023.9999999999999) return Number.POSITIVE_INFINITY;
  if (value < -1074) return 0;
  const k = Math.trunc(value > 0 ? value + 0.5 : value - 0.5);
  const t = value - k;
  const high = t * LN2_HIGH;
  const low = -t * LN2_LOW;
  const r = high - low;
  const square = r * r;
  const [p1, p2, p3, p4, p5] = EXP_TERMS;
  const c = r - square * (p1 + square * (p2 + square * (p3 + square * (p4 + square * p5))));
  return ldexp(1 - (low - (r * c) / (2 - c) - high), k);
}

export interface Binary {
  /** The value is `fraction * 2 ^ exponent`. */
  readonly fraction: number;
  readonly exponent: number;
}

const parts = new DataView(new ArrayBuffer(8));
/** Added to the exponent in a float's bits. */
const EXPONENT_BIAS = 1022;

/** Splits a float into a fraction in [0.5, 1) and a power of two; 0, infinities and NaN are their own fraction.
 *  @see go/src/math/frexp.go */
export function frexp(value: number): Binary {
  if (value === 0 || !Number.isFinite(value)) return { fraction: value, exponent: 0 };
  const subnormal = Math.abs(value) < 2 ** -1022;
  parts.setFloat64(0, subnormal ? value * 2 ** 52 : value);
  const high = parts.getUint32(0);
  const exponent = ((high >>> 20) & 0x7ff) - EXPONENT_BIAS - (subnormal ? 52 : 0);
  parts.setUint32(0, (high & 0x800fffff) | (EXPONENT_BIAS << 20));
  return { fraction: parts.getFloat64(0), exponent };
}

/** `fraction * 2 ^ exponent`, rounded once.
 *  @see go/src/math/ldexp.go */
export function ldexp(fraction: number, exponent: number): number {
  if (fraction === 0) return fraction;
  const split = frexp(fraction);
  const total = split.exponent + exponent;
  if (total > 1024) return split.fraction * Number.POSITIVE_INFINITY;
  if (total < -1080) return split.fraction * 0;
  // 2^1024 is no float, and 2^-1080 neither: two exact steps to the edge and one that may round.
  if (total > 1000) return split.fraction * 2 ** 1000 * 2 ** (total - 1000);
  if (total < -1000) return split.fraction * 2 ** -1000 * 2 ** (total + 1000);
  return split.fraction * 2 ** total;
}
