import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FaultPlan, NO_FAULTS } from '#test/support/simulation/faults.ts';
import { runDay } from '#test/support/simulation/runs.ts';

const DURATION_MS = 24 * 3_600_000;
const FAULTS: FaultPlan = { seed: 11, lostSlots: 0.05, duplicatesWithinMs: 40_000 };

test('every message twice and 5 % of the slots lost', async (t) => {
  const part = { seed: 7, durationMs: DURATION_MS, check: true };
  const [clean, lossy] = await Promise.all([
    runDay({ ...part, faults: NO_FAULTS, slotsWithout: FAULTS }),
    runDay({ ...part, faults: FAULTS, slotsWithout: NO_FAULTS }),
  ]);
  t.diagnostic(`${DURATION_MS / 3_600_000} h took ${lossy.seconds.toFixed(1)} s, ${lossy.deliveries} deliveries`);
  t.diagnostic(`${lossy.lostSlots} slots lost`);

  await t.test('samples are those of the clean run but for the lost slots', () => {
    assert.ok(clean.slots.length < (DURATION_MS / 15_000) * 0.97);
    assert.equal(lossy.slots.length, clean.slots.length);
    const at = lossy.slots.findIndex((slot, i) => slot !== clean.slots[i]);
    assert.equal(lossy.slots[at], clean.slots[at]);
  });

  await t.test('receivers are told the same things in the same order', () => {
    assert.deepEqual(lossy.told, clean.told);
  });

  await t.test('late duplicates are known as such', () => {
    assert.deepEqual(lossy.problems, []);
    const duplicates = /emberwatch_slots_done_total\{result="duplicate",work="(?:rules|scrape)"\} \d{4}\n/g;
    assert.equal(lossy.metrics.match(duplicates)?.length, 2);
  });
});
