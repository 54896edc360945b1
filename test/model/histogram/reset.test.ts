import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectReset } from '#shared/model/histogram/reset.ts';
import { type Sample, sample } from './sample.ts';

const base: Sample = {
  zero: [0.01, 5.5],
  count: 100,
  sum: 9,
  positive: [
    [-2, 1, 0],
    [1, 3.3, 4.2, 0.1],
  ],
  negative: [
    [3, 3.1, 3],
    [8, 12, 10],
  ],
};
const custom: Sample = { bounds: [1, 2, 3, 4], count: 100, positive: [[0, 5, 5, 5, 5, 5]] };

const cases: readonly { name: string; before: Sample; now: Sample; expected: boolean }[] = [
  { name: 'nothing', before: {}, now: {}, expected: false },
  { name: 'the same', before: base, now: base, expected: false },
  { name: 'buckets appear', before: {}, now: base, expected: false },
  { name: 'buckets disappear', before: base, now: {}, expected: true },
  {
    name: 'a bucket appears',
    before: base,
    now: {
      ...base,
      positive: [
        [-2, 1, 1],
        [1, 3.3, 4.2, 0.1],
      ],
    },
    expected: false,
  },
  {
    name: 'a bucket disappears',
    before: base,
    now: {
      ...base,
      positive: [
        [-2, 1],
        [1, 3.3, 4.2],
      ],
    },
    expected: true,
  },
  {
    name: 'a bucket between disappears',
    before: base,
    now: {
      ...base,
      positive: [
        [-2, 1],
        [2, 4.2, 0.1],
      ],
    },
    expected: true,
  },
  {
    name: 'an empty bucket disappears',
    before: base,
    now: {
      ...base,
      positive: [
        [-2, 1],
        [1, 3.3, 4.2, 0.1],
      ],
    },
    expected: false,
  },
  {
    name: 'the last bucket was empty',
    before: { positive: [[1, 2, 0]] },
    now: { positive: [[1, 2]] },
    expected: false,
  },
  { name: 'the only bucket was empty', before: { positive: [[23, 0]] }, now: {}, expected: false },
  { name: 'the zero count rises', before: base, now: { ...base, zero: [0.01, 5.6] }, expected: false },
  { name: 'the zero count falls', before: base, now: { ...base, zero: [0.01, 5.4] }, expected: true },
  { name: 'the count rises', before: base, now: { ...base, count: 101 }, expected: false },
  { name: 'the count falls', before: base, now: { ...base, count: 99 }, expected: true },
  { name: 'the sum falls', before: base, now: { ...base, sum: 8 }, expected: false },
  {
    name: 'a positive bucket falls',
    before: base,
    now: {
      ...base,
      positive: [
        [-2, 1],
        [1, 3.3, 4.1, 0.1],
      ],
    },
    expected: true,
  },
  {
    name: 'a negative bucket rises',
    before: base,
    now: {
      ...base,
      negative: [
        [3, 3.2, 3],
        [8, 12, 10],
      ],
    },
    expected: false,
  },
  {
    name: 'a negative bucket falls',
    before: base,
    now: {
      ...base,
      negative: [
        [3, 3.1, 2.9],
        [8, 12, 10],
      ],
    },
    expected: true,
  },
  { name: 'the zero bucket narrows', before: base, now: { ...base, zero: [0.009, 5.5] }, expected: true },
  { name: 'the zero bucket widens over no bucket', before: base, now: { ...base, zero: [0.02, 5.5] }, expected: false },
  {
    name: 'the zero bucket takes in a bucket',
    before: base,
    now: { ...base, zero: [0.25, 6.5], positive: [[1, 3.3, 4.2, 0.1]] },
    expected: false,
  },
  {
    name: 'the zero bucket takes in a bucket, and falls with it',
    before: base,
    now: { ...base, zero: [0.25, 6.4], positive: [[1, 3.3, 4.2, 0.1]] },
    expected: true,
  },
  {
    name: 'the zero bucket ends within a populated bucket',
    before: base,
    now: { ...base, zero: [0.2, 20] },
    expected: true,
  },
  {
    name: 'the zero bucket ends within an empty bucket',
    before: base,
    now: { ...base, zero: [0.4, 20], positive: [[1, 3.3, 4.2, 0.1]] },
    expected: false,
  },
  {
    name: 'the resolution rises',
    before: { ...base, schema: 0 },
    now: { ...base, schema: 1, positive: [], negative: [] },
    expected: true,
  },
  {
    name: 'the resolution falls',
    before: { schema: 1, positive: [[1, 1, 2, 3]], negative: [[0, 4, 5]] },
    now: { schema: 0, positive: [[1, 3, 3]], negative: [[0, 4, 5]] },
    expected: false,
  },
  {
    name: 'the resolution falls, and a bucket with it',
    before: { schema: 1, positive: [[1, 1, 2, 3]] },
    now: { schema: 0, positive: [[1, 2.9, 3]] },
    expected: true,
  },
  { name: 'the hint says so', before: base, now: { ...base, hint: 'reset' }, expected: true },
  { name: 'the hint says no', before: base, now: { hint: 'not-reset' }, expected: false },
  { name: 'the hint of the one before says nothing', before: { ...base, hint: 'reset' }, now: base, expected: false },
  {
    name: 'a gauge is looked at as a counter',
    before: base,
    now: { ...base, count: 99, hint: 'gauge' },
    expected: true,
  },
  { name: 'custom after exponential buckets', before: {}, now: custom, expected: true },
  { name: 'exponential after custom buckets', before: custom, now: { count: 200 }, expected: true },
  {
    name: 'a custom bucket rises',
    before: custom,
    now: { ...custom, positive: [[0, 5, 5, 6, 5, 5]] },
    expected: false,
  },
  { name: 'a custom bucket falls', before: custom, now: { ...custom, positive: [[0, 5, 5, 4, 9, 9]] }, expected: true },
  {
    name: 'bounds go, counts stay between those of both',
    before: custom,
    now: { bounds: [2, 4], count: 100, positive: [[0, 10, 10, 5]] },
    expected: false,
  },
  {
    name: 'bounds go, and a count falls',
    before: custom,
    now: { bounds: [2, 4], count: 100, positive: [[0, 10, 9, 90]] },
    expected: true,
  },
  {
    name: 'bounds come',
    before: custom,
    now: { bounds: [0, 1, 2, 3, 4], count: 100, positive: [[1, 5, 5, 5, 5, 5]] },
    expected: false,
  },
  {
    name: 'other bounds, and the last bucket disappears',
    before: custom,
    now: { bounds: [0, 1, 2, 3, 4], count: 100, positive: [[1, 5, 5, 5, 5]] },
    expected: true,
  },
  {
    name: 'no bound is of both: the totals count',
    before: { bounds: [1], count: 10, positive: [[0, 5, 5]] },
    now: { bounds: [2], count: 10, positive: [[0, 10]] },
    expected: false,
  },
];

for (const { name, before, now, expected } of cases) {
  test(`detectReset(): ${name}`, () => assert.equal(detectReset(sample(now), sample(before)), expected));
}
