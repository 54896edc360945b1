import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { discoverTargets } from '#shared/discovery/discover.ts';
import { readDiscovery, writeDiscovery } from '#shared/discovery/discovery-store.ts';
import type { Labels } from '#shared/model/labels.ts';
import type { MetricMetadata } from '#shared/model/storage.ts';
import { evaluateSlot } from '#shared/rules/evaluate-slot.ts';
import { type ApiWorld, openApiWorld } from '#test/support/api-world.ts';
import { type OracleServer, skipWithoutOracle, startOracle } from '#test/support/oracle.ts';

const EXTERNAL_URL = 'http://emberwatch.example:9090';
const PAGE = '# HELP m A <gauge> & more.\n# TYPE m gauge\nm 1\n# TYPE n_total counter\nn_total 2\n';
const METADATA: readonly MetricMetadata[] = [
  { metric: 'm', type: 'gauge', help: 'A <gauge> & more.', unit: '' },
  { metric: 'n_total', type: 'counter', help: '', unit: '' },
];

const RULES = `
groups:
  - name: one
    interval: 1s
    rules:
      - { record: 'job:x:sum', expr: 'sum by(job) (vector(1))', labels: { team: '<a>' } }
      - alert: Pending
        expr: vector(1) > 0
        for: 1h
        keep_firing_for: 5m
        labels: { severity: page }
        annotations: { summary: 'it is & was' }
      - { alert: Firing, expr: vector(1.5) }
      - { alert: Quiet, expr: vector(1) > 2 }
      - { record: broken, expr: 'vector(1) + on() (label_replace(vector(1), "a", "b", "", "") or vector(2))' }
  - name: another
    interval: 1s
    limit: 7
    rules:
      - { record: late, expr: '1' }
`;

const config = (target: string, rules: string) => `
global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: ['${rules}']
scrape_configs:
  - job_name: web
    metrics_path: /page
    params: { module: [a b] }
    static_configs:
      - targets: ['${target}', 'drop:1']
        labels: { env: '<prod>' }
    relabel_configs:
      - { source_labels: [__address__], regex: 'drop:.*', action: drop }
  - job_name: down
    static_configs: [{ targets: ['127.0.0.1:1'] }]
`;

const PATHS = [
  '/api/v1/targets',
  '/api/v1/targets?state=active',
  '/api/v1/targets?state=dropped&scrapePool=web',
  '/api/v1/targets?scrapePool=down',
  '/api/v1/targets/metadata',
  '/api/v1/targets/metadata?metric=m',
  '/api/v1/targets/metadata?match_target={job="down"}',
  '/api/v1/metadata',
  '/api/v1/metadata?metric=m',
  '/api/v1/metadata?metric=none',
  '/api/v1/scrape_pools',
  '/api/v1/rules',
  '/api/v1/rules?type=alert',
  '/api/v1/rules?type=record',
  '/api/v1/rules?exclude_alerts=1',
  '/api/v1/rules?rule_name[]=Quiet&rule_name[]=late',
  '/api/v1/rules?rule_group[]=another',
  '/api/v1/rules?file[]=nope',
  '/api/v1/rules?match[]={severity="page"}',
  '/api/v1/alerts',
];

