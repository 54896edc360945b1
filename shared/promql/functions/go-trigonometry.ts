import { reducePi4 } from './go-trigonometry-reduce.ts';

/** π/4 in three parts: whole multiples of the first two are exact. */
const PI4_A = 0.7853981256484985;
const PI4_B = 3.774894707930798e-8;
const PI4_C = 2.6951514290790595e-15;
/** From here on the three parts do not suffice. */
const REDUCE_THRESHOLD = 2 ** 29;
const PI4_INVERSE = 1.2732395447351628;

/** An angle as a whole number of eighths of the circle and a rest in radians around it. */
export interface Octant {
  /** Even. */
  readonly octant: number;
  readonly rest: number;
}

/** @param size Not negative, finite. */
function reduce(size: number): Octant {
  if (size >= REDUCE_THRESHOLD) return reducePi4(size);
  let octant = Math.floor(size * PI4_INVERSE);
  if (octant % 2 === 1) octant++;
  return { octant: octant % 8, rest: size - octant * PI4_A - octant * PI4_B - octant * PI4_C };
}

/** The sine of a small angle.
 *  @see Cephes sin.c */
function sineSeries(z: number): number {
  const zz = z * z;
  let series = 1.5896230157654656e-10 * zz + -2.5050747762857807e-8;
  series = series * zz + 0.0000027557313621385722;
  series = series * zz + -0.0001984126982958954;
  series = series * zz + 0.008333333333322118;
  series = series * zz + -0.1666666666666663;
  return z + z * zz * series;
}

function cosineSeries(z: number): number {
  const zz = z * z;
  let series = -1.1358536521387682e-11 * zz + 2.087570084197473e-9;
  series = series * zz + -2.755731417929674e-7;
  series = series * zz + 0.000024801587288851704;
  series = series * zz + -0.0013888888888873056;
  series = series * zz + 0.041666666666666595;
  return 1 - 0.5 * zz + zz * zz * series;
}

/** @see go/src/math/sin.go */
export function goSin(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  if (!Number.isFinite(x)) return Number.NaN;
  const { octant, rest } = reduce(Math.abs(x));
  const quarter = octant % 4;
  const value = quarter === 2 ? cosineSeries(rest) : sineSeries(rest);
  return x < 0 !== octant > 3 ? -value : value;
}

/** @see go/src/math/sin.go */
export function goCos(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const { octant, rest } = reduce(Math.abs(x));
  const quarter = octant % 4;
  const value = quarter === 2 ? sineSeries(rest) : cosineSeries(rest);
  return octant > 3 !== quarter > 1 ? -value : value;
}

/** @see go/src/math/tan.go */
export function goTan(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  if (!Number.isFinite(x)) return Number.NaN;
  const { octant, rest } = reduce(Math.abs(x));
  const zz = rest * rest;
  let value = rest;
  if (zz > 1e-14) {
    const p = (-13093.693918138379 * zz + 1153516.6483858742) * zz + -17956525.197648488;
    const q = (((zz + 13681.296347069296) * zz + -1320892.3444021097) * zz + 25008380.18233579) * zz;
    value = rest + rest * ((zz * p) / (q + -53869575.592945464));
  }
  if (octant % 4 === 2) value = -1 / value;
  return x < 0 ? -value : value;
}

/** π/2 is `Math.PI / 2` and this. */
const PI2_REST = 6.123233995736766e-17;
/** tan(3π/8) */
const TAN_3PI8 = 2.414213562373095;

/** The arcus tangent in [0, 0.66].
 *  @see Cephes atan.c */
function atanSeries(x: number): number {
  const z = x * x;
  const p =
    (((-0.8750608600031904 * z + -16.157537187333652) * z + -75.00855792314705) * z + -122.88666844901361) * z +
    -64.85021904942025;
  const q =
    ((((z + 24.858464901423062) * z + 165.02700983169885) * z + 432.88106049129027) * z + 485.3903996359137) * z +
    194.5506571482614;
  return x * ((z * p) / q) + x;
}

/** Of a number that is not negative. */
function positiveAtan(x: number): number {
  if (x <= 0.66) return atanSeries(x);
  if (x > TAN_3PI8) return Math.PI / 2 - atanSeries(1 / x) + PI2_REST;
  return Math.PI / 4 + atanSeries((x - 1) / (x + 1)) + 0.5 * PI2_REST;
}

/** @see go/src/math/atan.go */
export function goAtan(x: number): number {
  if (x === 0) return x;
  return x > 0 ? positiveAtan(x) : -positiveAtan(-x);
}

/** @see go/src/math/asin.go */
export function goAsin(x: number): number {
  if (x === 0) return x;
  const size = Math.abs(x);
  if (!(size <= 1)) return Number.NaN;
  const other = Math.sqrt(1 - size * size);
  const value = size > 0.7 ? Math.PI / 2 - positiveAtan(other / size) : positiveAtan(size / other);
  return x < 0 ? -value : value;
}

/** @see go/src/math/asin.go Acos */
export function goAcos(x: number): number {
  return Math.PI / 2 - goAsin(x);
}

/** The angle of the point (x, y).
 *  @see go/src/math/atan2.go */
export function goAtan2(y: number, x: number): number {
  // With a zero, an infinity or NaN the result is a multiple of π/4, on which both agree.
  if (y === 0 || x === 0 || !Number.isFinite(x) || !Number.isFinite(y)) return Math.atan2(y, x);
  const angle = goAtan(y / x);
  if (x >= 0) return angle;
  return angle <= 0 ? angle + Math.PI : angle - Math.PI;
}
