import { getLabel, type Labels, labelsKey } from '#shared/model/labels.ts';
import { type Alert, isResolved } from './alert.ts';
import type { InhibitRuleConfig } from './config.ts';
import { matchesAll } from './route.ts';

/** Says which alert inhibits a label set. */
export interface Inhibitor {
  /** The fingerprint of a firing source alert of the first rule that inhibits the labels, as a list of none or one. */
  inhibitedBy(labels: Labels): readonly string[];
}

interface IndexedRule {
  readonly config: InhibitRuleConfig;
  /** Firing source alerts by the values of the `equal` labels, ordered by fingerprint. */
  readonly sources: ReadonlyMap<string, readonly Alert[]>;
}

/** Indexes the firing alerts by the rules they are a source of. The index is built when it is first asked.
 *  @see alertmanager/inhibit/inhibit.go Inhibitor.Mutes */
export function createInhibitor(
  rules: readonly InhibitRuleConfig[],
  alerts: Iterable<Alert>,
  nowMs: number,
): Inhibitor {
  let indexed: readonly IndexedRule[] | undefined;
  return {
    inhibitedBy(labels) {
      indexed ??= indexRules(rules, alerts, nowMs);
      for (const rule of indexed) {
        const source = findSource(rule, labels);
        if (source !== undefined) return [source.fingerprint];
      }
      return [];
    },
  };
}

function indexRules(rules: readonly InhibitRuleConfig[], alerts: Iterable<Alert>, nowMs: number): IndexedRule[] {
  if (rules.length === 0) return [];
  const firing = Array.from(alerts)
    .filter((alert) => !isResolved(alert, nowMs))
    .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
  return rules.map((config) => ({
    config,
    sources: Map.groupBy(
      firing.filter((alert) => matchesAll(config.sourceMatchers, alert.labels)),
      (alert) => equalKey(config, alert.labels),
    ),
  }));
}

/** An alert that matches both sides of a rule is not inhibited by others that do, itself among them. */
function findSource({ config, sources }: IndexedRule, labels: Labels): Alert | undefined {
  if (!matchesAll(config.targetMatchers, labels)) return undefined;
  const candidates = sources.get(equalKey(config, labels)) ?? [];
  if (!matchesAll(config.sourceMatchers, labels)) return candidates[0];
  return candidates.find((source) => !matchesAll(config.targetMatchers, source.labels));
}

/** Two alerts agree on the `equal` labels when their keys are equal; a missing label equals an empty one. */
function equalKey(config: InhibitRuleConfig, labels: Labels): string {
  return labelsKey(config.equal.map((name) => getLabel(labels, name)));
}
