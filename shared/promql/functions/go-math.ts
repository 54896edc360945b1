// Go's versions of functions whose JavaScript counterparts differ by a case or by a last bit: `10 ^ 3` and logarithms are
// compared with == in alerts. exp, sine and their kin stay JavaScript's: Go computes them differently from processor to
// processor, and they agree to three units in the last place.

/** Unlike Math.max: positive infinity wins over NaN.
 *  @see go/src/math/dim.go Max */
export function goMax(a: number, b: number): number {
  return a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b);
}

/** Unlike Math.min: negative infinity wins over NaN.
 *  @see go/src/math/dim.go Min */
export function goMin(a: number, b: number): number {
  return a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(a, b);
}

/** ln 2 in two parts: the first has zeros at the end, so that multiples of it are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** Of the polynomial that log(1+f) comes down to; odd and even powers apart. */
const LOG_ODD = [0.6666666666666735, 0.2857142874366239, 0.1818357216161805, 0.14798198605116586];
const LOG_EVEN = [0.3999999999940942, 0.22222198432149784, 0.15313837699209373];

/** The natural logarithm as in FreeBSD's e_log.c: `x = 2^k (1+f)`, and log(1+f) by a polynomial in `f/(2+f)`.
 *  @see go/src/math/log.go */
export function goLog(value: number): number {
  if (!(value > 0) || value === Number.POSITIVE_INFINITY) return Math.log(value);
  let { fraction, exponent: k } = frexp(value);
  if (fraction < Math.SQRT1_2) {
    fraction *= 2;
    k--;
  }
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const odd = s2 * (LOG_ODD[0] + s4 * (LOG_ODD[1] + s4 * (LOG_ODD[2] + s4 * LOG_ODD[3])));
  const even = s4 * (LOG_EVEN[0] + s4 * (LOG_EVEN[1] + s4 * LOG_EVEN[2]));
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + (odd + even)) + k * LN2_LOW) - f);
}

/** @see go/src/math/log10.go Log2 */
export function goLog2(value: number): number {
  const { fraction, exponent } = frexp(value);
  return fraction === 0.5 ? exponent - 1 : goLog(fraction) * Math.LOG2E + exponent;
}

/** @see go/src/math/log10.go Log10 */
export function goLog10(value: number): number {
  return goLog(value) * Math.LOG10E;
}

/** 2^63: exponents from here on are even and lead to 0 or infinity. */
const HUGE_EXPONENT = 2 ** 63;

/** `base ^ exponent`: the whole part by repeated squaring, the fraction by exp and log. Unlike JavaScript 1 ^ NaN and
 *  (−1) ^ ±Inf are 1.
 *  @see go/src/math/pow.go */
export function goPow(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY) return 1;
  if (exponent === 0.5 && Number.isFinite(base) && base !== 0) return Math.sqrt(base);
  if (exponent === -0.5 && Number.isFinite(base) && base !== 0) return 1 / Math.sqrt(base);
  const special = exponent === 1 || base === 0 || !Number.isFinite(base) || !Number.isFinite(exponent);
  if (special || Math.abs(exponent) >= HUGE_EXPONENT) return base ** exponent;
  return powFinite(base, exponent);
}

function powFinite(base: number, exponent: number): number {
  let whole = Math.floor(Math.abs(exponent));
  let rest = Math.abs(exponent) - whole;
  if (rest !== 0 && base < 0) return Number.NaN;
  let result = 1;
  if (rest !== 0) {
    if (rest > 0.5) {
      rest--;
      whole++;
    }
    result = Math.exp(rest * goLog(base));
  }
  const power = powWhole(base, whole, result);
  if (exponent < 0) return ldexp(1 / power.fraction, -power.exponent);
  return ldexp(power.fraction, power.exponent);
}

interface Binary {
  /** The value is `fraction * 2 ^ exponent`. */
  readonly fraction: number;
  readonly exponent: number;
}

/** Beyond this the result is 0 or infinite whatever follows. */
const EXPONENT_LIMIT = 4096;

function powWhole(base: number, whole: number, start: number): Binary {
  let { fraction: square, exponent: squareExponent } = frexp(base);
  let fraction = start;
  let exponent = 0;
  for (let rest = whole; rest !== 0; rest = Math.floor(rest / 2)) {
    if (Math.abs(squareExponent) > EXPONENT_LIMIT) return { fraction, exponent: exponent + squareExponent };
    if (rest % 2 === 1) {
      fraction *= square;
      exponent += squareExponent;
    }
    square *= square;
    squareExponent *= 2;
    if (square < 0.5) {
      square += square;
      squareExponent--;
    }
  }
  return { fraction, exponent };
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
function ldexp(fraction: number, exponent: number): number {
  const split = frexp(fraction);
  const total = split.exponent + exponent;
  if (total > 1024) return split.fraction * Number.POSITIVE_INFINITY;
  if (total < -1080) return split.fraction * 0;
  // 2^1024 is no float, and 2^-1080 neither: two exact steps to the edge and one that may round.
  if (total > 1000) return split.fraction * 2 ** 1000 * 2 ** (total - 1000);
  if (total < -1000) return split.fraction * 2 ** -1000 * 2 ** (total + 1000);
  return split.fraction * 2 ** total;
}
