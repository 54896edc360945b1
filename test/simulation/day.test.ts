import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS } from '#test/support/simulation/day.ts';
import { NO_FAULTS } from '#test/support/simulation/faults.ts';
import { runDay } from '#test/support/simulation/runs.ts';

test('a day of 20 targets at 15 s', async (t) => {
  const day = { seed: 7, durationMs: DAY_MS, faults: NO_FAULTS };
  const [first, second] = await Promise.all([runDay({ ...day, check: true }), runDay({ ...day, check: false })]);
  t.diagnostic(`a simulated day took ${first.seconds.toFixed(1)} s, ${first.deliveries} messages`);
  t.diagnostic(`${first.transitions} alert transitions, ${first.delivered} notifications`);

  await t.test('every slot takes place, and nothing is out of the ordinary', () => {
    assert.equal(first.slotCount, DAY_MS / 15_000);
    assert.deepEqual(first.problems, []);
    assert.ok(first.transitions > 20);
    assert.ok(first.delivered > 30);
  });

  await t.test('the day is the same when it is lived again', () => {
    assert.deepEqual(second.trace, first.trace);
    assert.deepEqual(second.digests, first.digests);
    assert.equal(second.metrics, first.metrics);
  });
});
