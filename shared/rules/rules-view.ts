import type { RuleConfig, RuleGroupConfig } from '#shared/config/rules-config.ts';
import { compareStrings } from '#shared/model/labels.ts';
import { type GroupStorePorts, readGroupState } from './group-store.ts';
import { groupStream, ruleKeys } from './rule-key.ts';
import type { GroupState, RuleState } from './state.ts';

/** A configured group with what it remembers; nothing before its first evaluation. */
export interface RuleGroupView {
  readonly group: RuleGroupConfig;
  readonly state: GroupState | undefined;
  /** In the order of the file. */
  readonly rules: readonly RuleView[];
}

export interface RuleView {
  readonly rule: RuleConfig;
  readonly state: RuleState | undefined;
}

/** The configured groups with their states, ordered by file, then by name.
 *  @see prometheus/rules/manager.go RuleGroups */
export async function readRuleGroups(
  ports: GroupStorePorts,
  groups: readonly RuleGroupConfig[],
): Promise<readonly RuleGroupView[]> {
  const views = await Promise.all(groups.map((group) => viewGroup(ports, group)));
  return views.sort((a, b) => {
    return compareStrings(a.group.file, b.group.file) || compareStrings(a.group.name, b.group.name);
  });
}

async function viewGroup(ports: GroupStorePorts, group: RuleGroupConfig): Promise<RuleGroupView> {
  const state = (await readGroupState(ports, groupStream(group)))?.value;
  const keys = ruleKeys(group.rules);
  const rules = group.rules.map((rule, i) => ({ rule, state: state?.rules[keys[i]] }));
  return { group, state, rules };
}

/** The state of an alerting rule: that of its most advanced alert.
 *  @see prometheus/rules/alerting.go AlertingRule.State */
export function alertingState(state: RuleState | undefined): 'unknown' | 'inactive' | 'pending' | 'firing' {
  if (state === undefined) return 'unknown';
  if (state.alerts.some((alert) => alert.state === 'firing')) return 'firing';
  return state.alerts.length > 0 ? 'pending' : 'inactive';
}
