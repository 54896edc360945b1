import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { goExp2, goLog, goLog2 } from '#shared/model/go-math.ts';
import { fusedMultiplyAdd } from '#shared/promql/functions/fused-multiply-add.ts';
import { goExp } from '#shared/promql/functions/go-exp.ts';
import { goAcosh, goAsinh, goAtanh, goCosh, goSinh, goTanh } from '#shared/promql/functions/go-hyperbolic.ts';
import { goLog1p } from '#shared/promql/functions/go-log1p.ts';
import { goLog10, goPow } from '#shared/promql/functions/go-math.ts';
import { goAcos, goAsin, goAtan, goAtan2, goCos, goSin, goTan } from '#shared/promql/functions/go-trigonometry.ts';

const { NaN: NAN, POSITIVE_INFINITY: INF } = Number;

type Row = readonly [input: number, expected: number];

/** What Go 1.26 gives on amd64; where it is finite JavaScript's functions differ by a bit or two. */
const FUNCTIONS: readonly { name: string; compute: (x: number) => number; rows: readonly Row[] }[] = [
  {
    name: 'goExp',
    compute: goExp,
    rows: [
      [-0.5369856519024959, 0.5845075086331427],
      [-0.9554744433186644, 0.3846296163051322],
      [-0.15306833394177932, 0.858071084428429],
      [709.4, 1.2260423226426727e308],
      [709.5, INF],
      [-745.1, 5e-324],
      [-746, 0],
      [-INF, 0],
      [NAN, NAN],
      [0, 1],
    ],
  },
  {
    name: 'goExp2',
    compute: goExp2,
    rows: [
      [-0.5592918072819137, 0.67863521163819],
      [337.5, 3.959346738302102e101],
      [1024, INF],
      [-1075, 0],
    ],
  },
  {
    name: 'goLog',
    compute: goLog,
    rows: [
      [0.9620633793853723, -0.03867494754963845],
      [12_409_854_858.591_751, 23.241756740574125],
      [5e-324, -709.0895657128241],
      [0, -INF],
      [-1, NAN],
    ],
  },
  {
    name: 'goLog2',
    compute: goLog2,
    rows: [
      [0.2546206616970641, -1.9735786005560958],
      [1.0497544965460192e81, 269.1462276537404],
      [5e-324, -1074],
    ],
  },
  {
    name: 'goLog10',
    compute: goLog10,
    rows: [
      [6.435509916391561e-174, -173.1914170361564],
      [40622.308720146175, 4.608764602375695],
    ],
  },
  {
    name: 'goLog1p',
    compute: goLog1p,
    rows: [
      [-1, -INF],
      [-2, NAN],
      [1e-20, 1e-20],
      [0.3, 0.26236426446749106],
      [1e300, 690.7755278982137],
    ],
  },
  {
    name: 'goSin',
    compute: goSin,
    rows: [
      [0.8930071832831472, 0.7789609884125573],
      [277.75, 0.960792510423133],
      [-2.824883183373773e40, -0.23584728998309756],
      [-0, -0],
      [INF, NAN],
    ],
  },
  {
    name: 'goCos',
    compute: goCos,
    rows: [
      [0.8420329296199389, 0.6659476405834905],
      [-1.7757034627920055e202, 0.9362777144891252],
      [-INF, NAN],
    ],
  },
  {
    name: 'goTan',
    compute: goTan,
    rows: [
      [-447.3147661230904, -2.639206390608219],
      [-5.892129720190065e288, 3.2049199998784235],
      [-1_015_061_795.201_202_6, 35189.75259020915],
    ],
  },
  {
    name: 'goAsin',
    compute: goAsin,
    rows: [
      [-0.12664998307549769, -0.12699103281449597],
      [0.7904679577935256, 0.9115726296894016],
      [1.5, NAN],
    ],
  },
  {
    name: 'goAcos',
    compute: goAcos,
    rows: [
      [-0.9560886262501598, 2.8441483429849734],
      [-0.9307965464830148, 2.767382269683096],
    ],
  },
  {
    name: 'goAtan',
    compute: goAtan,
    rows: [
      [-0.9239070304185086, -0.7458674958085676],
      [-10_322_994_554.330_132, -1.5707963266980254],
      [-5.566380894125299, -1.3930424821434269],
    ],
  },
  {
    name: 'goSinh',
    compute: goSinh,
    rows: [
      [0.8058364528697639, 0.8959270288798687],
      [-10.733112462879934, -22924.58700341739],
      [-0.36447380914844785, -0.3725970976594503],
      [-0, -0],
    ],
  },
  {
    name: 'goCosh',
    compute: goCosh,
    rows: [
      [8.639270685692395, 2824.604225130606],
      [-99.98434917915553, 1.3231867079462836e43],
    ],
  },
  {
    name: 'goTanh',
    compute: goTanh,
    rows: [
      [0.4949624416536773, 0.45814617028144],
      [-0.8250691117611054, -0.6778194617042567],
      [-50, -1],
      [-0, -0],
    ],
  },
  {
    name: 'goAsinh',
    compute: goAsinh,
    rows: [
      [18.525656972221366, 3.613031458853275],
      [26_713_470_509.885_01, 24.70158096916726],
      [-0, -0],
    ],
  },
  {
    name: 'goAcosh',
    compute: goAcosh,
    rows: [
      [352, 6.55677633846082],
      [168.97136050731342, 5.8228676603911405],
      [1, 0],
      [0.5, NAN],
    ],
  },
  {
    name: 'goAtanh',
    compute: goAtanh,
    rows: [
      [-1, -INF],
      [1.1, NAN],
      [-0, -0],
      [0.25, 0.25541281188299536],
      [0.75, 0.9729550745276566],
    ],
  },
];

