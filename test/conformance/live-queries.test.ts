import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createMemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { loadConfiguration } from '#shared/config/configuration.ts';
import { discoverTargets } from '#shared/discovery/discover.ts';
import type { MetricFamily } from '#shared/exposition/metric-family.ts';
import { TEXT_CONTENT_TYPE, writeOpenMetrics, writeText } from '#shared/exposition/writer.ts';
import { formatFloatJson } from '#shared/model/float.ts';
import { getLabel, labelsFromRecord, labelsToRecord } from '#shared/model/labels.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import type { Querier } from '#shared/model/storage.ts';
import { createEngine, type Engine } from '#shared/promql/engine/engine.ts';
import type { ResultValue } from '#shared/promql/engine/result.ts';
import { createTargetRegistry } from '#shared/registry/target-registry.ts';
import { createSlotScraper } from '#shared/scrape/scrape-slot.ts';
import { createPlanStore } from '#shared/scrape/shard-plan.ts';
import { createBatchStore } from '#shared/tsdb/batch-store.ts';
import { createHead } from '#shared/tsdb/head/head.ts';
import { createLayoutStore } from '#shared/tsdb/layout-store.ts';
import { type RunningPrometheus, runPromtool, skipWithoutOracle, startPrometheus } from '#test/support/oracle.ts';

/** What we scraped, exported as OpenMetrics and made a block by promtool, answers queries under the real Prometheus as it
 *  does under our engine over our head. OpenMetrics cannot carry stale markers: here no series ever ends, so that there
 *  are none; what markers do is compared by the scripts of the engine and, for storage, in live.test.ts. */

const skip = skipWithoutOracle('prometheus', 'promtool');
const INTERVAL_MS = 15_000;
/** 100 minutes across the border of two of the head's windows. */
const START_MS = Date.UTC(2026, 0, 1, 11, 10);
const END_MS = START_MS + 100 * 60_000;
const DAY_MS = 86_400_000;

const CONFIG = `
global: { scrape_interval: 15s }
scrape_configs:
  - job_name: web
    static_configs: [{ targets: ['a:80', 'b:80', 'c:80'] }]
  - job_name: db
    static_configs: [{ targets: ['d:80'], labels: { shard: '1' } }]
`;

/** Selectors, functions, aggregations, matching, modifiers; each is asked for one time and for a range. */
const QUERIES = [
  'gauge',
  '{job="web",__name__=~"requests.*",code!="500"}',
  'up == 1',
  'rate(requests_total[5m])',
  'irate(requests_total[2m])',
  'increase(requests_total{code="200"}[7m30s])',
  'delta(gauge[10m])',
  'deriv(gauge[10m])',
  'predict_linear(gauge[10m], 3600)',
  'resets(requests_total[1h]) + changes(gauge[10m])',
  'avg_over_time(gauge[5m]) - min_over_time(gauge[5m])',
  'stddev_over_time(gauge[10m])',
  'quantile_over_time(0.9, gauge[10m])',
  'last_over_time(gauge[1m]) != gauge offset 30s',
  'count_over_time({job="db",code=~".+"}[3m])',
  'sum by (job, code) (rate(requests_total[5m]))',
  'avg without (instance) (gauge)',
  'topk(2, gauge)',
  'quantile(0.25, gauge)',
  'count_values("value", round(gauge / 50))',
  'stddev(gauge) or stdvar(gauge)',
  'requests_total{code="500"} / on (instance, job) requests_total{code="200"}',
  'rate(requests_total[5m]) / ignoring (code) group_left sum without (code) (rate(requests_total[5m]))',
  'gauge * on (job, instance) group_left (version) build_info',
  'gauge > 100 and gauge < 150 or gauge{job="db"} unless gauge{instance="a:80"}',
  'rate(requests_total[5m] offset 20m)',
  `gauge @ ${START_MS / 1000 + 1800}`,
  'gauge @ end() - gauge @ start()',
  'max_over_time(rate(requests_total[2m])[20m:1m])',
  'sum_over_time((gauge > bool 100)[10m:30s] offset 5m)',
  'histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m])))',
  'histogram_quantile(0.5, latency_seconds_bucket)',
  'label_replace(gauge, "host", "$1", "instance", "(.*):.*")',
  'label_join(gauge, "both", "-", "job", "instance")',
  'absent(gauge{job="none"})',
  'absent_over_time(missing[5m])',
  'clamp(gauge, 90, 110)',
  'time() - timestamp(gauge)',
  'hour() * 60 + minute()',
  'ln(gauge) + sqrt(gauge) % 3 ^ 2',
  'sort_desc(gauge)',
  'vector(scalar(sum(gauge)))',
  '-gauge{instance="a:80"}',
];

