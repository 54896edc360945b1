import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelsOf, checkRun } from '#test/support/simulation/check-run.ts';
import { DAY_START_MS, dayScenario } from '#test/support/simulation/day.ts';
import { type FaultPlan, isLost, NO_FAULTS } from '#test/support/simulation/faults.ts';
import { withSeriesAdded } from '#test/support/simulation/stored.ts';
import { createWorld, type World } from '#test/support/simulation/world.ts';

/** Holds every kind of trouble of the day. */
const HOURS = 11;
const SCRAPES = 'scrape-15000-0';
const FAULTS: FaultPlan = { seed: 11, lostSlots: 0.05, duplicatesWithinMs: 40_000 };

async function run(faults: FaultPlan): Promise<World> {
  const world = createWorld(dayScenario(7), faults);
  await world.driver.run(DAY_START_MS + HOURS * 3_600_000 - 1);
  return world;
}

test('every message twice and 5 % of the slots lost', async (t) => {
  const clean = await run(NO_FAULTS);
  const start = performance.now();
  const lossy = await run(FAULTS);
  const seconds = (performance.now() - start) / 1000;
  t.diagnostic(`${HOURS} h took ${seconds.toFixed(1)} s, ${lossy.driver.deliveries()} deliveries`);
  t.diagnostic(`${lossy.driver.lost.size} slots lost`);
  const before = await checkRun(clean);
  const after = await checkRun(lossy);

  await t.test('samples are those of the clean run but for the lost slots', () => {
    const kept = before.slots.filter(({ slotMs }) => !isLost(FAULTS, { stream: SCRAPES, slotMs }));
    assert.ok(kept.length < before.slots.length * 0.97);
    const expected = withSeriesAdded(kept);
    assert.deepEqual(
      after.slots.map(({ slotMs, timestampMs }) => [slotMs, timestampMs]),
      kept.map(({ slotMs, timestampMs }) => [slotMs, timestampMs]),
    );
    for (const [i, slot] of after.slots.entries()) assert.deepEqual(slot.sections, expected[i].sections);
  });

  await t.test('receivers are told the same things in the same order', () => {
    for (const alertname of ['TargetDown', 'NoTraffic', 'QueueTooLong']) {
      const told = (world: World) =>
        [...channelsOf(world.trace.delivered, alertname)].map(([channel, deliveries]) => [
          channel,
          deliveries.map(({ status, alerts }) => ({ status, alerts })),
        ]);
      assert.deepEqual(told(lossy), told(clean));
    }
  });

  await t.test('duplicates are met by the ledger of slots, not by luck', () => {
    const page = lossy.services().metrics.page();
    assert.match(page, /emberwatch_slots_done_total\{work="scrape",result="duplicate"\} [1-9]\d{3}/);
    assert.match(page, /emberwatch_slots_done_total\{work="rules",result="duplicate"\} [1-9]\d{3}/);
    assert.doesNotMatch(page, /result="missed"/);
  });
});
