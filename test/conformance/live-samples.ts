import { formatFloatGeneral } from '#shared/model/float.ts';
import { formatLabels, getLabel, type Labels, labelsFromRecord, withLabel } from '#shared/model/labels.ts';
import { isStaleAt, wordsOf } from '#shared/model/stale.ts';
import type { SeriesSamples } from '#shared/model/storage.ts';
import { parseMetric } from '#shared/promql/syntax/parser.ts';

/** A stored sample, apart from who stored it. */
export interface LiveSample {
  readonly labels: Labels;
  readonly timeMs: number;
  /** `stale` for a stale marker. */
  readonly value: string;
}

/** Our samples. */
export function ourSamples(series: readonly SeriesSamples[]): LiveSample[] {
  return series.flatMap(({ labels, timestampsMs, values }) => {
    const words = wordsOf(values);
    return Array.from(timestampsMs, (timeMs, i) => {
      return { labels, timeMs, value: isStaleAt(words, i) ? 'stale' : formatFloatGeneral(values[i]) };
    });
  });
}

interface ApiSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [seconds: number, value: string])[];
}

/** The samples of the real Prometheus. Its dump prints every NaN as `NaN`, and its range selectors leave out the stale
 *  markers and nothing else: a NaN that only the dump has is a stale marker.
 *  @param dump Of `promtool tsdb dump`. @param matrix Of an instant query `{__name__=~".+"}[…]` over the same time. */
export function realSamples(dump: string, matrix: readonly ApiSeries[]): LiveSample[] {
  const ordinary = new Set<string>();
  for (const { metric, values } of matrix) {
    const name = formatLabels(labelsFromRecord(metric));
    for (const [seconds] of values) ordinary.add(`${name} ${Math.round(seconds * 1000)}`);
  }
  return dump
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, metric, value, time] = /^(\{.*\}) (\S+) (-?\d+)$/.exec(line)!;
      const labels = parseMetric(metric, { unquotedUtf8Names: true });
      const isOrdinary = value !== 'NaN' || ordinary.has(`${formatLabels(labels)} ${time}`);
      return { labels, timeMs: Number(time), value: isOrdinary ? value : 'stale' };
    });
}

export interface LiveSelection {
  readonly job: string;
  /** Only this many scrapes are compared: the first ones. */
  readonly scrapes: number;
  /** When the job's exporter was scraped first; absent: never. */
  readonly startMs: number | undefined;
  /** Whether `scrape_series_added` is compared. */
  readonly withSeriesAdded: boolean;
}

/** What is compared: a line for each series, with its samples in order as `value@place`. A place is the number of the
 *  scrape, or the milliseconds from the exporter's first page. Of durations only that they are there. */
export function comparable(samples: readonly LiveSample[], options: LiveSelection): string[] {
  const own = samples.filter(({ labels }) => jobOf(labels) === options.job);
  const times = own.filter(({ labels }) => isReport(labels)).map(({ timeMs }) => timeMs);
  const places = new Map([...new Set(times)].sort((a, b) => a - b).map((timeMs, i) => [timeMs, i]));
  const table: Record<string, string[]> = {};
  for (const { labels, timeMs, value } of own.toSorted((a, b) => a.timeMs - b.timeMs)) {
    const scrape = places.get(timeMs);
    if (scrape !== undefined && scrape >= options.scrapes) continue;
    if (getLabel(labels, '__name__') === 'scrape_series_added' && !options.withSeriesAdded) continue;
    const name = formatLabels(labels);
    const shown = getLabel(labels, '__name__') === 'scrape_duration_seconds' && value !== 'stale' ? 'some' : value;
    const place = scrape === undefined ? `${timeMs - (options.startMs ?? 0)}ms` : `#${scrape}`;
    (table[name] ??= []).push(`${shown}@${place}`);
  }
  return Object.entries(table)
    .map(([name, shown]) => [name, ...shown].join(' '))
    .sort();
}

/** The job that scraped a sample; its own labels may tell of another. */
function jobOf(labels: Labels): string {
  return getLabel(labels, 'scraped_by');
}

function isReport(labels: Labels): boolean {
  const plain = ['__name__', 'instance', 'job', 'scraped_by', 'zone'].reduce(
    (rest, name) => withLabel(rest, name, ''),
    labels,
  );
  return plain.length === 0 && getLabel(labels, '__name__') === 'scrape_duration_seconds';
}
