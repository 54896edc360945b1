import { type Labels, labelsKey } from '#shared/model/labels.ts';
import type { MetricMetadata } from '#shared/model/storage.ts';
import type { SampledSection } from '#shared/tsdb/batch.ts';
import { createLayout, type Layout } from '#shared/tsdb/layout.ts';
import type { LayoutStore } from '#shared/tsdb/layout-store.ts';
import { reportSeries, reportValues, type ScrapeReport } from './report.ts';
import type { ScrapeOutcome } from './scrape-target.ts';

/** What the batch before says of a target. */
export interface EarlierScrape {
  readonly layout: Layout;
  /** Where that scrape failed or brought an empty body: what the scrapes before it had. */
  readonly remembered: Layout | undefined;
}

/** The last page's layout, so that a page with the same series costs no hashing. For speed only. */
export interface LayoutMemory {
  labels: readonly Labels[];
  metadata: readonly MetricMetadata[];
  layout: Layout | undefined;
}

/** Makes the section of one scrape, and stores the layouts that it refers to.
 *  @param report All of the report but the number of new series, which only the earlier scrape tells. */
export async function createSection(
  outcome: ScrapeOutcome,
  report: Omit<ScrapeReport, 'seriesAdded'>,
  context: {
    readonly source: string;
    readonly targetLabels: Labels;
    readonly earlier: EarlierScrape | undefined;
    readonly layouts: LayoutStore;
    readonly memory: LayoutMemory;
    readonly trackStaleness: boolean;
  },
): Promise<SampledSection> {
  const { source, targetLabels, earlier, layouts, memory } = context;
  const failed = outcome.error !== undefined;
  // Upstream forgets the series of earlier pages only after a page that has something on it.
  const remembers = failed || outcome.bodySizeBytes === 0;
  const seen = failed ? outcome.refused : outcome.labels;
  const same = !failed && earlier?.remembered === undefined && isRemembered(outcome, memory, earlier?.layout);
  const known = earlier?.remembered ?? earlier?.layout;
  const added = same ? [] : newSeries(seen, known);
  const reported = reportValues({ ...report, seriesAdded: added.length });
  const layout = same
    ? memory.layout!
    : await store([...outcome.labels, ...reportSeries(reported, targetLabels)], outcome.metadata, layouts);
  if (!failed) Object.assign(memory, { labels: outcome.labels, metadata: outcome.metadata, layout });
  const remembered = remembers && known !== undefined ? await rememberedLayout(known, added, layouts) : undefined;
  const first = failed && known === undefined && added.length > 0 ? await store(added, [], layouts) : undefined;
  const pending = outcome.pending.length > 0 ? await store(outcome.pending, [], layouts) : undefined;
  return {
    kind: 'sampled',
    source,
    layout: layout.id,
    remembered: (remembered ?? first)?.id,
    pending: pending?.id,
    trackStaleness: context.trackStaleness,
    values: joined(outcome.values, reported),
    timesMs:
      outcome.timesMs &&
      joined(
        outcome.timesMs,
        reported.map(() => Number.NaN),
      ),
  };
}

/** Whether the page has the very series of the page before, in its order, and says the same of them. */
function isRemembered(outcome: ScrapeOutcome, memory: LayoutMemory, earlier: Layout | undefined): boolean {
  if (memory.layout === undefined || memory.layout.id !== earlier?.id) return false;
  if (memory.labels.length !== outcome.labels.length) return false;
  for (let i = 0; i < outcome.labels.length; i++) if (outcome.labels[i] !== memory.labels[i]) return false;
  return sameMetadata(outcome.metadata, memory.metadata);
}

function sameMetadata(a: readonly MetricMetadata[], b: readonly MetricMetadata[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((x, i) => {
    const y = b[i];
    return x.metric === y.metric && x.type === y.type && x.help === y.help && x.unit === y.unit;
  });
}

/** The series that the target did not have before, each once. */
function newSeries(series: readonly Labels[], known: Layout | undefined): Labels[] {
  const keys = new Set(known?.series.map(labelsKey));
  const added: Labels[] = [];
  for (const labels of series) {
    const key = labelsKey(labels);
    if (keys.has(key)) continue;
    keys.add(key);
    added.push(labels);
  }
  return added;
}

async function rememberedLayout(known: Layout, added: readonly Labels[], layouts: LayoutStore): Promise<Layout> {
  return added.length === 0 ? known : store([...known.series, ...added], [], layouts);
}

async function store(
  series: readonly Labels[],
  metadata: readonly MetricMetadata[],
  layouts: LayoutStore,
): Promise<Layout> {
  const { layout, body } = createLayout(series, metadata);
  await layouts.put(layout, body);
  return layout;
}

function joined(values: Float64Array, more: readonly number[]): Float64Array {
  const all = new Float64Array(values.length + more.length);
  all.set(values);
  all.set(more, values.length);
  return all;
}
