import { LRUCache } from 'lru-cache';
import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import { SeriesCache } from '#shared/exposition/series-cache.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { Logger } from '#shared/ports/logger.ts';
import type { RecordData } from '#shared/ports/record-store.ts';
import type { Batch, Section } from '#shared/tsdb/batch.ts';
import type { BatchStore, StoredBatch } from '#shared/tsdb/batch-store.ts';
import type { LayoutStore } from '#shared/tsdb/layout-store.ts';
import type { FetchPorts } from './fetch-page.ts';
import { failedScrape, type ScrapeOutcome, scrapeTarget, type TargetMemory } from './scrape-target.ts';
import { createSection, type EarlierScrape, type LayoutMemory } from './section.ts';
import type { PlannedTarget, PlanStore } from './shard-plan.ts';
import { publicLabels } from './target.ts';

/** Scrapes the targets of a stream at a slot and stores what came back as one batch. May run twice, late or never. */
export interface SlotScraper {
  scrape(work: { readonly stream: string; readonly slotMs: number }): Promise<SlotResult>;
}

export type SlotResult =
  | {
      readonly kind: 'written';
      readonly targets: number;
      /** Of the targets, those whose scrape failed. */
      readonly failed: number;
      readonly samples: number;
      readonly latenessMs: number;
      /** From the slot's begin, or from when it was late, to the batch's commit. */
      readonly durationMs: number;
    }
  /** The slot had its batch already, or got it while we scraped. */
  | { readonly kind: 'duplicate' }
  /** Too late: the samples would say nothing of the slot any more. */
  | { readonly kind: 'missed'; readonly latenessMs: number }
  /** The stream has no targets and had none. */
  | { readonly kind: 'idle' };

export interface SlotScraperPorts extends FetchPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly batches: BatchStore;
  readonly layouts: LayoutStore;
  readonly plans: PlanStore;
  /** The scrape configuration of a job; for registered targets too. */
  readonly scrapeConfig: (pool: string) => Promise<ScrapeConfig>;
}

/** Within this the samples get the slot's time: 1 % of the interval, as upstream aligns, or what timers can do. */
const MIN_TOLERANCE_MS = 250;
const MAX_LATENESS_MS = 60_000;
/** How far back the batch before may be; beyond the engine's lookback nothing needs a stale marker. */
const MAX_GAP_MS = 3_600_000;
const MAX_WARM_TARGETS = 2_000;

interface WarmTarget extends TargetMemory {
  readonly layout: LayoutMemory;
  /** By which the rest was made. */
  readonly config: ScrapeConfig;
}

/** What of a configuration goes into a target's memory. */
const REMEMBERED = [
  'metricRelabelConfigs',
  'honorLabels',
  'labelLimit',
  'labelNameLengthLimit',
  'labelValueLengthLimit',
  'extraScrapeMetrics',
] as const satisfies readonly (keyof ScrapeConfig)[];

