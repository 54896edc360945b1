import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRun } from '#test/support/simulation/check-run.ts';
import { DAY_MS, DAY_START_MS, dayScenario } from '#test/support/simulation/day.ts';
import { hourDigests } from '#test/support/simulation/stored.ts';
import { createWorld, type World } from '#test/support/simulation/world.ts';

const SEED = 7;

async function runDay(): Promise<{ world: World; seconds: number }> {
  const world = createWorld(dayScenario(SEED));
  const start = performance.now();
  await world.driver.run(DAY_START_MS + DAY_MS - 1);
  return { world, seconds: (performance.now() - start) / 1000 };
}

test('a day of 20 targets at 15 s', async (t) => {
  const { world, seconds } = await runDay();
  t.diagnostic(`a simulated day took ${seconds.toFixed(1)} s, ${world.driver.deliveries()} messages`);
  const problems = world.ports.logger.entries.filter(({ level }) => level === 'warn' || level === 'error');

  await t.test('is right by itself', async () => {
    const { slots, transitions } = await checkRun(world);
    const { delivered } = world.trace;
    assert.deepEqual(problems, []);
    assert.equal(slots.length, DAY_MS / 15_000);
    t.diagnostic(`${transitions.length} alert transitions, ${delivered.length} deliveries`);
    assert.ok(transitions.length > 20);
    assert.ok(delivered.length > 30);
  });

  await t.test('is the same when it is lived again', async () => {
    const again = (await runDay()).world;
    assert.deepEqual(again.trace.lines, world.trace.lines);
    assert.deepEqual(await hourDigests(again), await hourDigests(world));
    assert.equal(again.services().metrics.page(), world.services().metrics.page());
  });
});