let engine: Engine;
let querier: Querier;
let real: RunningPrometheus;
let folder: string;
let samples = 0;

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), 'live-queries-'));
  engine = createEngine({ monotonicMs: () => performance.now() });
  querier = await scrape();
  await exportBlock(querier);
  real = await startPrometheus({ folder, config: '' });
});

after(async () => {
  await real?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Scrapes all targets at every slot of the time. */
async function scrape(): Promise<Querier> {
  const clock = createVirtualClock(START_MS);
  const nowMs = () => clock.nowMs();
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1), files: { 'prometheus.yml': CONFIG } });
  for (const host of ['a', 'b', 'c', 'd']) {
    const exporter = createExporter(host);
    const headers = { 'Content-Type': TEXT_CONTENT_TYPE };
    ports.http.routes.set(`http://${host}:80/metrics`, () => ({ headers, body: exporter() }));
  }
  const { prometheus, ...configuration } = await loadConfiguration(
    { prometheus: 'prometheus.yml' },
    { files: ports.files, env: () => undefined, checkTemplate: () => {} },
  );
  const batches = createBatchStore(ports, { retentionMs: DAY_MS, nowMs });
  const layouts = createLayoutStore(ports.objects, ports.compression);
  const plans = createPlanStore(ports, nowMs);
  const registry = createTargetRegistry(ports.records, { nowMs, newId: () => 'id' });
  await discoverTargets({ prometheus, ...configuration }, undefined, { files: ports.files, registry, plans });
  const scrapeConfig = async (pool: string) => prometheus.scrapeConfigs.find(({ jobName }) => jobName === pool)!;
  const scraper = createSlotScraper({ ...ports, batches, layouts, plans, scrapeConfig });
  const [{ stream }] = await plans.streams();
  for (let slotMs = START_MS; slotMs <= END_MS; slotMs += INTERVAL_MS) {
    await clock.advanceTo(slotMs);
    await scraper.scrape({ stream, slotMs });
  }
  return createHead({ batches, layouts }, { nowMs }).querier();
}

/** A page at each call: counters that reset now and then, gauges that wander, a histogram. */
function createExporter(host: string): () => string {
  const random = createSeededRandom(host.charCodeAt(0));
  let gauge = 100;
  let counts: Record<string, number> = { 200: 0, 404: 0, 500: 0 };
  let buckets = [0, 0, 0, 0];
  return () => {
    if (random.next() < 0.01) {
      counts = { 200: 0, 404: 0, 500: 0 };
      buckets = [0, 0, 0, 0];
    }
    gauge += (random.next() - 0.5) * 10;
    for (const code of Object.keys(counts)) counts[code] += Math.floor(random.next() * 100);
    buckets = buckets.map((count, i) => count + Math.floor(random.next() * (i + 1) * 5));
    return writeText(familiesOf(gauge, counts, buckets));
  };
}

function familiesOf(gauge: number, counts: Record<string, number>, buckets: readonly number[]): MetricFamily[] {
  const bounds = ['0.1', '0.5', '2.5', '+Inf'];
  let sum = 0;
  const inBuckets = buckets.map((count, i) => {
    sum += count;
    return { name: 'latency_seconds_bucket', labels: labelsFromRecord({ le: bounds[i] }), value: sum };
  });
  const requests = Object.entries(counts).map(([code, value]) => {
    return { name: 'requests_total', labels: labelsFromRecord({ code }), value };
  });
  const info = { name: 'build_info', labels: labelsFromRecord({ version: '1.2' }), value: 1 };
  return [
    { name: 'gauge', type: 'gauge', help: '', samples: [{ name: 'gauge', labels: [], value: gauge }] },
    { name: 'requests', type: 'counter', help: '', samples: requests },
    { name: 'latency_seconds', type: 'histogram', help: '', samples: inBuckets },
    { name: 'build', type: 'info', help: '', samples: gauge > 0 ? [info] : [] },
  ];
}

/** Makes a data directory of everything that is stored. */
async function exportBlock(from: Querier): Promise<void> {
  const all = await from.select([createMatcher('__name__', '=~', '.+')], { minMs: START_MS, maxMs: END_MS });
  const families = all.map(({ labels, timestampsMs, values }): MetricFamily => {
    const name = getLabel(labels, '__name__');
    samples += values.length;
    const written = Array.from(values, (value, i) => ({ name, labels, value, timestampMs: timestampsMs[i] }));
    return { name, type: 'unknown', help: '', samples: written };
  });
  const file = join(folder, 'samples.om');
  writeFileSync(file, writeOpenMetrics(mergeByName(families)));
  await runPromtool('tsdb', 'create-blocks-from', 'openmetrics', file, join(folder, 'data'));
}

