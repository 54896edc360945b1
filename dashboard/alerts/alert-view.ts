import type {
  AlertingRule,
  AlertState,
  LabelRecord,
  ReceivedAlert,
  RecordingRule,
  RuleAlert,
  RuleGroup,
} from '../api-types.ts';

/** An alerting rule with its place and its alerts. */
export interface RuleView {
  readonly rule: AlertingRule;
  readonly group: string;
  readonly file: string;
  readonly alerts: readonly AlertView[];
}

/** An alert of a rule, with what Alertmanager does with it. */
export interface AlertView {
  readonly alert: RuleAlert;
  /** Absent while it is pending, and until Alertmanager has it. */
  readonly received: ReceivedAlert | undefined;
}

/** What the page shows: the rules' alerts, and alerts that others sent. */
export interface AlertsView {
  readonly rules: readonly RuleView[];
  readonly others: readonly ReceivedAlert[];
}

/** Puts together what the rules and what Alertmanager say of the same alerts. Alertmanager's may have more labels: the
 *  external ones. */
export function joinAlerts(groups: readonly RuleGroup[], received: readonly ReceivedAlert[]): AlertsView {
  const byName = Map.groupBy(received, ({ labels }) => labels.alertname);
  const known = new Set<ReceivedAlert>();
  const join = (alert: RuleAlert): AlertView => {
    if (alert.state !== 'firing') return { alert, received: undefined };
    const found = byName.get(alert.labels.alertname)?.find(({ labels }) => hasLabels(labels, alert.labels));
    if (found !== undefined) known.add(found);
    return { alert, received: found };
  };
  const rules = groups.flatMap(({ name, file, rules: members }) => {
    return members.filter(isAlerting).map((rule) => ({ rule, group: name, file, alerts: rule.alerts.map(join) }));
  });
  return { rules, others: received.filter((alert) => !known.has(alert)) };
}

export function isAlerting(rule: AlertingRule | RecordingRule): rule is AlertingRule {
  return rule.type === 'alerting';
}

function hasLabels(labels: LabelRecord, wanted: LabelRecord): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/** How many rules are in each state. */
export function countStates(rules: readonly RuleView[]): Readonly<Record<AlertState, number>> {
  const counts = { inactive: 0, pending: 0, firing: 0 };
  for (const { rule } of rules) counts[rule.state]++;
  return counts;
}
