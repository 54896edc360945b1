import { formatFloatPlain } from '#shared/model/float.ts';
import { isLegacyLabelName, isLegacyMetricName, labelPairs, METRIC_NAME } from '#shared/model/labels.ts';
import type { MetricType } from '#shared/model/storage.ts';
import { formatTextFloat } from './float-text.ts';
import type { FamilySample, MetricFamily } from './metric-family.ts';
import { secondsToMs } from './number-reader.ts';
import { normalizeBound } from './series-labels.ts';

/** The `Content-Type` of what `writeText` makes. */
export const TEXT_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The text format has fewer types. */
const TEXT_TYPES: Readonly<Record<MetricType, string>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  unknown: 'untyped',
};

/** What OpenMetrics adds to the name of a family in its series. */
const OPENMETRICS_SUFFIXES: Partial<Record<MetricType, string>> = { counter: '_total', info: '_info' };

/** Writes families as Prometheus text 0.0.4. Names that are not `[a-zA-Z_:][a-zA-Z0-9_:]*` are quoted, which readers of
 *  1.0.0 understand. Units have no place in this format.
 *  @see prometheus/common/expfmt/text_create.go */
export function writeText(families: readonly MetricFamily[]): string {
  return families.map(textFamily).join('');
}

function textFamily(family: MetricFamily): string {
  const name = writeName(textName(family));
  const help = family.help === '' ? '' : `# HELP ${name} ${escapeHelp(family.help)}\n`;
  return `${help}# TYPE ${name} ${TEXT_TYPES[family.type]}\n${family.samples.map(textSample).join('')}`;
}

/** In the text format a family of one series a label set is named like the series. */
function textName({ name, type, samples }: MetricFamily): string {
  const suffixed = `${name}${OPENMETRICS_SUFFIXES[type] ?? ''}`;
  return samples.some((sample) => sample.name === suffixed) ? suffixed : name;
}

function textSample(sample: FamilySample): string {
  const timestamp = sample.timestampMs === undefined ? '' : ` ${formatFloatPlain(sample.timestampMs)}`;
  return `${writeSeries(sample)} ${formatTextFloat(sample.value)}${timestamp}\n`;
}

/** Writes families as OpenMetrics 1.0.0, with `# EOF`. A counter whose series do not end in `_total`, and an info whose
 *  series do not end in `_info`, is written as `unknown`.
 *  @throws {RangeError} When a family's name does not end in its unit.
 *  @see prometheus/common/expfmt/openmetrics_create.go */
export function writeOpenMetrics(families: readonly MetricFamily[]): string {
  return `${families.map(openMetricsFamily).join('')}# EOF\n`;
}

function openMetricsFamily(family: MetricFamily): string {
  const { name, type } = openMetricsHead(family);
  const written = writeName(name);
  const help = family.help === '' ? '' : `# HELP ${written} ${escapeLabel(family.help)}\n`;
  const unit = openMetricsUnit(name, family.unit ?? '');
  const samples = family.samples.map((sample) => openMetricsSample(sample, type)).join('');
  return `# TYPE ${written} ${type}\n${unit}${help}${samples}`;
}

function openMetricsHead({ name, type, samples }: MetricFamily): { name: string; type: MetricType } {
  const suffix = OPENMETRICS_SUFFIXES[type];
  if (suffix === undefined) return { name, type };
  const bare = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  const allowed = [`${bare}${suffix}`, `${bare}_created`];
  return samples.every((sample) => allowed.includes(sample.name)) ? { name: bare, type } : { name, type: 'unknown' };
}

function openMetricsUnit(name: string, unit: string): string {
  if (unit === '') return '';
  if (name.endsWith(`_${unit}`)) return `# UNIT ${writeName(name)} ${unit}\n`;
  throw new RangeError(`Cannot write metric "${name}" as OpenMetrics: its name must end in its unit "${unit}"`);
}

function openMetricsSample(sample: FamilySample, type: MetricType): string {
  const timestamp = sample.timestampMs === undefined ? '' : ` ${formatFloatPlain(readableSeconds(sample.timestampMs))}`;
  return `${writeSeries(sample, type)} ${openMetricsValue(sample.value)}${timestamp}\n`;
}

/** Whole numbers in digits, because counts must be whole. */
function openMetricsValue(value: number): string {
  return Number.isSafeInteger(value) ? formatFloatPlain(value) : formatTextFloat(value);
}

/** Seconds that Prometheus reads back as exactly these milliseconds: it cuts `seconds * 1000`, which 1.001 does not
 *  survive; the next float does. */
function readableSeconds(timestampMs: number): number {
  const seconds = timestampMs / 1000;
  return secondsToMs(seconds) === timestampMs ? seconds : seconds * (1 + Number.EPSILON);
}

/** @param type Given, `le` and `quantile` are written in OpenMetrics's form. */
function writeSeries({ name, labels }: FamilySample, type?: MetricType): string {
  const parts: string[] = [];
  for (const [label, value] of labelPairs(labels)) {
    if (label === METRIC_NAME) continue;
    const bound = type === undefined ? value : normalizeBound(type, label, value);
    parts.push(`${isLegacyLabelName(label) ? label : quote(label)}="${escapeLabel(bound)}"`);
  }
  const bare = isLegacyMetricName(name);
  if (!bare) parts.unshift(quote(name));
  return `${bare ? name : ''}${parts.length === 0 ? '' : `{${parts.join(',')}}`}`;
}

function writeName(name: string): string {
  return isLegacyMetricName(name) ? name : quote(name);
}

function quote(text: string): string {
  return `"${escapeLabel(text)}"`;
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
