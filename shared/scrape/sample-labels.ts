import { emptyNames } from '#shared/exposition/series-labels.ts';
import { getLabel, type Labels, labelPairs, labelsFromPairs, METRIC_NAME } from '#shared/model/labels.ts';
import { relabel } from '#shared/relabel/relabel.ts';
import type { RelabelConfig } from '#shared/relabel/relabel-config.ts';

/** How the labels of a page become those of the stored series. */
export interface LabelRules {
  /** The target's public labels. */
  readonly targetLabels: Labels;
  readonly honorLabels: boolean;
  readonly metricRelabelConfigs: readonly RelabelConfig[];
}

/** Adds the target's labels and applies metric relabelling; `undefined` when the sample is dropped.
 *  @see prometheus/scrape/scrape.go mutateSampleLabels */
export function sampleLabels(scraped: Labels, rules: LabelRules): Labels | undefined {
  const merged = rules.honorLabels
    ? withMissingLabels(scraped, rules.targetLabels)
    : withTargetLabels(scraped, rules.targetLabels);
  if (rules.metricRelabelConfigs.length === 0) return merged;
  const labels = relabel(merged, rules.metricRelabelConfigs);
  return labels === undefined || labels.length === 0 ? undefined : labels;
}

/** The page's labels win, even those that it wrote with an empty value: the Pushgateway so removes `instance`. */
function withMissingLabels(scraped: Labels, targetLabels: Labels): Labels {
  const empty = emptyNames(scraped);
  const missing = [...labelPairs(targetLabels)].filter(([name]) => !empty.has(name));
  return labelsFromPairs([...missing, ...labelPairs(scraped)]);
}

/** The labels of a report series such as `up`: never relabelled. */
export function reportLabels(name: string, targetLabels: Labels): Labels {
  return withTargetLabels([METRIC_NAME, name], targetLabels);
}

/** The target's labels win; a scraped label in the way is renamed `exported_…`, repeatedly if need be. */
function withTargetLabels(scraped: Labels, targetLabels: Labels): Labels {
  const merged = new Map(labelPairs(scraped));
  const conflicts: [name: string, value: string][] = [];
  for (const [name, value] of labelPairs(targetLabels)) {
    const existing = getLabel(scraped, name);
    if (existing !== '') conflicts.push([name, existing]);
    merged.set(name, value);
  }
  conflicts.sort((a, b) => a[0].length - b[0].length);
  for (const [name, value] of conflicts) {
    let renamed = `exported_${name}`;
    while (merged.has(renamed)) renamed = `exported_${renamed}`;
    merged.set(renamed, value);
  }
  return labelsFromPairs(merged);
}
