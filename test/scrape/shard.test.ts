import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { shardTargets } from '#shared/scrape/shard.ts';
import { createPlanStore, type PlannedTarget } from '#shared/scrape/shard-plan.ts';
import { createTarget } from '#shared/scrape/target.ts';

function targets(count: number, intervalMs = 15_000): PlannedTarget[] {
  return Array.from({ length: count }, (_, i) => {
    const labels = labelsFromRecord({ __address__: `host-${i}:80`, __scheme__: 'http', __metrics_path__: '/metrics' });
    const parts = { pool: 'p', labels, discoveredLabels: [], intervalMs, timeoutMs: 10_000 };
    return createTarget(parts, {});
  });
}

test('shardTargets() puts each target into one stream of its interval', () => {
  const all = [...targets(450), ...targets(3, 60_000)];
  const plans = shardTargets(all);
  const planned = [...plans].flatMap(([stream, plan]) => plan.targets.map((target) => ({ stream, plan, target })));
  assert.equal(planned.length, 453);
  assert.equal(new Set(planned.map(({ plan, target }) => `${plan.intervalMs} ${target.id}`)).size, 453);
  for (const { stream, plan, target } of planned) {
    assert.equal(target.intervalMs, plan.intervalMs);
    assert.match(stream, new RegExp(`^scrape-${plan.intervalMs}-[0-2]$`));
  }
});

test('shardTargets() keeps streams even and targets in them in order', () => {
  const plans = shardTargets(targets(2000));
  assert.equal(plans.size, 10);
  for (const { targets: some } of plans.values()) {
    assert.ok(some.length > 140 && some.length < 260, `${some.length} targets`);
    assert.deepEqual(
      some.map(({ id }) => id),
      some.map(({ id }) => id).toSorted(),
    );
  }
});

test('one target more moves few others', () => {
  const streamOf = (count: number) => {
    const entries = [...shardTargets(targets(count))];
    return new Map(entries.flatMap(([stream, plan]) => plan.targets.map(({ id }) => [id, stream] as const)));
  };
  const moved = (from: number, to: number) => {
    const before = streamOf(from);
    return [...streamOf(to)].filter(([id, stream]) => before.has(id) && before.get(id) !== stream).length;
  };
  assert.equal(moved(399, 400), 0);
  // From four streams to five: about a fifth.
  assert.ok(moved(800, 801) < 240, `${moved(800, 801)} moved`);
});

test('a plan is read as it was put, from another worker too', async () => {
  const clock = createVirtualClock(0);
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1) });
  const open = () => createPlanStore(ports, () => clock.nowMs());
  const [writer, reader] = [open(), open()];
  assert.equal(await reader.get('s'), undefined);
  const plan = { intervalMs: 15_000, targets: targets(2) };
  await writer.put('s', plan);
  assert.deepEqual(await reader.get('s'), plan);
  const other = { intervalMs: 15_000, targets: targets(3) };
  await writer.put('s', other);
  assert.deepEqual(await reader.get('s'), other);
  assert.deepEqual(await reader.streams(), [{ stream: 's', intervalMs: 15_000 }]);
  assert.equal((await ports.objects.list('plans/')).objects.length, 1);
});

test('a plan that returns while the writer before still deletes it is not lost', async () => {
  const clock = createVirtualClock(0);
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1) });
  const [a, b] = [targets(1), targets(2)].map((some) => ({ intervalMs: 15_000, targets: some }));
  const nowMs = () => clock.nowMs();
  const other = createPlanStore(ports, nowMs);
  const slow = createPlanStore(
    {
      records: ports.records,
      objects: {
        get: (key) => ports.objects.get(key),
        put: (key, body) => ports.objects.put(key, body),
        list: (prefix) => ports.objects.list(prefix),
        async delete(key) {
          await other.put('s', a);
          await ports.objects.delete(key);
        },
      },
    },
    nowMs,
  );
  await other.put('s', a);
  await slow.put('s', b);
  assert.deepEqual(await createPlanStore(ports, nowMs).get('s'), a);
});
