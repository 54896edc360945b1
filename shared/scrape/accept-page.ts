import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import type { Page } from '#shared/exposition/page.ts';
import { formatLabels, getLabel, goQuote, type Labels, METRIC_NAME } from '#shared/model/labels.ts';
import { type LabelRules, sampleLabels } from './sample-labels.ts';

export type PageLimits = Pick<
  ScrapeConfig,
  'honorTimestamps' | 'sampleLimit' | 'labelLimit' | 'labelNameLengthLimit' | 'labelValueLengthLimit'
>;

/** The samples of a page that are to be stored, as columns in the page's order, and what the report says of it. */
export interface AcceptedPage {
  readonly labels: readonly Labels[];
  readonly values: Float64Array;
  /** Unix milliseconds; NaN where the sample has the scrape's time. `undefined` when none has its own. */
  readonly timesMs: Float64Array | undefined;
  /** Samples on the page. */
  readonly scraped: number;
  /** Samples after metric relabelling, repeated ones included. */
  readonly postRelabel: number;
  /** Why the whole page is refused: the samples above are then those before the problem. */
  readonly error: string | undefined;
  /** Whether there were more samples than allowed: the page is refused, and the samples above are the allowed ones. */
  readonly limitExceeded: boolean;
  readonly duplicates: number;
  readonly outOfBounds: number;
}

/** What a label set of this target's pages becomes; `null` when dropped. Only what passed the limits. Kept from scrape to scrape. */
export type LabelCache = Map<Labels, Labels | null>;

/** Explicit timestamps: at most this far ahead of the scrape, and this far behind it. @see prometheus/scrape/manager.go, tsdb/head.go */
const MAX_AHEAD_MS = 600_000;
const MAX_BEHIND_MS = 3_600_000;

/** Applies label rules and limits to a page.
 *  @param cache Keyed by the identity of the page's label sets.
 *  @see prometheus/scrape/scrape.go scrapeLoopAppender.append */
export function acceptPage(
  page: Page,
  rules: LabelRules,
  options: { readonly limits: PageLimits; readonly timeMs: number; readonly cache: LabelCache },
): AcceptedPage {
  const { limits, timeMs, cache } = options;
  const labels: Labels[] = [];
  const values = new Float64Array(page.labels.length);
  const times = new Float64Array(page.labels.length);
  // Upstream tells repeated series by their notation, that is by the identity of the page's label set.
  const seen = new Set<Labels>();
  const counts = { scraped: 0, postRelabel: 0, duplicates: 0, outOfBounds: 0 };
  let appended = 0;
  let explicit = false;
  let error: string | undefined;
  for (let i = 0; i < page.labels.length; i++) {
    const written = page.labels[i];
    counts.scraped++;
    let final = cache.get(written);
    if (final === undefined) {
      final = sampleLabels(written, rules) ?? null;
      error = final === null ? undefined : checkLabels(final, limits);
      if (error !== undefined) break;
      cache.set(written, final);
    }
    if (final === null) continue;
    const own = limits.honorTimestamps ? page.timestampsMs[i] : Number.NaN;
    const hasOwn = !Number.isNaN(own);
    counts.postRelabel++;
    if (seen.has(written) && !hasOwn) {
      counts.duplicates++;
      continue;
    }
    if (limits.sampleLimit > 0 && ++appended > limits.sampleLimit) continue;
    if (hasOwn && (own > timeMs + MAX_AHEAD_MS || own < timeMs - MAX_BEHIND_MS)) {
      counts.outOfBounds++;
      continue;
    }
    seen.add(written);
    values[labels.length] = page.values[i];
    times[labels.length] = own;
    explicit ||= hasOwn;
    labels.push(final);
  }
  const used = labels.length;
  return {
    labels,
    values: values.subarray(0, used),
    timesMs: explicit ? times.subarray(0, used) : undefined,
    error,
    limitExceeded: appended > limits.sampleLimit,
    ...counts,
  };
}

function checkLabels(labels: Labels, limits: PageLimits): string | undefined {
  const metric = getLabel(labels, METRIC_NAME);
  if (metric === '') return 'missing metric name (__name__ label)';
  for (let i = 0; i < labels.length; i++) {
    if (!labels[i].isWellFormed()) return `invalid metric name or label names: ${formatLabels(labels)}`;
  }
  return checkLabelLimits(labels, metric, limits);
}

function checkLabelLimits(labels: Labels, metric: string, limits: PageLimits): string | undefined {
  const { labelLimit, labelNameLengthLimit: nameLimit, labelValueLengthLimit: valueLimit } = limits;
  const count = labels.length / 2;
  const at = `metric: ${metric.slice(0, 50)}`;
  if (labelLimit > 0 && count > labelLimit) {
    return `label_limit exceeded (${at}, number of labels: ${count}, limit: ${labelLimit})`;
  }
  if (nameLimit === 0 && valueLimit === 0) return undefined;
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i];
    const value = labels[i + 1];
    const nameBytes = utf8Length(name);
    if (nameLimit > 0 && nameBytes > nameLimit) {
      return `label_name_length_limit exceeded (${at}, label name: ${name.slice(0, 50)}, length: ${nameBytes}, limit: ${nameLimit})`;
    }
    const valueBytes = utf8Length(value);
    if (valueLimit > 0 && valueBytes > valueLimit) {
      return `label_value_length_limit exceeded (${at}, label name: ${name.slice(0, 50)}, value: ${goQuote(value.slice(0, 50))}, length: ${valueBytes}, limit: ${valueLimit})`;
    }
  }
  return undefined;
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7ff) bytes += unit >= 0xd800 && unit <= 0xdfff ? 1 : 2;
    else if (unit > 0x7f) bytes++;
  }
  return bytes;
}
