import { goLog } from '#shared/model/go-math.ts';
import { goExp } from './go-exp.ts';
import { goLog1p } from './go-log1p.ts';

/** From here on e^−x is less than the last bit of e^x. */
const ONE_EXPONENTIAL = 21;

/** @see go/src/math/sinh.go */
export function goSinh(x: number): number {
  return x < 0 ? -positiveSinh(-x) : positiveSinh(x);
}

function positiveSinh(x: number): number {
  if (x > ONE_EXPONENTIAL) return goExp(x) * 0.5;
  if (x > 0.5) {
    const exponential = goExp(x);
    return (exponential - 1 / exponential) * 0.5;
  }
  const square = x * x;
  const p =
    ((-26.30563213397497 * square + -2894.211355989564) * square + -89912.72022039509) * square + -630767.3640497717;
  const q = (square + -173.6789535582337) * square + 15215.17378790019;
  return (p * x) / (q * square + -630767.3640497717);
}

/** @see go/src/math/sinh.go Cosh */
export function goCosh(x: number): number {
  const exponential = goExp(Math.abs(x));
  if (Math.abs(x) > ONE_EXPONENTIAL) return exponential * 0.5;
  return (exponential + 1 / exponential) * 0.5;
}

/** ln 2^127: from half of it on the result is ±1. */
const MAX_LOG = 88.02969193111305;

/** @see go/src/math/tanh.go */
export function goTanh(x: number): number {
  const size = Math.abs(x);
  if (size > 0.5 * MAX_LOG) return x < 0 ? -1 : 1;
  if (size >= 0.625) {
    const value = 1 - 2 / (goExp(2 * size) + 1);
    return x < 0 ? -value : value;
  }
  if (x === 0) return x;
  const s = x * x;
  const p = (-0.9643991794250523 * s + -99.28772310019185) * s + -1614.6876844170845;
  const q = ((s + 112.81167849163293) * s + 2235.4883906010045) * s + 4844.063053251255;
  return x + (x * s * p) / q;
}

/** Beyond it `x² + 1` is x². */
const LARGE = 2 ** 28;

/** @see go/src/math/asinh.go */
export function goAsinh(x: number): number {
  if (!Number.isFinite(x)) return x;
  return x < 0 ? -positiveAsinh(-x) : positiveAsinh(x);
}

function positiveAsinh(x: number): number {
  if (x > LARGE) return goLog(x) + Math.LN2;
  if (x > 2) return goLog(2 * x + 1 / (Math.sqrt(x * x + 1) + x));
  if (x < 1 / LARGE) return x;
  return goLog1p(x + (x * x) / (1 + Math.sqrt(1 + x * x)));
}

/** @see go/src/math/acosh.go */
export function goAcosh(x: number): number {
  if (!(x >= 1)) return Number.NaN;
  if (x === 1) return 0;
  if (x >= LARGE) return goLog(x) + Math.LN2;
  if (x > 2) return goLog(2 * x - 1 / (x + Math.sqrt(x * x - 1)));
  const t = x - 1;
  return goLog1p(t + Math.sqrt(2 * t + t * t));
}

/** @see go/src/math/atanh.go */
export function goAtanh(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return Number.NaN;
  if (size === 1) return x * Number.POSITIVE_INFINITY;
  return x < 0 ? -positiveAtanh(-x) : positiveAtanh(x);
}

function positiveAtanh(x: number): number {
  if (x < 1 / LARGE) return x;
  const twice = x + x;
  if (x < 0.5) return 0.5 * goLog1p(twice + (twice * x) / (1 - x));
  return 0.5 * goLog1p(twice / (1 - x));
}
