import { goQuote, type Labels, labelsFromPairs } from '#shared/model/labels.ts';
import type { YamlValue } from './yaml-document.ts';
import { readEntries, readText } from './yaml-values.ts';

/** Whether a text may be a label's name: any text but the empty one. (Text that is not UTF-8 does not get this far.) */
export function isLabelName(name: string): boolean {
  return name !== '';
}

/** Reads a map of labels. Empty values are dropped. */
export function readLabels(value: YamlValue | undefined, goType = 'model.LabelSet'): Labels {
  if (value === undefined) return [];
  const entries = readEntries(value, goType) ?? [];
  for (const { key, keyOffset } of entries) {
    if (!isLabelName(key)) value.document.report(keyOffset, `${goQuote(key)} is not a valid label name`);
  }
  return labelsFromPairs(entries.map((entry) => [entry.key, readText(entry.value) ?? '']));
}
