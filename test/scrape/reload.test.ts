import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { loadPrometheusConfig } from '#shared/config/load-prometheus.ts';
import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { populateTarget } from '#shared/scrape/populate.ts';
import { createSlotScraper } from '#shared/scrape/scrape-slot.ts';
import { createPlanStore } from '#shared/scrape/shard-plan.ts';
import { createBatchStore } from '#shared/tsdb/batch-store.ts';
import { createHead } from '#shared/tsdb/head/head.ts';
import { createLayoutStore } from '#shared/tsdb/layout-store.ts';
import { formatSeries } from '#test/support/stored-samples.ts';

const INTERVAL_MS = 10_000;

function configOf(lines: readonly string[]): ScrapeConfig {
  const yaml = ['scrape_configs:', '- job_name: j', '  scrape_interval: 10s', ...lines].join('\n');
  return loadPrometheusConfig('prometheus.yml', yaml, () => undefined).scrapeConfigs[0];
}

/** Scrapes one target at slot 1 by `before`, then at slot 2 by `after`, with one warm scraper. */
async function reloaded(before: ScrapeConfig, after: ScrapeConfig, name: string): Promise<string[]> {
  const clock = createVirtualClock(INTERVAL_MS);
  const nowMs = () => clock.nowMs();
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1) });
  const batches = createBatchStore(ports, { retentionMs: 86_400_000, nowMs });
  const layouts = createLayoutStore(ports.objects, ports.compression);
  const plans = createPlanStore(ports, nowMs);
  const populated = populateTarget(labelsFromRecord({ __address__: 'a:80' }), [], before);
  assert.equal(populated.kind, 'target');
  await plans.put('s', { intervalMs: INTERVAL_MS, targets: populated.kind === 'target' ? [populated.target] : [] });
  const headers = { 'content-type': 'text/plain' };
  ports.http.routes.set('http://a:80/metrics', () => ({ headers, body: 'x{job="k"} 1\n' }));
  let config = before;
  const scraper = createSlotScraper({ ...ports, batches, layouts, plans, scrapeConfig: async () => config });
  await scraper.scrape({ stream: 's', slotMs: INTERVAL_MS });
  await clock.advanceTo(2 * INTERVAL_MS);
  config = after;
  await scraper.scrape({ stream: 's', slotMs: 2 * INTERVAL_MS });
  const querier = createHead({ batches, layouts }, { nowMs }).querier();
  return formatSeries(await querier.select([createMatcher('__name__', '=~', name)], { minMs: 0, maxMs: 1e9 }));
}

test('a warm scraper keeps to the configuration of the moment', async (t) => {
  const drop = ['  metric_relabel_configs:', '  - { source_labels: [__name__], regex: x, action: drop }'];
  const cases = [
    {
      changed: 'metric_relabel_configs',
      after: drop,
      expected: ['x{exported_job="k", instance="a:80", job="j"} 1@10000 stale@20000'],
    },
    {
      changed: 'honor_labels',
      after: ['  honor_labels: true'],
      expected: [
        'x{exported_job="k", instance="a:80", job="j"} 1@10000 stale@20000',
        'x{instance="a:80", job="k"} 1@20000',
      ],
    },
    {
      changed: 'label_limit',
      after: ['  label_limit: 1'],
      expected: ['x{exported_job="k", instance="a:80", job="j"} 1@10000 stale@20000'],
    },
    {
      changed: 'extra_scrape_metrics',
      after: ['  extra_scrape_metrics: true'],
      name: 'scrape_sample_limit|x',
      expected: [
        'scrape_sample_limit{instance="a:80", job="j"} 0@20000',
        'x{exported_job="k", instance="a:80", job="j"} 1@10000 1@20000',
      ],
    },
  ];
  for (const { changed, after, expected, name = 'x' } of cases) {
    await t.test(changed, async () => {
      assert.deepEqual(await reloaded(configOf([]), configOf(after), name), expected);
    });
  }
});
