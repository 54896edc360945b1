import { formatFloatGeneral } from '#shared/model/float.ts';
import { formatHistogram } from '#shared/model/histogram/text.ts';
import type { Histogram } from '#shared/model/histogram.ts';
import {
  getLabel,
  goQuote,
  isLegacyLabelName,
  type Labels,
  labelPairs,
  labelsToRecord,
  METRIC_NAME,
  withLabel,
} from '#shared/model/labels.ts';
import { FLOAT, type TypedSamples, WHOLE_HISTOGRAM } from '#shared/tsdb/block/typed-samples.ts';

/** How a series is printed: a line a sample, or one, or none. */
export type SeriesFormatter = (series: TypedSamples) => string;

/** `{__name__="up", job="node"} 1 1700000000000`, a line a sample.
 *  @see prometheus/cmd/promtool/tsdb.go formatSeriesSet */
export function formatSamples(series: TypedSamples): string {
  const labels = allLabels(series.labels);
  const { timestampsMs, values, histograms, kinds } = series;
  let out = '';
  for (let i = 0; i < kinds.length; i++) {
    const sample = kinds[i] === FLOAT ? formatFloatGeneral(values[i]) : histogramText(histograms?.[i], kinds[i]);
    out += `${labels} ${sample} ${timestampsMs[i]}\n`;
  }
  return out;
}

/** All labels within braces, the metric name like any other. */
function allLabels(labels: Labels): string {
  const parts: string[] = [];
  for (const [name, value] of labelPairs(labels)) {
    parts.push(`${isLegacyLabelName(name) ? name : goQuote(name)}=${goQuote(value)}`);
  }
  return `{${parts.join(', ')}}`;
}

/** What upstream makes of the stale marker behind a histogram: its sum is the marker. */
const STALE_HISTOGRAM = '{count:0, sum:NaN}';

function histogramText(histogram: Histogram | undefined, kind: number): string {
  if (histogram === undefined) return STALE_HISTOGRAM;
  return kind === WHOLE_HISTOGRAM ? formatHistogram(histogram, String) : formatHistogram(histogram);
}

/** `up{job="node"} 1 1700000000.000`, a line a float; a series ends at its first native histogram.
 *  @see prometheus/cmd/promtool/tsdb.go formatSeriesSetOpenMetrics */
export function formatOpenMetrics(series: TypedSamples): string {
  const { timestampsMs, values, kinds } = series;
  const pairs = [...labelPairs(withLabel(series.labels, METRIC_NAME, ''))];
  const labels = `{${pairs.map(([name, value]) => `${name}=${goQuote(value)}`).join(',')}}`;
  const name = getLabel(series.labels, METRIC_NAME);
  let out = '';
  for (let i = 0; i < kinds.length && kinds[i] === FLOAT; i++) {
    out += `${name}${labels} ${formatFloatGeneral(values[i])} ${(timestampsMs[i] / 1000).toFixed(3)}\n`;
  }
  return out;
}

/** The labels as JSON, a line a series, as Go writes it. @see prometheus/cmd/promtool/tsdb.go formatSeriesSetLabelsToJSON */
export function formatLabelsJson({ labels }: TypedSamples): string {
  const text = JSON.stringify(labelsToRecord(labels));
  const escaped = text.replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${escaped}\n`;
}