export function createSlotScraper(ports: SlotScraperPorts): SlotScraper {
  const { clock, batches, layouts } = ports;
  const warm = new LRUCache<string, WarmTarget>({ max: MAX_WARM_TARGETS });

  /** Starts anew when a reload changed what the memory was made by. */
  function memoryOf({ id }: PlannedTarget, config: ScrapeConfig): WarmTarget {
    const known = warm.get(id);
    if (known !== undefined && REMEMBERED.every((name) => known.config[name] === config[name])) return known;
    const memory = newMemory(config);
    warm.set(id, memory);
    return memory;
  }

  async function scrapeOne(target: PlannedTarget, slot: SlotContext): Promise<ScrapedTarget> {
    try {
      const config = await ports.scrapeConfig(target.pool);
      const memory = memoryOf(target, config);
      const startMs = clock.monotonicMs();
      const outcome =
        target.forcedError === undefined
          ? await scrapeTarget(target, config, { timeMs: slot.timestampMs, memory, ports })
          : failedScrape(target.forcedError);
      const report = reportOf(outcome, { target, config, durationMs: clock.monotonicMs() - startMs });
      const section = await createSection(outcome, report, {
        source: target.id,
        targetLabels: publicLabels(target),
        earlier: await earlierScrape(slot.before, target.id, layouts),
        layouts,
        memory: memory.layout,
        trackStaleness: config.trackTimestampsStaleness,
      });
      return { section, error: outcome.error };
    } catch (error) {
      ports.logger.error('Cannot scrape target because of a failure of our own', { url: target.scrapeUrl, error });
      return { section: { kind: 'unknown', source: target.id }, error: `internal: ${(error as Error).message}` };
    }
  }

  return {
    async scrape({ stream, slotMs }) {
      const plan = await ports.plans.get(stream);
      if (plan === undefined) return { kind: 'idle' };
      await clock.sleep(slotMs - clock.nowMs());
      const startMs = clock.nowMs();
      const beganMs = clock.monotonicMs();
      const latenessMs = startMs - slotMs;
      const before = await batches.last(stream, { minSlotMs: slotMs - MAX_GAP_MS, maxSlotMs: slotMs });
      if (before?.batch.slotMs === slotMs) return { kind: 'duplicate' };
      if (latenessMs >= Math.min(plan.intervalMs, MAX_LATENESS_MS)) return { kind: 'missed', latenessMs };
      if (plan.targets.length === 0 && (before?.batch.sections.length ?? 0) === 0) return { kind: 'idle' };
      const toleranceMs = Math.max(plan.intervalMs / 100, MIN_TOLERANCE_MS);
      const timestampMs = latenessMs <= toleranceMs ? slotMs : startMs;
      const scraped = await Promise.all(plan.targets.map((target) => scrapeOne(target, { timestampMs, before })));
      const batch: Batch = { slotMs, timestampMs, sections: scraped.map(({ section }) => section) };
      const result = await batches.append(stream, batch, notesOf(scraped));
      if (result === 'duplicate') return { kind: 'duplicate' };
      const failed = scraped.filter(({ error }) => error !== undefined).length;
      const durationMs = clock.monotonicMs() - beganMs;
      return {
        kind: 'written',
        targets: scraped.length,
        failed,
        samples: sampleCount(batch),
        latenessMs,
        durationMs,
      };
    },
  };
}

interface SlotContext {
  readonly timestampMs: number;
  readonly before: StoredBatch | undefined;
}

interface ScrapedTarget {
  readonly section: Section;
  readonly error: string | undefined;
}

function newMemory(config: ScrapeConfig): WarmTarget {
  const layout: LayoutMemory = { labels: [], metadata: [], layout: undefined };
  return { series: new SeriesCache(), labels: new Map(), layout, config };
}

async function earlierScrape(
  before: StoredBatch | undefined,
  source: string,
  layouts: LayoutStore,
): Promise<EarlierScrape | undefined> {
  const section = before?.batch.sections.find((candidate) => candidate.source === source);
  if (section === undefined || section.kind === 'unknown') return undefined;
  const remembered = section.remembered === undefined ? undefined : await layouts.get(section.remembered);
  return { layout: await layouts.get(section.layout), remembered };
}

function reportOf(
  outcome: ScrapeOutcome,
  scrape: { readonly target: PlannedTarget; readonly config: ScrapeConfig; readonly durationMs: number },
) {
  const { target, config } = scrape;
  const extra = {
    timeoutSeconds: target.timeoutMs / 1000,
    sampleLimit: config.sampleLimit,
    bodySizeBytes: outcome.bodySizeBytes,
  };
  return {
    healthy: outcome.error === undefined,
    durationSeconds: scrape.durationMs / 1000,
    samplesScraped: outcome.samplesScraped,
    samplesPostRelabel: outcome.samplesPostRelabel,
    ...(config.extraScrapeMetrics ? { extra } : {}),
  };
}

/** What the targets page shows of targets that failed: source → error. */
function notesOf(scraped: readonly ScrapedTarget[]): RecordData {
  const errors: Record<string, string> = {};
  for (const { section, error } of scraped) if (error !== undefined) errors[section.source] = error;
  return { errors };
}

function sampleCount(batch: Batch): number {
  return batch.sections.reduce((sum, section) => sum + (section.kind === 'sampled' ? section.values.length : 0), 0);
}
