import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { LOCAL_EGRESS } from '#shared/adapters/node/egress-policy.ts';
import { createNodeHttpClient } from '#shared/adapters/node/http-client.ts';
import { loadConfiguration } from '#shared/config/configuration.ts';
import { discoverTargets } from '#shared/discovery/discover.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { createTargetRegistry } from '#shared/registry/target-registry.ts';
import { createSlotScraper } from '#shared/scrape/scrape-slot.ts';
import { createPlanStore } from '#shared/scrape/shard-plan.ts';
import { createBatchStore } from '#shared/tsdb/batch-store.ts';
import { createHead } from '#shared/tsdb/head/head.ts';
import { createLayoutStore } from '#shared/tsdb/layout-store.ts';
import { runPromtool, skipWithoutOracle, startPrometheus } from '#test/support/oracle.ts';
import { startScriptedExporter } from '#test/support/scripted-exporter.ts';
import { LIVE_JOBS, LIVE_SCRAPES, liveConfig } from './live-jobs.ts';
import { comparable, type LiveSample, ourSamples, realSamples } from './live-samples.ts';

/** The same exporters scraped by the real Prometheus, second by second, and by us on a virtual clock: everything that is
 *  stored is the same, stale markers and reports included. */

const skip = skipWithoutOracle('prometheus', 'promtool');
const SCRIPTS = Object.fromEntries(LIVE_JOBS.map(({ name, script }) => [`/${name}`, script]));
const INTERVAL_MS = 1000;
const DAY_MS = 86_400_000;

interface Scraped {
  readonly samples: readonly LiveSample[];
  /** When a job was scraped first. */
  readonly startMs: (job: string) => number | undefined;
}

let real: Scraped;
let ours: Scraped;
let folder: string;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), 'live-scrape-'));
  [real, ours] = await Promise.all([scrapeByPrometheus(), scrapeByUs()]);
});

after(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function scrapeByPrometheus(): Promise<Scraped> {
  const exporter = await startScriptedExporter(SCRIPTS, {
    intervalMs: INTERVAL_MS,
    nowMs: Date.now,
    lastIndex: LIVE_SCRAPES,
  });
  const prometheus = await startPrometheus({ folder, config: liveConfig(exporter.address) });
  try {
    const done = () =>
      LIVE_JOBS.every(({ name }) => exporter.scrapes(`/${name}`) > LIVE_SCRAPES || name === 'target-limit');
    while (!done()) await sleep(100);
    const query = { query: '{__name__=~".+"}[1h]' };
    const { result } = (await prometheus.query('/api/v1/query', query)) as { result: [] };
    await prometheus.stop();
    const samples = realSamples(await runPromtool('tsdb', 'dump', join(folder, 'data')), result);
    return { samples, startMs: (job) => exporter.startMs(`/${job}`) };
  } finally {
    await prometheus.stop();
    await exporter.close();
  }
}

async function scrapeByUs(): Promise<Scraped> {
  const startMs = Date.UTC(2026, 0, 1, 1);
  const clock = createVirtualClock(startMs);
  const nowMs = () => clock.nowMs();
  const exporter = await startScriptedExporter(SCRIPTS, { intervalMs: INTERVAL_MS, nowMs, lastIndex: LIVE_SCRAPES });
  const files = { 'prometheus.yml': liveConfig(exporter.address) };
  const memory = createMemoryPorts({ clock, random: createSeededRandom(1), files });
  const http = createNodeHttpClient({ egress: LOCAL_EGRESS });
  try {
    const configuration = await loadConfiguration(
      { prometheus: 'prometheus.yml' },
      { files: memory.files, env: () => undefined, checkTemplate: () => {} },
    );
    const batches = createBatchStore(memory, { retentionMs: DAY_MS, nowMs });
    const layouts = createLayoutStore(memory.objects, memory.compression);
    const plans = createPlanStore(memory, nowMs);
    const registry = createTargetRegistry(memory.records, { nowMs, newId: () => 'id' });
    await discoverTargets(configuration, undefined, { files: memory.files, registry, plans });
    const scrapeConfig = async (pool: string) =>
      configuration.prometheus.scrapeConfigs.find(({ jobName }) => jobName === pool)!;
    const scraper = createSlotScraper({ ...memory, http, batches, layouts, plans, scrapeConfig });
    const [{ stream }] = await plans.streams();
    for (let k = 0; k <= LIVE_SCRAPES; k++) {
      await clock.advanceTo(startMs + k * INTERVAL_MS);
      const result = await scraper.scrape({ stream, slotMs: clock.nowMs() });
      assert.equal(result.kind, 'written');
    }
    const head = createHead({ batches, layouts }, { nowMs });
    const range = { minMs: startMs - DAY_MS, maxMs: startMs + DAY_MS };
    const series = await head.querier().select([createMatcher('__name__', '=~', '.+')], range);
    return { samples: ourSamples(series), startMs: () => startMs };
  } finally {
    http.close();
    await exporter.close();
  }
}

for (const { name, manyNotations = false } of LIVE_JOBS) {
  test(`scrapes are stored as by Prometheus: ${name}`, { skip }, () => {
    const options = { job: name, scrapes: LIVE_SCRAPES, withSeriesAdded: !manyNotations };
    const expected = comparable(real.samples, { ...options, startMs: real.startMs(name) });
    const actual = comparable(ours.samples, { ...options, startMs: ours.startMs(name) });
    assert.ok(expected.length >= 5);
    assert.equal(actual.join('\n'), expected.join('\n'));
  });
}
