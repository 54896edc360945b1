import { getLabel, METRIC_NAME } from '#shared/model/labels.ts';
import type { MetricMetadata } from '#shared/model/storage.ts';
import type { RecordData } from '#shared/ports/record-store.ts';
import type { SampledSection } from '#shared/tsdb/batch.ts';
import type { BatchStore, StoredBatch } from '#shared/tsdb/batch-store.ts';
import type { Layout } from '#shared/tsdb/layout.ts';
import type { LayoutStore } from '#shared/tsdb/layout-store.ts';
import type { PlannedStream, PlannedTarget, PlanStore } from './shard-plan.ts';

/** A target with what came of its last scrape. */
export interface TargetHealth {
  readonly target: PlannedTarget;
  /** `unknown` before the first scrape, and when the last one failed by our own fault. */
  readonly health: 'up' | 'down' | 'unknown';
  /** `''` when there was none. */
  readonly lastError: string;
  /** Unix milliseconds; absent before the first scrape. */
  readonly lastScrapeMs?: number;
  readonly lastScrapeDurationSeconds: number;
  /** What the target said of its metrics. */
  readonly metadata: readonly MetricMetadata[];
}

export interface TargetHealthPorts {
  readonly plans: PlanStore;
  readonly batches: BatchStore;
  readonly layouts: LayoutStore;
}

/** A scrape before this is no longer told of; of long intervals, two scrapes back. */
const MIN_AGE_MS = 3_600_000;
/** How far the writers' clocks may be ahead of ours. */
const MAX_SKEW_MS = 60_000;
/** The report's series end a section; there are at most eight. */
const MAX_REPORT_SERIES = 8;

/** All targets of all plans with their health, ordered by pool, then by URL.
 *  @see prometheus/scrape/target.go Target.Health */
export async function readTargetHealth(ports: TargetHealthPorts, nowMs: number): Promise<readonly TargetHealth[]> {
  const streams = await ports.plans.streams();
  const found = await Promise.all(streams.map((stream) => healthOfStream(stream, ports, nowMs)));
  return found.flat().sort((a, b) => compareTargets(a.target, b.target));
}

function compareTargets(a: PlannedTarget, b: PlannedTarget): number {
  const rank = (x: string, y: string) => (x === y ? 0 : x < y ? -1 : 1);
  return rank(a.pool, b.pool) || rank(a.scrapeUrl, b.scrapeUrl) || rank(a.id, b.id);
}

async function healthOfStream(
  { stream, intervalMs }: PlannedStream,
  { plans, batches, layouts }: TargetHealthPorts,
  nowMs: number,
): Promise<readonly TargetHealth[]> {
  const plan = await plans.get(stream);
  if (plan === undefined || plan.targets.length === 0) return [];
  const minSlotMs = nowMs - Math.max(MIN_AGE_MS, 2 * intervalMs);
  const last = await batches.last(stream, { minSlotMs, maxSlotMs: nowMs + MAX_SKEW_MS });
  return Promise.all(plan.targets.map((target) => healthOf(target, last, layouts)));
}

async function healthOf(
  target: PlannedTarget,
  last: StoredBatch | undefined,
  layouts: LayoutStore,
): Promise<TargetHealth> {
  const section = last?.batch.sections.find(({ source }) => source === target.id);
  const lastError = errorOf(last?.notes, target.id);
  if (last === undefined || section === undefined || section.kind === 'unknown') {
    return { target, health: 'unknown', lastError, lastScrapeDurationSeconds: 0, metadata: [] };
  }
  const layout = await layouts.get(section.layout);
  return {
    target,
    health: reported('up', section, layout) === 1 ? 'up' : 'down',
    lastError,
    lastScrapeMs: last.batch.timestampMs,
    lastScrapeDurationSeconds: reported('scrape_duration_seconds', section, layout) ?? 0,
    metadata: layout.metadata,
  };
}

function errorOf(notes: RecordData | undefined, id: string): string {
  const errors = notes?.errors as Readonly<Record<string, string>> | undefined;
  return errors !== undefined && Object.hasOwn(errors, id) ? errors[id] : '';
}

/** A value of the scrape's report. The page may have a metric of the same name, which comes before the report. */
function reported(name: string, section: SampledSection, { series }: Layout): number | undefined {
  for (let i = series.length - 1; i >= Math.max(0, series.length - MAX_REPORT_SERIES); i--) {
    if (getLabel(series[i], METRIC_NAME) === name) return section.values[i];
  }
  return undefined;
}
