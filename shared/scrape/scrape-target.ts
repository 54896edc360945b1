import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import { ExpositionError, type Page } from '#shared/exposition/page.ts';
import { parsePage } from '#shared/exposition/parse.ts';
import type { SeriesCache } from '#shared/exposition/series-cache.ts';
import type { Labels } from '#shared/model/labels.ts';
import type { MetricMetadata } from '#shared/model/storage.ts';
import { type AcceptedPage, acceptPage, type LabelCache } from './accept-page.ts';
import { type FetchedPage, type FetchPorts, fetchPage } from './fetch-page.ts';
import { publicLabels, type Target } from './target.ts';

/** One scrape of one target, before it becomes a section. */
export interface ScrapeOutcome {
  /** What is stored of the page; empty when the scrape failed. */
  readonly labels: readonly Labels[];
  readonly values: Float64Array;
  readonly timesMs: Float64Array | undefined;
  readonly metadata: readonly MetricMetadata[];
  /** Series of a page that was refused half way: they were there. */
  readonly refused: readonly Labels[];
  /** Those of `refused` that are not stale now, but would be at the next scrape without them. */
  readonly pending: readonly Labels[];
  readonly samplesScraped: number;
  readonly samplesPostRelabel: number;
  readonly bodySizeBytes: number;
  /** `undefined` when healthy. */
  readonly error: string | undefined;
  readonly duplicates: number;
  readonly outOfBounds: number;
}

/** What a warm worker keeps of a target, for speed only. */
export interface TargetMemory {
  readonly series: SeriesCache;
  readonly labels: LabelCache;
}

/** Scrapes a target. A target's failure is an outcome.
 *  @param timeMs The time that samples without their own get.
 *  @throws {Error} For our own failures: they say nothing of the target. */
export async function scrapeTarget(
  target: Target,
  config: ScrapeConfig,
  options: { readonly timeMs: number; readonly memory: TargetMemory; readonly ports: FetchPorts },
): Promise<ScrapeOutcome> {
  const fetched = await fetchPage(target, config, options.ports);
  if (!fetched.ok) return { ...failedScrape(fetched.error), bodySizeBytes: fetched.bodySizeBytes };
  const { page, parseError } = parse(fetched, options.memory.series);
  trim(options.memory.labels, page.labels.length);
  const rules = {
    targetLabels: publicLabels(target),
    honorLabels: config.honorLabels,
    metricRelabelConfigs: config.metricRelabelConfigs,
  };
  const accepted = acceptPage(page, rules, { limits: config, timeMs: options.timeMs, cache: options.memory.labels });
  const limitError = accepted.limitExceeded ? 'sample limit exceeded' : undefined;
  return outcomeOf(accepted, {
    page,
    bodySizeBytes: fetched.body.length,
    error: accepted.error ?? parseError ?? limitError,
    trackStaleness: config.trackTimestampsStaleness,
  });
}

/** The outcome of a scrape that brought nothing. */
export function failedScrape(error: string | undefined): ScrapeOutcome {
  return {
    labels: [],
    values: new Float64Array(),
    timesMs: undefined,
    metadata: [],
    refused: [],
    pending: [],
    samplesScraped: 0,
    samplesPostRelabel: 0,
    bodySizeBytes: 0,
    error,
    duplicates: 0,
    outOfBounds: 0,
  };
}

function parse(
  fetched: Extract<FetchedPage, { ok: true }>,
  cache: SeriesCache,
): { readonly page: Page; readonly parseError: string | undefined } {
  if (fetched.body.length === 0) return { page: EMPTY_PAGE, parseError: undefined };
  try {
    return { page: parsePage(fetched.body, fetched.format, cache), parseError: undefined };
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    return { page: error.partial, parseError: error.message };
  }
}

const EMPTY_PAGE: Page = { labels: [], values: new Float64Array(), timestampsMs: new Float64Array(), metadata: [] };

function outcomeOf(
  accepted: AcceptedPage,
  scrape: {
    readonly page: Page;
    readonly bodySizeBytes: number;
    readonly error: string | undefined;
    readonly trackStaleness: boolean;
  },
): ScrapeOutcome {
  const counts = {
    samplesScraped: accepted.scraped,
    samplesPostRelabel: accepted.postRelabel,
    bodySizeBytes: scrape.bodySizeBytes,
    duplicates: accepted.duplicates,
    outOfBounds: accepted.outOfBounds,
  };
  const { labels, values, timesMs } = accepted;
  if (scrape.error !== undefined) {
    const isTracked = (i: number) => scrape.trackStaleness || Number.isNaN(timesMs?.[i] ?? Number.NaN);
    const pending = labels.filter((_, i) => isTracked(i));
    return { ...failedScrape(scrape.error), ...counts, refused: labels, pending };
  }
  return { ...failedScrape(undefined), ...counts, labels, values, timesMs, metadata: scrape.page.metadata };
}

/** Label sets whose identity changed are never asked for again. */
function trim(cache: LabelCache, seriesCount: number): void {
  if (cache.size > 2 * seriesCount + 1000) cache.clear();
}