/** OpenMetrics wants all series of a family together. */
function mergeByName(families: readonly MetricFamily[]): MetricFamily[] {
  const byName = Map.groupBy(families, ({ name }) => name);
  return [...byName.values()].map((some) => ({ ...some[0], samples: some.flatMap((family) => family.samples) }));
}

test('Prometheus serves the very samples that we stored', { skip }, async () => {
  const everything = '{__name__=~".+"}[2h]';
  const { value } = await engine.instant(everything, END_MS, { querier });
  const expected = await real.query('/api/v1/query', { query: everything, time: String(END_MS / 1000) });
  assert.ok(samples > 20_000, `${samples} samples`);
  assert.deepEqual(exact(apiValue(value)), exact(expected as ApiResult));
});

for (const query of QUERIES) {
  test(`answers as Prometheus: ${query}`, { skip }, async () => {
    for (const timeMs of [END_MS, START_MS + 40 * 60_000 + 7_123]) {
      const { value } = await engine.instant(query, timeMs, { querier });
      const expected = await real.query('/api/v1/query', { query, time: String(timeMs / 1000) });
      assertSame(apiValue(value), expected as ApiResult, /^(sort|topk)/.test(query));
    }
    const range = { startMs: START_MS + 20 * 60_000 + 1_000, endMs: END_MS, stepMs: 37_000 };
    const { value } = await engine.range(query, range, { querier });
    const expected = await real.query('/api/v1/query_range', {
      query,
      start: String(range.startMs / 1000),
      end: String(range.endMs / 1000),
      step: String(range.stepMs / 1000),
    });
    assertSame(apiValue(value), expected as ApiResult, true);
  });
}

type Point = readonly [seconds: number, value: string];

interface ApiSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Point;
  readonly values?: readonly Point[];
}

type ApiResult =
  | { readonly resultType: 'scalar' | 'string'; readonly result: Point }
  | { readonly resultType: 'vector' | 'matrix'; readonly result: readonly ApiSeries[] };

/** A result as the API shows it. */
function apiValue(value: ResultValue): ApiResult {
  switch (value.kind) {
    case 'scalar':
      return { resultType: 'scalar', result: [value.timeMs / 1000, formatFloatJson(value.value)] };
    case 'string':
      return { resultType: 'string', result: [value.timeMs / 1000, value.value] };
    case 'vector':
      return {
        resultType: 'vector',
        result: value.samples.map(({ labels, timeMs, value: sample }) => {
          return { metric: labelsToRecord(labels), value: [timeMs / 1000, formatFloatJson(sample)] };
        }),
      };
    case 'matrix':
      return {
        resultType: 'matrix',
        result: value.series.map(({ labels, timestampsMs, values }) => {
          const points = Array.from(values, (v, i): Point => [timestampsMs[i] / 1000, formatFloatJson(v)]);
          return { metric: labelsToRecord(labels), values: points };
        }),
      };
  }
}

/** With the very numbers. */
function exact(result: ApiResult): unknown {
  return seriesOf(result, false).map((one) => ({ metric: { ...one.metric }, values: one.values }));
}

/** What two machines may differ by; on x86-64 all queries here give the very same bits. */
const EPSILON = 1e-12;

function isClose(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= EPSILON * Math.abs(b);
}

/** Numbers may differ in their last digits only, everything else not at all. */
function assertSame(actual: ApiResult, expected: ApiResult, ordered: boolean): void {
  assert.deepEqual(shape(actual, ordered), shape(expected, ordered));
  const [ours, theirs] = [numbers(actual, ordered), numbers(expected, ordered)];
  for (const [i, number] of theirs.entries()) {
    assert.ok(isClose(ours[i], number), `value ${i} is ${ours[i]}, expected ${number}`);
  }
}

function seriesOf({ result, resultType }: ApiResult, ordered: boolean): readonly ApiSeries[] {
  if (resultType === 'scalar' || resultType === 'string') return [{ metric: {}, value: result as Point }];
  const series = result as readonly ApiSeries[];
  return ordered ? series : series.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ metric }: ApiSeries): string {
  return JSON.stringify(Object.entries(metric).sort());
}

/** All but the numbers. */
function shape(result: ApiResult, ordered: boolean): unknown {
  const series = seriesOf(result, ordered).map((one) => {
    return { metric: { ...one.metric }, times: (one.values ?? [one.value!]).map(([seconds]) => seconds) };
  });
  return { resultType: result.resultType, series };
}

function numbers(result: ApiResult, ordered: boolean): number[] {
  return seriesOf(result, ordered).flatMap((one) => {
    return (one.values ?? [one.value!]).map(([, value]) => Number(value.replace('Inf', 'Infinity')));
  });
}
