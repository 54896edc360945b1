import { createVirtualClock, type VirtualClock } from '#shared/adapters/memory/clock.ts';
import type { RouteAnswer } from '#shared/adapters/memory/http-client.ts';
import { createMemoryPorts, type MemoryPorts } from '#shared/adapters/memory/memory-ports.ts';
import { createSeededRandom } from '#shared/adapters/memory/random.ts';
import { loadPrometheusConfig } from '#shared/config/load-prometheus.ts';
import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';
import { createMatcher } from '#shared/model/matcher.ts';
import { populateTarget } from '#shared/scrape/populate.ts';
import { createSlotScraper, type SlotResult, type SlotScraper } from '#shared/scrape/scrape-slot.ts';
import { createPlanStore, type PlannedTarget, type PlanStore } from '#shared/scrape/shard-plan.ts';
import { type BatchStore, createBatchStore } from '#shared/tsdb/batch-store.ts';
import { createHead } from '#shared/tsdb/head/head.ts';
import { createLayoutStore, type LayoutStore } from '#shared/tsdb/layout-store.ts';
import { formatSeries } from '#test/support/stored-samples.ts';

export const STREAM = 'scrape-10000-0';
export const INTERVAL_MS = 10_000;
/** Slot 0 of the tests: a multiple of the interval. */
export const EPOCH_MS = 1_000_000_000;

/** What a target answers; a function is called, and may throw. */
export type Answer = string | RouteAnswer | (() => RouteAnswer | Promise<RouteAnswer>);

/** A scraper of some targets over memory adapters. Slots are counted from 0; so are the times that are shown, in seconds. */
export interface ScrapeWorld {
  readonly clock: VirtualClock;
  readonly ports: MemoryPorts;
  readonly plans: PlanStore;
  readonly batches: BatchStore;
  readonly layouts: LayoutStore;
  /** A scraper that remembers nothing of those before: another worker. */
  newScraper(): SlotScraper;
  /** Makes `hosts` the targets of the stream. */
  plan(hosts: readonly string[], change?: Partial<PlannedTarget>): Promise<void>;
  /** Scrapes slot `slot`, in time, each host answering as given. */
  scrape(slot: number, answers: Readonly<Record<string, Answer>>, scraper?: SlotScraper): Promise<SlotResult>;
  /** What is stored, without report series: `a{…} 1@0 stale@10`. Labels of the target are left out. */
  stored(): Promise<string[]>;
  /** The values of one report series of host `a`, in order. */
  report(name: string): Promise<string>;
}

/** @param yaml Lines of the scrape configuration. @param env.timestampsMs Whether times are shown in milliseconds. */
export function openScrapeWorld(yaml: readonly string[] = []): ScrapeWorld {
  const clock = createVirtualClock(EPOCH_MS - 5_000);
  const nowMs = () => clock.nowMs();
  const ports = createMemoryPorts({ clock, random: createSeededRandom(1) });
  const batches = createBatchStore(ports, { retentionMs: 86_400_000, nowMs });
  const layouts = createLayoutStore(ports.objects, ports.compression);
  const plans = createPlanStore(ports, nowMs);
  const config = configOf(yaml);
  const newScraper = () => createSlotScraper({ ...ports, batches, layouts, plans, scrapeConfig: async () => config });
  const scraper = newScraper();
  const select = async (name: string, host: string) => {
    const matchers = [createMatcher('__name__', '=~', name), createMatcher('instance', '=~', host)];
    const range = { minMs: EPOCH_MS - 10_000_000, maxMs: EPOCH_MS + 10_000_000 };
    return formatSeries(await createHead({ batches, layouts }, { nowMs }).querier().select(matchers, range));
  };
  return {
    clock,
    ports,
    plans,
    batches,
    layouts,
    newScraper,
    async plan(hosts, change = {}) {
      const targets = hosts.map((host) => ({ ...targetOf(host, config), ...change }));
      await plans.put(STREAM, { intervalMs: INTERVAL_MS, targets });
    },
    async scrape(slot, answers, by = scraper) {
      for (const [host, answer] of Object.entries(answers)) {
        ports.http.routes.set(`http://${host}:80/metrics`, () => answerOf(answer));
      }
      const slotMs = EPOCH_MS + slot * INTERVAL_MS;
      if (clock.nowMs() < slotMs) await clock.advanceTo(slotMs);
      return by.scrape({ stream: STREAM, slotMs });
    },
    async stored() {
      const lines = await select('.+', '.*');
      return lines.map(relative).filter((line) => !/^(up|scrape_\w+)\b/.test(line));
    },
    async report(name) {
      const [line = ''] = await select(name, 'a:80');
      return line
        .split(' ')
        .slice(1)
        .filter((word) => word.includes('@') && !word.includes('"'))
        .map((word) => word.split('@')[0])
        .join(' ');
    },
  };
}

function configOf(lines: readonly string[]): ScrapeConfig {
  const job = ['  - job_name: j', ...lines.map((line) => `    ${line}`)].join('\n');
  const yaml = `global: { scrape_interval: 10s, scrape_timeout: 5s }\nscrape_configs:\n${job}\n`;
  return loadPrometheusConfig('prometheus.yml', yaml, () => undefined).scrapeConfigs[0];
}

function targetOf(host: string, config: ScrapeConfig): PlannedTarget {
  const populated = populateTarget(labelsFromRecord({ __address__: `${host}:80` }), [], config);
  if (populated.kind !== 'target') throw new Error(`Cannot plan host "${host}": ${populated.kind}`);
  return populated.target;
}

async function answerOf(answer: Answer): Promise<RouteAnswer> {
  if (typeof answer === 'function') return answer();
  const headers = { 'Content-Type': 'text/plain; version=0.0.4' };
  return typeof answer === 'string' ? { headers, body: answer.replaceAll('; ', '\n').concat('\n') } : answer;
}

/** Seconds from slot 0, and no labels of the target `a`. */
function relative(line: string): string {
  return line
    .replaceAll(/@(\d+)/g, (_, ms: string) => `@${(Number(ms) - EPOCH_MS) / 1000}`)
    .replace('instance="a:80", job="j"', '')
    .replace(', }', '}')
    .replace('{}', '');
}
