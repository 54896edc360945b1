import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { loadConfiguration } from '#shared/config/configuration.ts';
import { type Discovery, discoverTargets } from '#shared/discovery/discover.ts';
import { readDiscovery, writeDiscovery } from '#shared/discovery/discovery-store.ts';
import { createTargetRegistry } from '#shared/registry/target-registry.ts';
import { createPlanStore } from '#shared/scrape/shard-plan.ts';

/** Discovery over memory adapters. `files` may be changed between rounds. */
function open(files: Record<string, string>) {
  const clock = createVirtualClock(1_000_000);
  const nowMs = () => clock.nowMs();
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1), files });
  const plans = createPlanStore(ports, nowMs);
  const registry = createTargetRegistry(ports.records, { nowMs, newId: () => ports.random.uuid() });
  return {
    clock,
    ports,
    registry,
    plans,
    async discover(last?: Discovery): Promise<Discovery> {
      const deps = { files: ports.files, env: () => undefined, checkTemplate: () => {} };
      const configuration = await loadConfiguration({ prometheus: 'prometheus.yml' }, deps);
      return discoverTargets(configuration, last, { files: ports.files, registry, plans });
    },
    /** Stream → URLs of its targets, with their forced errors. */
    async planned(): Promise<Record<string, string[]>> {
      const shown: Record<string, string[]> = {};
      for (const { stream } of await plans.streams()) {
        const { targets } = (await plans.get(stream))!;
        shown[stream] = targets
          .map(({ scrapeUrl, forcedError }) => [scrapeUrl, forcedError].filter(Boolean).join(' '))
          .sort();
      }
      return shown;
    },
  };
}

const STATIC = (...addresses: readonly string[]) => `
scrape_configs:
  - job_name: web
    scrape_interval: 15s
    static_configs: [{ targets: [${addresses.map((address) => `'${address}'`).join(', ')}] }]
`;

test('discoverTargets() plans the targets of all sources, by interval', async () => {
  const world = open({
    'prometheus.yml': `
scrape_configs:
  - job_name: web
    scrape_interval: 15s
    static_configs: [{ targets: ['a:80', 'b:80'] }, { targets: ['a:80'] }]
  - job_name: files
    scrape_interval: 30s
    file_sd_configs: [{ files: ['sd/*.json'] }]
`,
    'sd/one.json': '[{ "targets": ["c:80"], "labels": { "__metrics_path__": "/m" } }]',
  });
  await world.registry.create({
    address: 'd:80',
    job: 'reg',
    scheme: 'http',
    metricsPath: '/metrics',
    params: {},
    labels: {},
    scrapeIntervalMs: 15_000,
    scrapeTimeoutMs: 10_000,
  });
  const { dropped, problems } = await world.discover();
  assert.deepEqual({ dropped, problems }, { dropped: [], problems: [] });
  assert.deepEqual(await world.planned(), {
    'scrape-15000-0': ['http://a:80/metrics', 'http://b:80/metrics', 'http://d:80/metrics'],
    'scrape-30000-0': ['http://c:80/m'],
  });
});

test('what cannot be used is told, and harms nothing else', async () => {
  const world = open({
    'prometheus.yml': `
scrape_configs:
  - job_name: web
    scrape_interval: 15s
    static_configs: [{ targets: ['a:80', 'drop:80', 'odd:80'] }]
    relabel_configs:
      - { source_labels: [__address__], regex: 'drop:80', action: drop }
      - { source_labels: [__address__], regex: 'odd:80', target_label: __scrape_interval__, replacement: never }
    file_sd_configs: [{ files: ['sd.json'] }]
`,
    'sd.json': 'not json',
  });
  const { dropped, problems } = await world.discover();
  assert.equal(dropped.length, 1);
  assert.equal(dropped[0].pool, 'web');
  assert.equal(problems.length, 2);
  assert.match(problems.join('\n'), /sd\.json/);
  assert.match(
    problems.join('\n'),
    /Cannot use a target of web: error parsing scrape interval: not a valid duration string: "never"/,
  );
  assert.deepEqual(await world.planned(), { 'scrape-15000-0': ['http://a:80/metrics'] });
});

test('a file that breaks keeps its last good targets, from one round to the next', async () => {
  const files: Record<string, string> = {
    'prometheus.yml': `
scrape_configs:
  - { job_name: f, scrape_interval: 15s, file_sd_configs: [{ files: ['sd.json'] }] }
`,
    'sd.json': '[{ "targets": ["c:80"] }]',
  };
  const world = open(files);
  await writeDiscovery(world.ports, await world.discover());
  files['sd.json'] = '[{';
  for (let round = 0; round < 2; round++) {
    const found = await world.discover(await readDiscovery(world.ports));
    assert.equal(found.problems.length, 1);
    await writeDiscovery(world.ports, found);
    assert.deepEqual(await world.planned(), { 'scrape-15000-0': ['http://c:80/metrics'] });
  }
  delete files['sd.json'];
  await world.discover(await readDiscovery(world.ports));
  assert.deepEqual(await world.planned(), { 'scrape-15000-0': [] });
});

test('a stream that loses all its targets gets an empty plan, for a while', async () => {
  const files = { 'prometheus.yml': STATIC('a:80') };
  const world = open(files);
  await world.discover();
  files['prometheus.yml'] = 'scrape_configs: []\n';
  await world.discover();
  assert.deepEqual(await world.planned(), { 'scrape-15000-0': [] });
  await world.clock.advanceTo(1_000_000 + 599_000);
  await world.discover();
  assert.deepEqual(await world.planned(), { 'scrape-15000-0': [] });
  await world.clock.advanceTo(1_000_000 + 600_000);
  assert.deepEqual(await world.planned(), {});
});

test('a stream that gets targets again while its empty plan lasts keeps them', async () => {
  const files = { 'prometheus.yml': STATIC('a:80') };
  const world = open(files);
  await world.discover();
  files['prometheus.yml'] = 'scrape_configs: []\n';
  await world.discover();
  files['prometheus.yml'] = STATIC('a:80');
  await world.discover();
  await world.clock.advanceTo(10_000_000);
  assert.deepEqual(await world.planned(), { 'scrape-15000-0': ['http://a:80/metrics'] });
});

test('the target limit fails all targets of the job, at one above it', async () => {
  const files = { 'prometheus.yml': `${STATIC('a:80', 'b:80')}    target_limit: 2\n` };
  const world = open(files);
  await world.discover();
  assert.deepEqual(await world.planned(), { 'scrape-15000-0': ['http://a:80/metrics', 'http://b:80/metrics'] });
  files['prometheus.yml'] = `${STATIC('a:80', 'b:80', 'c:80')}    target_limit: 2\n`;
  await world.discover();
  const error = 'target_limit exceeded (number of targets: 3, limit: 2)';
  assert.deepEqual(await world.planned(), {
    'scrape-15000-0': ['a', 'b', 'c'].map((host) => `http://${host}:80/metrics ${error}`),
  });
});

test('one discovery like the other writes nothing', async () => {
  const world = open({ 'prometheus.yml': STATIC('a:80', 'b:80') });
  await writeDiscovery(world.ports, await world.discover());
  const before = await world.ports.objects.list('plans/');
  const found = await world.discover(await readDiscovery(world.ports));
  await writeDiscovery(world.ports, found);
  assert.deepEqual(await world.ports.objects.list('plans/'), before);
  assert.equal((await world.ports.records.get('discovery', 'last'))?.version, 1);
});
