import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryRecordStore } from '#shared/adapters/memory/record-store.ts';
import { loadPrometheusConfig } from '#shared/config/load-prometheus.ts';
import { formatLabels } from '#shared/model/labels.ts';
import type { RecordStore } from '#shared/ports/record-store.ts';
import type { TargetSettings } from '#shared/registry/registered-target.ts';
import { populateRegistered, registryPool, registryScrapeConfig } from '#shared/registry/registry-pool.ts';
import { createTargetRegistry } from '#shared/registry/target-registry.ts';
import { publicLabels } from '#shared/scrape/target.ts';

const SETTINGS: TargetSettings = {
  address: 'a:80',
  job: 'j',
  scheme: 'http',
  metricsPath: '/metrics',
  params: {},
  labels: {},
  scrapeIntervalMs: 15_000,
  scrapeTimeoutMs: 10_000,
};

function open(wrap = (records: RecordStore) => records) {
  const clock = createVirtualClock(1_000_000);
  let ids = 0;
  const records = wrap(createMemoryRecordStore({ clock }));
  const registry = createTargetRegistry(records, { nowMs: () => clock.nowMs(), newId: () => `id-${++ids}` });
  return { clock, registry };
}

test('a target is created, read, replaced and deleted', async () => {
  const { clock, registry } = open();
  const created = await registry.create(SETTINGS);
  const target = { id: 'id-1', ...SETTINGS, createdAtMs: 1_000_000, updatedAtMs: 1_000_000 };
  assert.deepEqual(created, { target, version: 1 });
  assert.deepEqual(await registry.get('id-1'), created);
  await registry.create(SETTINGS);
  assert.deepEqual(
    (await registry.list()).map((entry) => entry.target.id),
    ['id-1', 'id-2'],
  );
  await clock.advanceTo(2_000_000);
  const replaced = await registry.replace('id-1', { ...SETTINGS, job: 'other' });
  assert.deepEqual(replaced, { target: { ...target, job: 'other', updatedAtMs: 2_000_000 }, version: 2 });
  assert.equal(await registry.delete('id-1'), 'deleted');
  assert.equal(await registry.get('id-1'), undefined);
  assert.equal(await registry.delete('id-1'), 'missing');
  assert.equal(await registry.replace('id-1', SETTINGS), 'missing');
});

test('a write with the version of before is refused', async () => {
  const { registry } = open();
  await registry.create(SETTINGS);
  await registry.replace('id-1', SETTINGS, 1);
  assert.equal(await registry.replace('id-1', SETTINGS, 1), 'changed');
  assert.equal(await registry.delete('id-1', 1), 'changed');
  assert.equal(await registry.delete('id-1', 2), 'deleted');
});

test('a target with a time to live lapses after its last write', async () => {
  const { clock, registry } = open();
  await registry.create({ ...SETTINGS, ttlMs: 60_000 });
  await clock.advanceTo(1_059_000);
  await registry.replace('id-1', { ...SETTINGS, ttlMs: 60_000 });
  await clock.advanceTo(1_118_999);
  assert.equal((await registry.list()).length, 1);
  await clock.advanceTo(1_119_000);
  assert.equal((await registry.list()).length, 0);
  assert.equal(await registry.get('id-1'), undefined);
});

test('writes without a version go through when another comes between, three times', async () => {
  let races = 2;
  const { registry } = open((records) => ({
    ...records,
    get: (partition, sort) => records.get(partition, sort),
    query: (query) => records.query(query),
    transact: (writes) => records.transact(writes),
    async write(write) {
      if (write.condition?.kind === 'version' && races-- > 0) return { ok: false };
      return records.write(write);
    },
  }));
  await registry.create(SETTINGS);
  assert.ok(typeof (await registry.replace('id-1', SETTINGS)) === 'object');
  races = 3;
  assert.equal(await registry.replace('id-1', SETTINGS), 'changed');
  races = 3;
  assert.equal(await registry.delete('id-1'), 'changed');
});

test('populateRegistered() makes a target of a pool of its own', () => {
  const registered = { id: 'x', ...SETTINGS, labels: { env: 'prod' }, createdAtMs: 0, updatedAtMs: 0 };
  const populated = populateRegistered({ ...registered, params: { m: ['1'] }, scheme: 'https' });
  assert.ok(populated.kind === 'target');
  const { target } = populated;
  assert.equal(target.pool, 'registry/j');
  assert.equal(formatLabels(publicLabels(target)), '{env="prod", instance="a:80", job="j"}');
  assert.equal(target.scrapeUrl, 'https://a:80/metrics?m=1');
  assert.equal(target.intervalMs, 15_000);
});

test('a registered target may have the labels job and instance of its own', () => {
  const labels = { job: 'own', instance: 'me' };
  const populated = populateRegistered({ id: 'x', ...SETTINGS, labels, createdAtMs: 0, updatedAtMs: 0 });
  assert.ok(populated.kind === 'target');
  assert.equal(formatLabels(publicLabels(populated.target)), '{instance="me", job="own"}');
});

test('registryScrapeConfig() is for registry pools only', () => {
  const yaml = 'scrape_configs:\n  - job_name: x\n';
  const [defaults] = loadPrometheusConfig('prometheus.yml', yaml, () => undefined).scrapeConfigs;
  assert.equal(registryScrapeConfig('x', defaults), undefined);
  assert.equal(registryScrapeConfig(registryPool('x'), defaults)?.jobName, 'x');
});
