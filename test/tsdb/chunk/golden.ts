import { histogram, type TestSample } from './samples.ts';

const NAN = { high: 0x7ff80000, low: 1 };
const T = 1_700_000_000_000;

const COUNTER = { schema: 1, zeroThreshold: 0.001 };
const FIRST = { ...COUNTER, zeroCount: 2, count: 10, sum: 12.5, positive: { [-1]: 1, 0: 3, 3: 2 }, negative: { 0: 2 } };
const LATER = { zeroCount: 3, count: 13, sum: 14, positive: { [-1]: 1, 0: 4, 1: 1, 2: 1, 3: 2 }, negative: { 0: 3 } };

function counters(scale: number, starts: readonly number[] = []): TestSample[] {
  const halved = (counts: Record<number, number>) =>
    Object.fromEntries(Object.entries(counts).map(([index, count]) => [index, count * scale]));
  return [FIRST, { ...COUNTER, ...LATER }, { ...COUNTER, ...LATER }].map((each, i) => ({
    t: 1000 + i * 15000,
    st: starts[i] ?? 0,
    h: histogram({
      ...each,
      zeroCount: each.zeroCount * scale,
      count: each.count * scale,
      positive: halved(each.positive),
      negative: halved(each.negative),
    }),
  }));
}

const STALE: TestSample = { t: 46000, v: 'stale' };

const GAUGE = histogram({
  counterReset: 'gauge',
  schema: -53,
  sum: 3,
  customBounds: Float64Array.of(-1, 0.005, 0.25, 1 / 3, 40000),
  positive: { 0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 },
});

/** Chunks that Prometheus 3.16 made of these samples. */
export const GOLDEN: readonly {
  readonly name: string;
  readonly encoding: 1 | 2 | 3 | 4 | 5 | 6;
  readonly samples: readonly TestSample[];
  readonly bytes: string;
}[] = [
  { name: 'one float', encoding: 1, samples: [{ t: T, v: 1.5 }], bytes: '000180a0abfef9623ff8000000000000' },
  {
    name: 'a counter',
    encoding: 1,
    samples: [
      { t: T, v: 1 },
      { t: T + 15000, v: 2 },
      { t: T + 30000, v: 2 },
      { t: T + 45001, v: 5 },
      { t: T + 60000, v: 1e300 },
    ],
    bytes: '000580a0abfef9623ff00000000000009875c25fff200075876fffb179f11f21e44003ace0',
  },
  {
    name: 'special floats at odd times',
    encoding: 1,
    samples: [
      { t: -5, v: NAN },
      { t: 0, v: 'stale' },
      { t: 1, v: Number.POSITIVE_INFINITY },
      { t: 70000, v: -0 },
      { t: 700000, v: 0 },
      { t: 1e13, v: 0.1 },
    ],
    bytes:
      '0006097ff800000000000105d9a4000000000001dffe40000000000005c222dd80cffff0000000000088b81a003c00002461397952c317bfdccccccccccccd',
  },
  {
    name: 'floats with stale markers',
    encoding: 4,
    samples: [
      { t: T, v: 1 },
      { t: T + 15000, v: 2 },
      { t: T + 30000, v: 2 },
      { t: T + 45001, v: 'stale' },
      { t: T + 60000, v: 3 },
      { t: T + 74999, v: 'stale' },
    ],
    bytes: '00060080a0abfef9623ff00000000000009875c12fffb0007efff6603f80',
  },
  {
    name: 'floats with start timestamps',
    encoding: 4,
    samples: [
      { st: T - 1000, t: T, v: 1 },
      { st: T - 1000, t: T + 15000, v: 2 },
      { st: T - 1000, t: T + 30000, v: 2 },
      { st: T + 40000, t: T + 45000, v: 1 },
      { st: T + 40000, t: T + 60000, v: 4 },
    ],
    bytes: '00058380a0abfef9623ff0000000000000d00f9875c12fffa7fffbd8f09ffbe0ea60',
  },
  {
    name: 'one start timestamp among floats',
    encoding: 4,
    samples: [
      { t: T, v: 1 },
      { st: T + 500, t: T + 15000, v: 2 },
      { t: T + 30000, v: 2 },
    ],
    bytes: '00030180a0abfef9623ff00000000000009875c12ffffb831fc0003179fcb49180',
  },
  {
    name: 'histograms that get more buckets, then a stale marker',
    encoding: 2,
    samples: [...counters(1), STALE],
    bytes: '000400ff3f50624dd2f1a9fc8c6b78c5e3e8c54900a400000000000232aa52f83a989c7687512f156e5c8dc62f7fdc000000000002',
  },
  {
    name: 'float histograms that get more buckets, then a stale marker',
    encoding: 3,
    samples: [...counters(0.5), STALE],
    bytes:
      '000400ff3f50624dd2f1a9fc8c6b78c5e3e840140000000000003ff000000000000040290000000000003fe00000000000003ff8000000000000000000000000000000000000000000003ff00000000000003ff0000000000000f83a98d81fd80f687584cfffc44fff113ff6c0600309d006e22fffe2f7fdc0000000000020',
  },
  {
    name: 'histograms with start timestamps',
    encoding: 5,
    samples: counters(1, [500, 500, 20000]),
    bytes: '000382ff3f50624dd2f1a9fc8c6b78c5e3e8c54900a400000000000232aa52e807f83a989c7687512f156e5c8dfefc1800',
  },
  {
    name: 'float histograms with start timestamps from the second on',
    encoding: 6,
    samples: counters(0.5, [0, 1500, 1500]),
    bytes:
      '000301ff3f50624dd2f1a9fc8c6b78c5e3e840140000000000003ff000000000000040290000000000003fe00000000000003ff8000000000000000000000000000000000000000000003ff00000000000003ff0000000000000f83a98d81fd80f687584cfffc44fff113ff6c07ee0c003e0ea60',
  },
  {
    name: 'gauge histograms with custom bounds',
    encoding: 2,
    samples: [
      { t: 1000, h: GAUGE },
      { t: 16000, h: GAUGE },
    ],
    bytes: '0002c000ee5c6c557fe00000000000016e7d8ff5555555555555481c7100000000001e3e8b1002000000000000220f83a98000',
  },
];