for (const { name, compute, rows } of FUNCTIONS) {
  test(`${name}() has the bits of Go`, () => {
    for (const [input, expected] of rows) {
      const actual = compute(input);
      assert.ok(Object.is(actual, expected), `${name}(${input}) is ${actual}, expected ${expected}`);
    }
  });
}

test('goPow() and goAtan2() have the bits of Go', () => {
  const rows: [actual: number, expected: number][] = [
    [goAtan2(1, 0), Math.PI / 2],
    [goAtan2(-0, -1), -Math.PI],
    [goAtan2(3, -INF), Math.PI],
    [goAtan2(0.3, 0.7), 0.40489178628508343],
    [goAtan2(-0.3, -0.7), -2.7367008673047097],
    [goPow(2, 0.5), Math.SQRT2],
    [goPow(-8, 1 / 3), NAN],
  ];
  for (const [i, [actual, expected]] of rows.entries()) assert.ok(Object.is(actual, expected), `${i}: ${actual}`);
});

test('fusedMultiplyAdd() rounds once', () => {
  const view = new DataView(new ArrayBuffer(8));
  const exact = (value: number): [digits: bigint, exponent: number] => {
    view.setFloat64(0, value);
    const bits = view.getBigUint64(0);
    const fraction = (bits & 0xf_ffff_ffff_ffffn) | (1n << 52n);
    return [value < 0 ? -fraction : fraction, Number((bits >> 52n) & 0x7ffn) - 1075];
  };
  /** The float nearest to `digits * 2 ^ exponent`, half to even. */
  const round = (digits: bigint, exponent: number): number => {
    const size = digits < 0n ? -digits : digits;
    const excess = BigInt(Math.max(0, size.toString(2).length - 53));
    const kept = size >> excess;
    const rest = size - (kept << excess);
    const half = excess === 0n ? 1n : 1n << (excess - 1n);
    const up = rest > half || (rest === half && kept % 2n === 1n && excess > 0n) ? 1n : 0n;
    const rounded = Number(kept + up) * 2 ** (exponent + Number(excess));
    return digits < 0n ? -rounded : rounded;
  };
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).filter((value) => Math.abs(value) > 1e-6);
  fc.assert(
    fc.property(number, number, number, fc.integer({ min: -60, max: 3 }), (a, b, c, shift) => {
      const addend = -a * b * 2 ** shift + (shift === 0 ? 0 : c * 2 ** -40);
      fc.pre(addend !== 0);
      const [digitsA, exponentA] = exact(a);
      const [digitsB, exponentB] = exact(b);
      const [digitsC, exponentC] = exact(addend);
      const low = Math.min(exponentA + exponentB, exponentC);
      const product = (digitsA * digitsB) << BigInt(exponentA + exponentB - low);
      const sum = product + (digitsC << BigInt(exponentC - low));
      fc.pre(sum !== 0n);
      assert.equal(fusedMultiplyAdd(a, b, addend), round(sum, low));
    }),
    { seed: 20_26, numRuns: 2000 },
  );
});
