import { type Binary, frexp, goLog, ldexp } from '#shared/model/go-math.ts';
import { goExp } from './go-exp.ts';

// Go's versions of functions whose JavaScript counterparts differ by a case or by a last bit: `10 ^ 3` and logarithms are
// compared with == in alerts.

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
    result = goExp(rest * goLog(base));
  }
  const power = powWhole(base, whole, result);
  if (exponent < 0) return ldexp(1 / power.fraction, -power.exponent);
  return ldexp(power.fraction, power.exponent);
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