suite('what the API shows of targets and rules', { skip: skipWithoutOracle('prometheus') }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'api-state-'));
  let target: Server;
  let prometheus: OracleServer;
  let world: ApiWorld;

  before(async () => {
    target = createServer((_, response) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(PAGE));
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(target.address() as AddressInfo).port}`;
    writeFileSync(join(folder, 'rules.yml'), RULES);
    writeFileSync(join(folder, 'prometheus.yml'), config(address, 'rules.yml'));
    prometheus = await startOracle('prometheus', (listen) => [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listen}`,
      `--web.external-url=${EXTERNAL_URL}`,
      '--web.route-prefix=/',
    ]);
    world = await openApiWorld({ nowMs: Date.now(), prometheus: config(address, 'rules.yml'), rules: RULES });
    await scrapeAndEvaluate(world);
    await until(async () => {
      const targets = await text(prometheus.url, '/api/v1/targets');
      const rules = await text(prometheus.url, '/api/v1/rules');
      const isScraped = targets.includes('"health":"up"') && targets.includes('"health":"down"');
      return isScraped && rules.includes('"firing"') && !rules.includes('"unknown"');
    });
  });

  after(async () => {
    await prometheus?.stop();
    target.close();
    target.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is what the real one shows', async (t) => {
    for (const path of PATHS) {
      await t.test(path, async () => {
        const expected = (await text(prometheus.url, path)).replaceAll(folder, '/etc');
        const actual = await (await world.get(path)).text();
        assert.deepEqual(comparable(actual), comparable(expected));
      });
    }
  });
});

async function text(url: string, path: string): Promise<string> {
  return (await fetch(url + path)).text();
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('The real Prometheus has not scraped and evaluated after 20 s');
}

/** One discovery, one scrape and one evaluation of each group. */
async function scrapeAndEvaluate(world: ApiWorld): Promise<void> {
  const { ports, stores, configuration, deps } = world;
  const discovery = await discoverTargets(configuration, await readDiscovery(ports), { ...ports, ...stores });
  await writeDiscovery(ports, discovery);
  const slotMs = Math.floor(ports.clock.nowMs() / 1000) * 1000;
  for (const { stream } of await stores.plans.streams()) await scrape(world, stream, slotMs);
  const queries = {
    instant: async (
      expr: Parameters<typeof deps.engine.instant>[0],
      timeMs: number,
      querier: ReturnType<typeof deps.querier>,
    ) => {
      const { value } = await deps.engine.instant(expr, timeMs, { querier });
      return value.kind === 'vector'
        ? value.samples
        : value.kind === 'scalar'
          ? [{ labels: [], value: value.value }]
          : [];
    },
    expander: () => async (template: string) => template,
  };
  const settings = { externalLabels: [], externalUrl: EXTERNAL_URL, alertRelabelConfigs: [] };
  const rulePorts = { ...ports, ...stores, querier: deps.querier, queries };
  for (const group of configuration.ruleGroups) await evaluateSlot(group, slotMs, { ports: rulePorts, settings });
}

/** What the scrapes of a stream's targets give: the page of one, and no answer of the other. */
async function scrape({ stores, write }: ApiWorld, stream: string, slotMs: number): Promise<void> {
  const { targets } = (await stores.plans.get(stream))!;
  const [good, bad] = ['web', 'down'].map((pool) => targets.find((candidate) => candidate.pool === pool)!.id);
  const up = (value: number): readonly (readonly [Labels, number])[] => [[['__name__', 'up'], value]];
  const extra = { stream, errors: { [bad]: 'connection refused' }, metadata: { [good]: METADATA } };
  await write(slotMs, { [good]: up(1), [bad]: up(0) }, extra);
}

/** Without what differs from run to run, and without the order that upstream leaves open. */
function comparable(answer: string): unknown {
  const masked = answer
    // Native histograms, which are not scraped here.
    .replaceAll(/"__(?:always_scrape_classic|convert_classic|scrape_native)_histograms[a-z_]*":"false",/g, '')
    .replaceAll(/"(lastScrapeDuration|evaluationTime)":[0-9.e-]+/g, '"$1":0')
    .replaceAll(/"(lastScrape|lastEvaluation|activeAt)":"20[^"]+"/g, '"$1":"<time>"')
    .replaceAll(/"lastError":"(?:[^"\\]|\\.)*refused"/g, '"lastError":"<refused>"');
  return { characters: [...masked].sort().join(''), json: sortedLists(JSON.parse(masked)) };
}

function sortedLists(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sortedLists).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, sortedLists(member)]));
}
