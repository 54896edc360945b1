import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globalUrlOf } from '#shared/api/prometheus/global-url.ts';
import { discoverTargets } from '#shared/discovery/discover.ts';
import { readDiscovery, writeDiscovery } from '#shared/discovery/discovery-store.ts';
import type { Labels } from '#shared/model/labels.ts';
import { type ApiWorld, answerOf, openApiWorld } from '#test/support/api-world.ts';

const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const CONFIG = `
global: { scrape_interval: 15s, scrape_timeout: 5s }
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['a:9100', 'b:9100', 'localhost:9100', 'drop:1']
        labels: { env: prod }
    relabel_configs:
      - { source_labels: [__address__], regex: 'drop:.*', action: drop }
  - job_name: empty
`;

async function openDiscovered(): Promise<ApiWorld> {
  const world = await openApiWorld({ nowMs: NOW_MS, prometheus: CONFIG });
  await discover(world);
  return world;
}

async function discover(world: ApiWorld): Promise<void> {
  const ports = { ...world.ports, ...world.stores };
  await writeDiscovery(
    world.ports,
    await discoverTargets(world.configuration, await readDiscovery(world.ports), ports),
  );
}

/** Writes the batch of the last slot: what each target's scrape gave. */
async function scrape(
  world: ApiWorld,
  results: Readonly<Record<string, { up: 0 | 1; error?: string }>>,
): Promise<void> {
  const [{ stream }] = await world.stores.plans.streams();
  const { targets } = (await world.stores.plans.get(stream))!;
  const sources: Record<string, [Labels, number][]> = {};
  const errors: Record<string, string> = {};
  for (const target of targets) {
    const address = target.labels[target.labels.indexOf('__address__') + 1];
    const result = results[address];
    if (result === undefined) continue;
    const page: [Labels, number][] = result.up === 1 ? [[['__name__', 'up', 'x', 'own'], 7]] : [];
    sources[target.id] = [...page, [['__name__', 'up'], result.up], [['__name__', 'scrape_duration_seconds'], 0.25]];
    if (result.error !== undefined) errors[target.id] = result.error;
  }
  const own = [{ metric: 'up', type: 'gauge', help: 'Own <up>.', unit: '' }] as const;
  const metadata = Object.fromEntries(Object.keys(sources).map((source) => [source, own]));
  await world.write(NOW_MS - 5000, sources, { stream, errors, metadata });
}

test('targets before and after their first scrape', async () => {
  const world = await openDiscovered();
  const before = (await answerOf(world.get('/api/v1/targets'))).json.data;
  assert.deepEqual(
    before.activeTargets.map((target: { health: string; lastScrape: string }) => [target.health, target.lastScrape]),
    Array(3).fill(['unknown', '0001-01-01T00:00:00Z']),
  );
  await scrape(world, { 'a:9100': { up: 1 }, 'b:9100': { up: 0, error: 'server returned HTTP status 500' } });
  const { activeTargets, droppedTargets, droppedTargetCounts } = (await answerOf(world.get('/api/v1/targets'))).json
    .data;
  assert.deepEqual(activeTargets[0], {
    discoveredLabels: {
      __address__: 'a:9100',
      __metrics_path__: '/metrics',
      __scheme__: 'http',
      __scrape_interval__: '15s',
      __scrape_timeout__: '5s',
      env: 'prod',
      job: 'node',
    },
    labels: { env: 'prod', instance: 'a:9100', job: 'node' },
    scrapePool: 'node',
    scrapeUrl: 'http://a:9100/metrics',
    globalUrl: 'http://a:9100/metrics',
    lastError: '',
    lastScrape: '2026-01-02T03:04:00Z',
    lastScrapeDuration: 0.25,
    health: 'up',
    scrapeInterval: '15s',
    scrapeTimeout: '5s',
  });
  assert.deepEqual([activeTargets[1].health, activeTargets[1].lastError], ['down', 'server returned HTTP status 500']);
  assert.deepEqual(
    [activeTargets[2].health, activeTargets[2].globalUrl],
    ['unknown', 'http://emberwatch.example:9100/metrics'],
  );
  assert.equal(droppedTargets[0].discoveredLabels.__address__, 'drop:1');
  assert.deepEqual(droppedTargetCounts, { empty: 0, node: 1 });
});

test('state and scrapePool select', async () => {
  const world = await openDiscovered();
  const cases = [
    { input: 'state=active', expected: [3, 0, null] },
    { input: 'state=dropped', expected: [0, 1, { empty: 0, node: 1 }] },
    { input: 'state=ANY&scrapePool=empty', expected: [0, 0, { empty: 0, node: 1 }] },
    { input: 'scrapePool=node', expected: [3, 1, { empty: 0, node: 1 }] },
  ];
  for (const { input, expected } of cases) {
    const { data } = (await answerOf(world.get(`/api/v1/targets?${input}`))).json;
    assert.deepEqual(
      [data.activeTargets.length, data.droppedTargets.length, data.droppedTargetCounts],
      expected,
      input,
    );
  }
});

test('registered targets are in pools of their own', async () => {
  const world = await openDiscovered();
  await world.send('POST', '/api/v1/registry/targets', { address: 'c:80', job: 'node', scrapeInterval: '15s' });
  await discover(world);
  assert.deepEqual((await answerOf(world.get('/api/v1/scrape_pools'))).json.data, {
    scrapePools: ['empty', 'node', 'registry/node'],
  });
  const { data } = (await answerOf(world.get('/api/v1/targets?scrapePool=registry/node'))).json;
  assert.deepEqual(data.activeTargets[0].labels, { instance: 'c:80', job: 'node' });
});

test('metadata, by target and by metric', async () => {
  const world = await openDiscovered();
  await scrape(world, { 'a:9100': { up: 1 }, 'b:9100': { up: 1 } });
  const labels = (instance: string) => ({ env: 'prod', instance, job: 'node' });
  const about = { type: 'gauge', help: 'Own <up>.', unit: '' };
  const cases = [
    {
      input: 'targets/metadata?match_target={instance="b:9100"}',
      expected: [{ target: labels('b:9100'), metric: 'up', ...about }],
    },
    { input: 'targets/metadata?metric=up&limit=1', expected: [{ target: labels('a:9100'), ...about }] },
    { input: 'targets/metadata?metric=none', expected: [] },
    { input: 'metadata', expected: { up: [about] } },
    { input: 'metadata?metric=none', expected: {} },
    { input: 'metadata?limit=0', expected: {} },
    { input: 'metadata?limit_per_metric=1', expected: { up: [about] } },
  ];
  for (const { input, expected } of cases) {
    assert.deepEqual((await answerOf(world.get(`/api/v1/${input}`))).json.data, expected, input);
  }
});

test('globalUrlOf() replaces what users cannot reach', () => {
  const own = { externalUrl: 'https://watch.example:8443/prefix', listenAddress: '0.0.0.0:9090' };
  const cases = [
    { input: 'http://a:80/metrics', expected: 'http://a:80/metrics' },
    { input: 'http://localhost:9100/metrics?x=1', expected: 'http://watch.example:9100/metrics?x=1' },
    { input: 'http://127.0.0.1:9090/metrics', expected: 'https://watch.example:8443/metrics' },
    { input: 'http://[::1]/metrics', expected: 'http://watch.example/metrics' },
    { input: 'http://localhost.example:80/', expected: 'http://localhost.example:80/' },
  ];
  for (const { input, expected } of cases) assert.equal(globalUrlOf(input, own), expected);
});
