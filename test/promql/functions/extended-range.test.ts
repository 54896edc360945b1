import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, histogram, minutely, type Sample } from './histogram-samples.ts';

const MINUTE_MS = 60_000;
const h = histogram;

/** No sample. */
const none = undefined;

interface Case {
  readonly query: string;
  readonly samples: readonly Sample[];
  readonly starts?: readonly number[];
  readonly expected: number | readonly number[] | undefined;
}

/** All at minute 5. The lookback delta is five minutes. */
const CASES: readonly Case[] = [
  { query: 'increase(m[2m] anchored)', samples: [0, 1, 2, 4, 8, 16], expected: 12 },
  { query: 'increase(m[90s] anchored)', samples: [0, 1, 2, 4, 8, 16], expected: 12 },
  { query: 'increase(m[90s] smoothed)', samples: [0, 1, 2, 4, 8, 16], expected: 10 },
  { query: 'rate(m[2m] anchored)', samples: [none, none, none, 0, 60, 120], expected: 1 },
  { query: 'delta(m[2m] anchored)', samples: [0, 1, 2, 9, 8, 3], expected: -6 },
  { query: 'delta(m[2m] anchored)', samples: [0, 1], expected: undefined },
  { query: 'increase(m[3m] anchored)', samples: [0, 1, 10, 4, 8, 2], expected: 10 },
  { query: 'increase(m[150s] smoothed)', samples: [0, 1, 10, 4, 8, 2], expected: 8 },
  { query: 'resets(m[2m] anchored)', samples: [0, 1, 2, 9, 8, 3], expected: 2 },
  { query: 'changes(m[150s] anchored)', samples: [0, 1, 1, 9, 9, 3], expected: 2 },
  { query: 'changes(m[1m] anchored)', samples: [0, 1, 1], expected: undefined },
  { query: 'm smoothed', samples: [0, 1, 2, 3, 4, none, 8], expected: 6 },
  { query: 'm smoothed', samples: [0, 1, 2, 3, 4], expected: 4 },
  { query: 'm smoothed', samples: [none, none, none, none, none, none, 8], expected: undefined },
  { query: 'm smoothed', samples: [none, none, none, none, h([4]), none, h([8])], expected: [6] },
  { query: 'increase(m[2m] anchored)', samples: [h([1]), none, none, h([2]), h([3]), h([7])], expected: [5] },
  { query: 'increase(m[90s] smoothed)', samples: [h([1]), none, none, h([2]), h([4]), h([8])], expected: [5] },
  { query: 'increase(m[3m] anchored)', samples: [h([1]), none, h([9]), h([2]), h([4]), h([8])], expected: [8] },
  { query: 'rate(m[2m] anchored)', samples: [none, none, none, h([1]), 2, h([3])], expected: undefined },
  // The counter began a minute before its only sample: it was 0 then.
  { query: 'increase(m[3m])', samples: [none, none, none, none, 6], starts: [0, 0, 0, 0, 3 * MINUTE_MS], expected: 6 },
  { query: 'increase(m[3m])', samples: [none, none, none, none, 6], expected: undefined },
  {
    query: 'resets(m[4m])',
    samples: [none, none, 1, 2, 3],
    starts: [0, 0, MINUTE_MS, 2.5 * MINUTE_MS, 2.5 * MINUTE_MS],
    expected: 1,
  },
  {
    query: 'irate(m[4m])',
    samples: [none, none, 1, 2, 60],
    starts: [0, 0, MINUTE_MS, MINUTE_MS, 3.5 * MINUTE_MS],
    expected: 1,
  },
  {
    query: 'increase(m[3m] anchored)',
    samples: [none, none, none, none, 6],
    starts: [0, 0, 0, 0, 3 * MINUTE_MS],
    expected: 6,
  },
];

for (const { query, samples, starts, expected } of CASES) {
  test(`${query} of ${samples.length} samples${starts ? ' with start times' : ''} is ${expected}`, async () => {
    const { sample } = await answer(minutely([...samples], starts), query, 5);
    if (typeof sample === 'object') assert.deepEqual([...sample.positive.counts], expected);
    else assert.equal(sample, expected);
  });
}

test('a modifier is refused where the function has no meaning for it', async () => {
  await assert.rejects(answer(minutely([1, 2]), 'sum_over_time(m[2m] anchored)', 2), {
    message: 'anchored modifier can only be used with: changes, delta, increase, rate, resets - not with sum_over_time',
  });
  await assert.rejects(answer(minutely([1, 2]), 'resets(m[2m] smoothed)', 2), {
    message: 'smoothed modifier can only be used with: delta, increase, rate - not with resets',
  });
});
