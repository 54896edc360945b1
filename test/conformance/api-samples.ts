import {
  getLabel,
  goQuote,
  isLegacyLabelName,
  isLegacyMetricName,
  type Labels,
  labelPairs,
  labelsFromRecord,
} from '#shared/model/labels.ts';
import type { ApiWorld } from '#test/support/api-world.ts';

/** Unix seconds of the first sample. */
export const START = 1_700_000_100;
export const STEP = 15;
const STEPS = 121;
/** Of the last sample. */
export const END = START + (STEPS - 1) * STEP;

/** A series, and its value at each step; `undefined` is a gap. */
interface TestSeries {
  readonly labels: Labels;
  readonly type: string;
  at(step: number): number | undefined;
}

function series(type: string, labels: Readonly<Record<string, string>>, at: TestSeries['at']): TestSeries {
  return { type, labels: labelsFromRecord(labels), at };
}

const SERIES: readonly TestSeries[] = [
  ...['a', 'b', 'c'].map((instance, i) => {
    return series('gauge', { __name__: 'up', job: i < 2 ? 'web' : 'db', instance }, (k) => (k % (7 + i) === 6 ? 0 : 1));
  }),
  ...['get', 'post'].flatMap((method, m) => {
    return ['200', '404', '500'].map((code, c) => {
      const rate = (m + 1) * (c + 1) * 1.5;
      const labels = { __name__: 'http_requests_total', job: 'web', method, code };
      return series('counter', labels, (k) => rate * (k >= 60 ? k - 60 : k));
    });
  }),
  ...['0.1', '0.5', '1.0', '+Inf'].map((le, i) => {
    return series('histogram', { __name__: 'latency_seconds_bucket', job: 'web', le }, (k) => (i + 1) * k * 2);
  }),
  series('gauge', { __name__: 'temperature', room: 'kitchen' }, (k) => Math.sin(k / 9) * 20),
  series('gauge', { __name__: 'temperature', room: 'cellar' }, (k) => (k > 40 && k < 80 ? undefined : 8.25)),
  series('gauge', { __name__: 'odd', kind: 'nan' }, () => Number.NaN),
  series('gauge', { __name__: 'odd', kind: 'infinite' }, (k) => (k % 2 === 0 ? Infinity : -Infinity)),
  series('gauge', { __name__: 'odd', kind: 'tiny' }, (k) => 1.5e-9 * (k + 1)),
  series('gauge', { __name__: 'odd', kind: 'huge' }, (k) => 1.25e21 * (k + 1)),
  series('gauge', { __name__: 'odd', kind: 'negative zero' }, () => -0),
  series('gauge', { __name__: 'texts', value: '<b>&"quoted"\\ \n Grüße 🔥' }, (k) => k),
  series('gauge', { __name__: 'my.metric', 'a.label': 'x' }, (k) => k * 0.1),
];

/** The samples in the OpenMetrics text format. */
export function openMetricsText(): string {
  const lines: string[] = [];
  for (const [name, members] of Map.groupBy(SERIES, ({ labels }) => familyOf(labels))) {
    lines.push(`# TYPE ${isLegacyMetricName(name) ? name : goQuote(name)} ${members[0].type}`);
    for (const { labels, at } of members) {
      for (let k = 0; k < STEPS; k++) {
        const value = at(k);
        if (value !== undefined) lines.push(`${sampleName(labels)} ${formatValue(value)} ${START + k * STEP}`);
      }
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

function familyOf(labels: Labels): string {
  return getLabel(labels, '__name__').replace(/_(?:total|bucket)$/, '');
}

/** With the metric name quoted and first, as names that are not legacy ones need it. */
function sampleName(labels: Labels): string {
  const pairs = [...labelPairs(labels)];
  const others = pairs.filter(([name]) => name !== '__name__');
  const texts = others.map(([name, value]) => `${isLegacyLabelName(name) ? name : `"${name}"`}="${escaped(value)}"`);
  return `{${[`"${getLabel(labels, '__name__')}"`, ...texts].join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The same samples in our store. A gap is no end: upstream's import writes no stale markers. */
export async function writeSamples(world: ApiWorld): Promise<void> {
  for (let k = 0; k < STEPS; k++) {
    const sources = SERIES.map(({ labels, at }, i) => {
      const value = at(k);
      return [`s${i}`, value === undefined ? 'unknown' : [[labels, value] as const]] as const;
    });
    await world.write((START + k * STEP) * 1000, Object.fromEntries(sources));
  }
}
