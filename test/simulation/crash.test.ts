import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCrash, type CleanRun } from '#test/support/simulation/check-crash.ts';
import { checkRun } from '#test/support/simulation/check-run.ts';
import { type CrashKind, type FaultPlan, NO_FAULTS } from '#test/support/simulation/faults.ts';
import { OUTAGE, OUTAGE_MS, RECOVERY_MS } from '#test/support/simulation/outage.ts';
import { createWorld, type World } from '#test/support/simulation/world.ts';

async function run(faults: FaultPlan): Promise<World> {
  const world = createWorld(OUTAGE, faults);
  await world.driver.run(OUTAGE.startMs + OUTAGE_MS + RECOVERY_MS);
  return world;
}

test('a process that crashes at any of its port calls', async (t) => {
  const world = await run(NO_FAULTS);
  const clean: CleanRun = { ...(await checkRun(world)), delivered: world.trace.delivered };
  assert.equal(clean.delivered.length, 6);
  const calls = await callsUntil(OUTAGE_MS);

  for (const kind of ['die', 'refuse', 'forget'] satisfies CrashKind[]) {
    await t.test(`${kind}: nothing is lost, nothing is doubled`, async (t) => {
      const failures: string[] = [];
      let crashes = 0;
      for (let call = 1; call <= calls; call++) {
        const crashed = await run({ ...NO_FAULTS, crash: { call, kind } });
        crashes++;
        try {
          await checkCrash(crashed, clean);
        } catch (error) {
          const { call: name, timeMs } = crashed.driver.first.crashed()!;
          const problem = (error as Error).message.split('\n').slice(0, 12).join('\n');
          failures.push(`call ${call} (${name} at ${timeMs - OUTAGE.startMs} ms): ${problem}`);
        }
      }
      t.diagnostic(`${crashes} crashes`);
      assert.equal(failures.length, 0, `${failures.length} crashes:\n${failures.slice(0, 20).join('\n')}`);
    });
  }
});

/** Port calls of the scenario's first part. */
async function callsUntil(endMs: number): Promise<number> {
  const world = createWorld(OUTAGE);
  await world.driver.run(OUTAGE.startMs + endMs);
  return world.driver.first.calls();
}
