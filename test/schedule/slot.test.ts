import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slotsBetween } from '#shared/schedule/slot.ts';

test('slotsBetween() gives the slots after the first and up to the last time', () => {
  const cases = [
    { grid: [10, 0], after: 0, until: 30, expected: [10, 20, 30] },
    { grid: [10, 0], after: -1, until: 0, expected: [0] },
    { grid: [10, 3], after: 3, until: 33, expected: [13, 23, 33] },
    { grid: [10, 3], after: 2, until: 12, expected: [3] },
    { grid: [10, 9], after: 0, until: 8, expected: [] },
    { grid: [10, 0], after: 15, until: 14, expected: [] },
  ];
  for (const { grid, after, until, expected } of cases) {
    const [intervalMs, offsetMs] = grid;
    assert.deepEqual(slotsBetween({ intervalMs, offsetMs }, after, until), expected);
  }
});
