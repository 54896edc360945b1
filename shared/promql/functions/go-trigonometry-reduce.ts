import type { Octant } from './go-trigonometry.ts';

/** The binary digits of 4/π, 64 in each word; the first word is what is before the point. */
const FOUR_OVER_PI = [
  0x0000000000000001n,
  0x45f306dc9c882a53n,
  0xf84eafa3ea69bb81n,
  0xb6c52b3278872083n,
  0xfca2c757bd778ac3n,
  0x6e48dc74849ba5c0n,
  0x0c925dd413a32439n,
  0xfc3bd63962534e7dn,
  0xd1046bea5d768909n,
  0xd338e04d68befc82n,
  0x7323ac7306a673e9n,
  0x3908bf177bf25076n,
  0x3ff12fffbc0b301fn,
  0xde5e2316b414da3en,
  0xda6cfd9e4f96136en,
  0x9e8c7ecd3cbfd45an,
  0xea4f758fd7cbe2f6n,
  0x7a0e73ef14a525d4n,
  0xd7f6bf623f1aba10n,
  0xac06608df8f6d757n,
];
const WORD = 0xffff_ffff_ffff_ffffn;
const MANTISSA = 0xf_ffff_ffff_ffffn;

const view = new DataView(new ArrayBuffer(8));

/** Reduces a large angle by multiplying its mantissa with the digits of 4/π that matter for it.
 *  @param size Finite, at least π/4.
 *  @see M. Payne, R. Hanek, Radian reduction for trigonometric functions, 1983, and go/src/math/trig_reduce.go */
export function reducePi4(size: number): Octant {
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n) - 1023 - 52;
  const mantissa = (bits & MANTISSA) | (1n << 52n);
  const first = Math.floor((exponent + 61) / 64);
  const shift = BigInt((exponent + 61) % 64);
  const digits = (at: number): bigint => {
    return ((FOUR_OVER_PI[at] << shift) & WORD) | (FOUR_OVER_PI[at + 1] >> (64n - shift));
  };
  const low = digits(first + 2) * mantissa;
  const middle = digits(first + 1) * mantissa;
  const product = ((digits(first) * mantissa) << 64n) + middle + (low >> 64n);
  return ofProduct(product & ((1n << 128n) - 1n));
}

/** Of the product's 128 bits the first three are the octant, the others the fraction of it. */
function ofProduct(product: bigint): Octant {
  const octant = Number(product >> 125n);
  const rest = toFraction((product >> 61n) & WORD, product & WORD);
  if (octant % 2 === 0) return { octant, rest: rest * (Math.PI / 4) };
  return { octant: (octant + 1) % 8, rest: (rest - 1) * (Math.PI / 4) };
}

/** The float of `high`'s 53 first bits. Where they do not suffice Go fills up with the first bits of `low`, though it moved
 *  the octant out of `high` only. */
function toFraction(high: bigint, low: bigint): number {
  const zeros = high === 0n ? 64 : 64 - high.toString(2).length;
  const shift = BigInt(zeros + 1);
  const mantissa = (((high << shift) & WORD) | (low >> (64n - shift))) >> 12n;
  view.setBigUint64(0, mantissa | (BigInt(1023 - (zeros + 1)) << 52n));
  return view.getFloat64(0);
}
