import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { RuleConfig, RuleGroupConfig } from '#shared/config/rules-config.ts';
import type { SlotGrid } from '#shared/schedule/slot.ts';

/** A key for each rule of a group: name and labels, and a number for those that share both. A rule whose expression
 *  changes keeps its key, and so its alerts. @see prometheus/rules/group.go nameAndLabels */
export function ruleKeys(rules: readonly RuleConfig[]): readonly string[] {
  const counts = new Map<string, number>();
  return rules.map((rule) => {
    const identity = hashOf([ruleName(rule), ...rule.labels]);
    const count = counts.get(identity) ?? 0;
    counts.set(identity, count + 1);
    return `${identity}-${count}`;
  });
}

export function ruleName(rule: RuleConfig): string {
  return rule.kind === 'recording' ? rule.record : rule.alert;
}

/** The stream that a group writes its results to. */
export function groupStream(group: Pick<RuleGroupConfig, 'file' | 'name'>): string {
  return `rules-${hashOf([group.file, group.name])}`;
}

/** When a group is evaluated: groups are spread over their interval by name, at whole seconds. */
export function groupGrid(group: Pick<RuleGroupConfig, 'file' | 'name' | 'intervalMs'>): SlotGrid {
  const seconds = Math.max(1, Math.floor(group.intervalMs / 1000));
  const hash = Number.parseInt(hashOf([group.file, group.name]).slice(0, 8), 16);
  return { intervalMs: group.intervalMs, offsetMs: (hash % seconds) * 1000 };
}

function hashOf(texts: readonly string[]): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(texts)))).slice(0, 16);
}
